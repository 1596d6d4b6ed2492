/** Tests of `soft_delete` in the Fastify back end. */
import { fileText } from '../layout.ts';
import { entityNamed, type EntityModel, type ProjectModel } from '../model.ts';
import { entityTest } from './tests-frame.ts';

function uniqueTest(entity: EntityModel): string {
  const field = entity.fields.find(({ unique }) => unique);
  if (field === undefined) return '';
  const { names } = entity;
  return `
  it('still has the ${field.name} of a deleted record', async () => {
    const record = await make${names.pascal}(service.database);
    await remove(record.id);
    const values = await ${names.camel}Values(service.database, { ${field.name}: record.${field.name} });

    expect((await service.send('POST', URL, values)).statusCode).toBe(409);
  });
`;
}

function neededTests(project: ProjectModel, entity: EntityModel): string {
  return entity.relations
    .filter(({ required, target }) => required && target !== entity.names.pascal)
    .map(({ name, target }) => {
      const url = `/api/${entityNamed(project, target).names.kebabPlural}`;
      return `
  it('restores nothing without its ${name.replaceAll('_', ' ')}', async () => {
    const record = await make${entity.names.pascal}(service.database);
    await remove(record.id);
    await service.send('DELETE', \`${url}/\${record.${name}_id}\`);

    const response = await restore(record.id);

    expect(response.statusCode).toBe(409);
    expect(response.json().errors[0].field).toBe('${name}_id');
  });
`;
    })
    .join('');
}

function linkTests(project: ProjectModel, entity: EntityModel): string {
  return entity.many
    .map(({ name, singular, target }) => {
      const other = entityNamed(project, target).names;
      return `
  it('shows each of the ${name.replaceAll('_', ' ')} again that is restored', async () => {
    const target = await make${other.pascal}(service.database);
    const { id } = await make${entity.names.pascal}(service.database, { ${singular}_ids: [target.id] });
    const linked = async () => (await service.send('GET', \`\${URL}/\${id}\`)).json().${singular}_ids;

    await service.send('DELETE', \`/api/${other.kebabPlural}/\${target.id}\`);
    expect(await linked()).toEqual([]);

    await service.send('POST', \`/api/${other.kebabPlural}/\${target.id}/restore\`);
    expect(await linked()).toEqual([target.id]);
  });
`;
    })
    .join('');
}

/** `backend/test/<entity>-trash.test.ts`: deleted records are kept and can be restored. */
export function trashTestFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const make = `make${names.pascal}(service.database)`;
  const body = `
  function remove(id: number) {
    return service.send('DELETE', \`\${URL}/\${id}\`);
  }

  function restore(id: number) {
    return service.send('POST', \`\${URL}/\${id}/restore\`);
  }

  async function idsOf(query: string): Promise<number[]> {
    const page = (await service.send('GET', \`\${URL}?\${query}\`)).json();
    return page.items.map((item: { id: number }) => item.id);
  }

  it('keeps what is deleted out of sight', async () => {
    const kept = await ${make};
    const deleted = await ${make};

    expect((await remove(deleted.id)).statusCode).toBe(204);

    expect(await idsOf('')).toEqual([kept.id]);
    expect(await idsOf('deleted=true')).toEqual([deleted.id]);
    expect((await service.send('PATCH', \`\${URL}/\${deleted.id}\`, {})).statusCode).toBe(404);
  });

  it('says when a record was deleted', async () => {
    const { id, deleted_at } = await ${make};
    await remove(id);

    const page = (await service.send('GET', \`\${URL}?deleted=true\`)).json();

    expect(deleted_at).toBeNull();
    expect(Date.parse(page.items[0].deleted_at)).not.toBeNaN();
  });

  it('restores a record', async () => {
    const { id } = await ${make};
    await remove(id);

    const response = await restore(id);

    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({ id, deleted_at: null });
    expect(await idsOf('')).toEqual([id]);
  });

  it('restores only what is deleted', async () => {
    const { id } = await ${make};

    expect((await restore(id)).statusCode).toBe(404);
  });
${uniqueTest(entity)}${neededTests(project, entity)}${linkTests(project, entity)}`;
  return fileText(entityTest(project, entity, `the trash of ${names.humanPlural}`, body));
}
