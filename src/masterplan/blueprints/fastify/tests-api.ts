/** `backend/test/<entity>-api.test.ts`: the HTTP interface of one entity. */
import { fileText } from '../layout.ts';
import { filterFields, searchFields, sortNames } from '../filters.ts';
import { entityNamed, type EntityModel, type ProjectModel } from '../model.ts';
import { mandatoryNames } from '../python-web/samples.ts';
import { knowsActor } from './bases.ts';
import { entityTest } from './tests-frame.ts';
import { changeableField, changedValue, invalidValues } from './samples.ts';

function missingTest(entity: EntityModel): string {
  const mandatory = mandatoryNames(entity);
  if (mandatory.length === 0) return '';
  return `
  it('names the fields that are missing', async () => {
    const response = await service.send('POST', URL, {});

    expect(response.statusCode).toBe(422);
    const fields = response.json().errors.map((error: { field: string }) => error.field);
    expect(fields).toEqual([${mandatory.map((name) => `'${name}'`).join(', ')}]);
  });
`;
}

function changeTest(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const field = changeableField(entity);
  const value = field === null ? null : changedValue(entity, field);
  if (field === null || value === null) return '';
  return `
  it('changes only what a body names', async () => {
    const { label, updated_at, ${knowsActor(project) ? 'updated_by, ' : ''}...before } = await make${names.pascal}(service.database);

    const response = await service.send('PATCH', \`\${URL}/\${before.id}\`, { ${field.name}: ${value} });

    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({ ...before, ${field.name}: ${value} });
  });
`;
}

function searchTest(entity: EntityModel): string {
  const field = searchFields(entity).find(({ maxLength }) => maxLength >= 20);
  if (field === undefined) return '';
  const make = `make${entity.names.pascal}(service.database`;
  return `
  it('searches without regard to case', async () => {
    const wanted = await ${make}, { ${field.name}: 'A rare Marmot' });
    await ${make});

    expect(await idsOf('search=marmot')).toEqual([wanted.id]);
  });

  it('takes signs of a search as they are', async () => {
    await ${make});

    expect(await idsOf('search=%25')).toEqual([]);
  });
`;
}

function filterTest(entity: EntityModel): string {
  const field = filterFields(entity).find(({ type, values }) => type === 'boolean' || values.length > 1);
  if (field === undefined) return '';
  const [wanted, other] = field.type === 'boolean' ? ['true', 'false'] : field.values.map((value) => `'${value}'`);
  const make = `make${entity.names.pascal}(service.database`;
  return `
  it('filters by ${field.name}', async () => {
    const wanted = await ${make}, { ${field.name}: ${wanted ?? ''} });
    await ${make}, { ${field.name}: ${other ?? ''} });

    expect(await idsOf('${field.name}=${(wanted ?? '').replaceAll("'", '')}')).toEqual([wanted.id]);
  });

  it('refuses an unknown ${field.name}', async () => {
    const response = await service.send('GET', \`\${URL}?${field.name}=unheard-of\`);

    expect(response.statusCode).toBe(422);
    expect(response.json().errors[0].field).toBe('${field.name}');
  });
`;
}

function sortTest(entity: EntityModel): string {
  const make = `make${entity.names.pascal}(service.database)`;
  const other = sortNames(entity).find((name) => name !== 'id') ?? 'id';
  return `
  it('sorts in both directions', async () => {
    const first = await ${make};
    const second = await ${make};

    expect(await idsOf('sort=id')).toEqual([first.id, second.id]);
    expect(await idsOf('sort=-id')).toEqual([second.id, first.id]);
  });

  it('shows all records in any order', async () => {
    const ids = [(await ${make}).id, (await ${make}).id];

    expect(new Set(await idsOf('sort=${other}'))).toEqual(new Set(ids));
  });

  it('refuses an unknown order', async () => {
    const response = await service.send('GET', \`\${URL}?sort=unheard-of\`);

    expect(response.statusCode).toBe(422);
    expect(response.json().errors[0].field).toBe('sort');
  });
`;
}

function emptyLastTest(entity: EntityModel): string {
  const field = entity.fields.find(
    ({ required, type, defaultValue }) =>
      !required && defaultValue === null && type !== 'boolean' && type !== 'longtext',
  );
  if (field === undefined) return '';
  const make = `make${entity.names.pascal}(service.database`;
  return `
  it('puts records without a value last', async () => {
    const empty = await ${make}, { ${field.name}: null });
    const filled = await ${make});

    expect(await idsOf('sort=${field.name}')).toEqual([filled.id, empty.id]);
    expect(await idsOf('sort=-${field.name}')).toEqual([filled.id, empty.id]);
  });
`;
}

function relationTests(project: ProjectModel, entity: EntityModel): string {
  const make = `make${entity.names.pascal}(service.database`;
  return entity.relations
    .map((relation) => {
      const makeTarget = `make${entityNamed(project, relation.target).names.pascal}(service.database)`;
      return `
  it('names the ${relation.name.replaceAll('_', ' ')}', async () => {
    const { id, label } = await ${makeTarget};
    const record = await ${make}, { ${relation.name}_id: id });

    const response = await service.send('GET', \`\${URL}/\${record.id}\`);

    expect(response.json()).toMatchObject({ ${relation.name}_id: id, ${relation.name}: { id, label } });
  });

  it('filters by the ${relation.name.replaceAll('_', ' ')}', async () => {
    const { id } = await ${makeTarget};
    const wanted = await ${make}, { ${relation.name}_id: id });
    await ${make}, { ${relation.name}_id: (await ${makeTarget}).id });

    expect(await idsOf(\`${relation.name}_id=\${id}\`)).toEqual([wanted.id]);
  });
`;
    })
    .join('');
}

