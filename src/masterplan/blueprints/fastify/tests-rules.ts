/** `backend/test/<entity>-rules.test.ts`: the rules around one entity. */
import { fileText } from '../layout.ts';
import { entityNamed, type EntityModel, inverseRelations, type ProjectModel } from '../model.ts';
import { mandatoryNames } from '../python-web/samples.ts';
import { entityTest } from './tests-frame.ts';

function requiredTest(entity: EntityModel): string {
  const [name] = mandatoryNames(entity);
  if (name === undefined) return '';
  return `
  it('does not empty a field that must have a value', async () => {
    const { id } = await make${entity.names.pascal}(service.database);

    const response = await service.send('PATCH', \`\${URL}/\${id}\`, { ${name}: null });

    expect(response.statusCode).toBe(422);
    expect(response.json().errors[0].field).toBe('${name}');
  });
`;
}

function referenceTests(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const unknown = [
    ...entity.relations.map(({ name }) => ({ field: `${name}_id`, value: '999' })),
    ...entity.many.map(({ singular }) => ({ field: `${singular}_ids`, value: '[999]' })),
  ];
  const refused = unknown.map(
    ({ field, value }) => `
  it('refuses an unknown ${field}', async () => {
    const values = await ${names.camel}Values(service.database);

    const response = await service.send('POST', URL, { ...values, ${field}: ${value} });

    expect(response.statusCode).toBe(422);
    expect(response.json().errors[0].field).toBe('${field}');
  });
`,
  );
  const changed = entity.relations.map(
    ({ name, target }) => `
  it('moves a record to another ${name.replaceAll('_', ' ')}', async () => {
    const { id } = await make${names.pascal}(service.database);
    const other = await make${entityNamed(project, target).names.pascal}(service.database);

    const response = await service.send('PATCH', \`\${URL}/\${id}\`, { ${name}_id: other.id });

    expect(response.json().${name}.id).toBe(other.id);
  });
`,
  );
  return [...refused, ...changed].join('');
}

function uniqueTests(entity: EntityModel): string {
  const { names } = entity;
  return entity.fields
    .filter((field) => field.unique)
    .map(
      ({ name }) => `
  it('has each ${name} once', async () => {
    const taken = await make${names.pascal}(service.database);
    const values = await ${names.camel}Values(service.database, { ${name}: taken.${name} });

    const response = await service.send('POST', URL, values);

    expect(response.statusCode).toBe(409);
    expect(response.json().errors[0].field).toBe('${name}');
  });

  it('lets a record keep its own ${name}', async () => {
    const { id, ${name} } = await make${names.pascal}(service.database);

    expect((await service.send('PATCH', \`\${URL}/\${id}\`, { ${name} })).statusCode).toBe(200);
  });
`,
    )
    .join('');
}

function ruleTests(entity: EntityModel): string {
  return entity.rules
    .map(({ earlier, later }) => {
      const isInstant = entity.fields.find((field) => field.name === later)?.type === 'datetime';
      const value = isInstant ? "'2024-05-01T12:00:00Z'" : "'2024-05-01'";
      return `
  it('has no ${later} before ${earlier}', async () => {
    const { id } = await make${entity.names.pascal}(service.database);

    const response = await service.send('PATCH', \`\${URL}/\${id}\`, { ${later}: ${value} });

    expect(response.statusCode).toBe(422);
    expect(response.json().errors[0].field).toBe('${later}');
  });
`;
    })
    .join('');
}

function instantTest(entity: EntityModel): string {
  const field = entity.fields.find(({ type }) => type === 'datetime');
  if (field === undefined) return '';
  const isLater = entity.rules.some((rule) => rule.later === field.name);
  const day = isLater ? 20 : 10;
  return `
  it('keeps instants in UTC', async () => {
    const values = await ${entity.names.camel}Values(service.database, {
      ${field.name}: '2024-05-${day}T14:00:00+02:00',
    });

    const response = await service.send('POST', URL, values);

    expect(response.json().${field.name}).toBe('2024-05-${day}T12:00:00.000Z');
  });
`;
}

function deletionTests(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  return inverseRelations(project, entity)
    .map(({ child, relation }) => {
      const many = child.relations.filter(({ target }) => target === relation.target).length > 1 || child === entity;
      const as = many ? ` as ${relation.name.replaceAll('_', ' ')}` : '';
      const url = `\`/api/${child.names.kebabPlural}/\${dependent.id}\``;
      const made = `const { id } = await make${names.pascal}(service.database);
    const dependent = await make${child.names.pascal}(service.database, { ${relation.name}_id: id });

    const response = await service.send('DELETE', \`\${URL}/\${id}\`);
`;
      const body = {
        restrict: `
    expect(response.statusCode).toBe(409);
    expect(response.json().detail).toContain('1 ${child.names.human}');
    expect((await service.send('GET', ${url})).statusCode).toBe(200);`,
        cascade: `
    expect(response.statusCode).toBe(204);
    expect((await service.send('GET', ${url})).statusCode).toBe(404);`,
        set_null: `
    expect(response.statusCode).toBe(204);
    expect((await service.send('GET', ${url})).json().${relation.name}_id).toBeNull();`,
      }[relation.onDelete];
      const title = {
        restrict: `stays while a ${child.names.human} needs it`,
        cascade: `takes each ${child.names.human} with it`,
        set_null: `leaves each ${child.names.human} behind`,
      }[relation.onDelete];
      return `
  it('${title}${as}', async () => {
    ${made}${body}
  });
`;
    })
    .join('');
}

/** The tests of the rules of an entity; null where it has none. */
export function rulesTestFile(project: ProjectModel, entity: EntityModel): string | null {
  const body = [
    requiredTest(entity),
    referenceTests(project, entity),
    uniqueTests(entity),
    ruleTests(entity),
    instantTest(entity),
    deletionTests(project, entity),
  ].join('');
  return body === '' ? null : fileText(entityTest(project, entity, `rules of ${entity.names.humanPlural}`, body));
}