function manyTests(project: ProjectModel, entity: EntityModel): string {
  const make = `make${entity.names.pascal}(service.database`;
  return entity.many
    .map(({ name, singular, target }) => {
      const makeTarget = `make${entityNamed(project, target).names.pascal}(service.database)`;
      return `
  it('shows the ${name.replaceAll('_', ' ')} by label', async () => {
    const linked = [await ${makeTarget}, await ${makeTarget}];
    const ids = linked.map((target) => target.id);
    const record = await ${make}, { ${singular}_ids: ids.toReversed() });

    const response = await service.send('GET', \`\${URL}/\${record.id}\`);

    const expected = linked.map(({ id, label }) => ({ id, label }));
    expect(response.json()).toMatchObject({ ${singular}_ids: ids, ${name}: expected });
  });

  it('replaces the ${name.replaceAll('_', ' ')}', async () => {
    const [before, after] = [await ${makeTarget}, await ${makeTarget}];
    const record = await ${make}, { ${singular}_ids: [before.id] });

    const response = await service.send('PATCH', \`\${URL}/\${record.id}\`, { ${singular}_ids: [after.id] });

    expect(response.json().${singular}_ids).toEqual([after.id]);
  });

  it('filters by one of the ${name.replaceAll('_', ' ')}', async () => {
    const { id } = await ${makeTarget};
    const wanted = await ${make}, { ${singular}_ids: [id] });
    await ${make});

    expect(await idsOf(\`${singular}_id=\${id}\`)).toEqual([wanted.id]);
  });

  it('leaves records behind when one of the ${name.replaceAll('_', ' ')} goes', async () => {
    const { id } = await ${makeTarget};
    const record = await ${make}, { ${singular}_ids: [id] });

    await service.send('DELETE', \`/api/${entityNamed(project, target).names.kebabPlural}/\${id}\`);

    const response = await service.send('GET', \`\${URL}/\${record.id}\`);
    expect(response.json().${singular}_ids).toEqual([]);
  });
`;
    })
    .join('');
}

/** How the API stores, shows, changes and removes single records. */
export function recordTestFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const cases = invalidValues(entity).map(({ field, value }) => `    { field: '${field}', value: ${value} },`);
  const body = `
  it('stores what was sent', async () => {
    const values = await ${names.camel}Values(service.database);

    const created = await service.send('POST', URL, values);

    expect(created.statusCode).toBe(201);
    expect(created.json()).toMatchObject(values);
    const read = await service.send('GET', \`\${URL}/\${created.json().id}\`);
    expect(read.json()).toEqual(created.json());
  });
${missingTest(entity)}
  it.each([
${cases.join('\n')}
  ])('refuses $field as $value', async ({ field, value }) => {
    const values = await ${names.camel}Values(service.database);

    const response = await service.send('POST', URL, { ...values, [field]: value });

    expect(response.statusCode).toBe(422);
    expect(response.json().errors[0].field).toBe(field);
  });

  it('refuses a field that it does not know', async () => {
    const values = await ${names.camel}Values(service.database);

    const response = await service.send('POST', URL, { ...values, unheard_of: 1 });

    expect(response.statusCode).toBe(422);
    expect(response.json().errors[0].field).toBe('unheard_of');
  });
${changeTest(project, entity)}
  it('leaves a record alone when nothing is to change', async () => {
    const before = await make${names.pascal}(service.database);

    const response = await service.send('PATCH', \`\${URL}/\${before.id}\`, {});

    expect(response.json()).toEqual(before);
  });

  it('removes a record', async () => {
    const { id } = await make${names.pascal}(service.database);

    expect((await service.send('DELETE', \`\${URL}/\${id}\`)).statusCode).toBe(204);
    expect((await service.send('GET', \`\${URL}/\${id}\`)).statusCode).toBe(404);
  });

  it.each(['GET', 'PATCH', 'DELETE'] as const)('does not find an unknown id on %s', async (method) => {
    const response = await service.send(method, \`\${URL}/999\`, method === 'PATCH' ? {} : undefined);

    expect(response.statusCode).toBe(404);
    expect(response.json().detail).toContain('999');
  });

  it.each(['0', 'first', '2147483648'])('has nothing at the id %s', async (id) => {
    expect((await service.send('GET', \`\${URL}/\${id}\`)).statusCode).toBe(404);
  });
`;
  return fileText(entityTest(project, entity, `${names.humanPlural} one by one`, body));
}

/** How the API lists records. */
export function listTestFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const make = `make${names.pascal}(service.database)`;
  const body = `
  async function idsOf(query: string): Promise<number[]> {
    const response = await service.send('GET', \`\${URL}?\${query}\`);
    return response.json().items.map((item: { id: number }) => item.id);
  }

  it('has pages, newest first', async () => {
    const ids = [(await ${make}).id, (await ${make}).id, (await ${make}).id];

    const page = (await service.send('GET', \`\${URL}?limit=2&offset=1\`)).json();

    expect(page).toMatchObject({ total: 3, limit: 2, offset: 1 });
    expect(page.items.map((item: { id: number }) => item.id)).toEqual([ids[1], ids[0]]);
  });

  it.each(['limit=0', 'limit=101', 'offset=-1'])('refuses pages that cannot be: %s', async (query) => {
    expect((await service.send('GET', \`\${URL}?\${query}\`)).statusCode).toBe(422);
  });
${searchTest(entity)}${filterTest(entity)}${sortTest(entity)}${emptyLastTest(entity)}${relationTests(project, entity)}${manyTests(project, entity)}`;
  return fileText(entityTest(project, entity, `lists of ${names.humanPlural}`, body));
}
