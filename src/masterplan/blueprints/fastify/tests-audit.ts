/** Tests of `audit` in the Fastify back end. */
import { fileText } from '../layout.ts';
import { entityNamed, type EntityModel, type ProjectModel } from '../model.ts';
import { has } from '../python-web/feature-parts.ts';
import { keepsDeleted } from './bases.ts';
import { imports } from './entity-names.ts';
import { changeableField, changedValue } from './samples.ts';

/** `backend/test/trail.test.ts`. */
export function trailTestFile(): string {
  return fileText(`
import { describe, expect, it } from 'vitest';
import { changesBetween } from '../src/services/trail.ts';

describe('changesBetween', () => {
  it('has the values before and after of what differs', () => {
    expect(changesBetween({ a: 1, b: 2, c: null }, { a: 1, b: 3, c: 4 })).toEqual({ b: [2, 3], c: [null, 4] });
  });

  it('has what a new record holds, and what a removed one held', () => {
    expect(changesBetween(null, { a: 1, b: null, tags: [] })).toEqual({ a: [null, 1] });
    expect(changesBetween({ a: 1, b: null, tags: [2] }, null)).toEqual({ a: [1, null], tags: [[2], null] });
  });

  it('compares lists by what is in them', () => {
    expect(changesBetween({ tags: [1, 2] }, { tags: [1, 2] })).toEqual({});
    expect(changesBetween({ tags: [] }, { tags: [1] })).toEqual({ tags: [[], [1]] });
  });

  it('leaves out what every change touches, and names that a record does not have', () => {
    const before = { id: 1, updated_at: 'then', updated_by: null, created_by: null, created_at: 'then' };

    expect(changesBetween(before, { ...before, updated_at: 'now', updated_by: 'ada@example.com', tag_ids: [1] })).toEqual({});
  });
});
`);
}

/** An entity with something to change, and that change as TypeScript source. */
interface Sample {
  readonly entity: EntityModel;
  readonly field: string;
  readonly value: string;
}

/** What the tests change; null where nothing in the project can be changed in a simple way. */
function sampleOf(project: ProjectModel): Sample | null {
  for (const entity of project.entities) {
    const field = changeableField(entity);
    const value = field === null ? null : changedValue(entity, field);
    if (field !== null && value !== null) return { entity, field: field.name, value };
  }
  return null;
}

function updateTests(project: ProjectModel, { entity, field, value }: Sample): string {
  const { pascal, kebabPlural } = entity.names;
  const signed = `
  it('names who changed a record last', async () => {
    const bob = await makeAccount(service.database, { email: 'bob@example.com' });
    const record = await make${pascal}(service.database);
    const url = \`/api/${kebabPlural}/\${record.id}\`;

    const changed = await service.sendAs(await headersOf(bob), 'PATCH', url, { ${field}: ${value} });

    expect(changed.json()).toMatchObject({ created_by: null, updated_by: 'bob@example.com' });
    expect((await historyOf('${kebabPlural}', record.id))[0].actor).toBe('bob@example.com');
  });
`;
  return `
  it('notes the values before and after, once', async () => {
    const record = await make${pascal}(service.database);
    const url = \`/api/${kebabPlural}/\${record.id}\`;

    await service.send('PATCH', url, { ${field}: ${value} });
    await service.send('PATCH', url, { ${field}: ${value} });

    expect(await actionsOf('${kebabPlural}', record.id)).toEqual(['update', 'create']);
    const [entry] = await historyOf('${kebabPlural}', record.id);
    expect(entry.changes).toEqual({ ${field}: [record.${field}, ${value}] });
  });
${has(project, 'auth') ? signed : ''}`;
}

function removalTests(project: ProjectModel, entity: EntityModel): string {
  const { pascal, kebabPlural } = entity.names;
  const make = `make${pascal}(service.database)`;
  if (!keepsDeleted(project))
    return `
  it('notes a deleted record with what it held', async () => {
    const { id } = await ${make};

    await service.send('DELETE', \`/api/${kebabPlural}/\${id}\`);

    const [last, first] = await historyOf('${kebabPlural}', id);
    expect(last.action).toBe('delete');
    const turned = Object.entries(Object(first.changes)).map(([name, pair]) => [name, [...Object(pair)].reverse()]);
    expect(last.changes).toEqual(Object.fromEntries(turned));
  });
`;
  return `
  it('notes the way into the trash and out of it', async () => {
    const { id } = await ${make};

    await service.send('DELETE', \`/api/${kebabPlural}/\${id}\`);
    await service.send('POST', \`/api/${kebabPlural}/\${id}/restore\`);

    expect(await actionsOf('${kebabPlural}', id)).toEqual(['restore', 'delete', 'create']);
    const [restored] = await historyOf('${kebabPlural}', id);
    expect(restored.changes).toEqual({ deleted_at: [expect.any(String), null] });
  });
`;
}

function dependentTest(project: ProjectModel): string {
  for (const child of project.entities) {
    const relation = child.relations.find(
      ({ onDelete, target }) => onDelete !== 'restrict' && target !== child.names.pascal,
    );
    if (relation === undefined) continue;
    const parent = entityNamed(project, relation.target).names;
    const isGone = relation.onDelete === 'cascade';
    return `
  it('notes what ${isGone ? 'goes with' : 'forgets'} a deleted record', async () => {
    const parent = await make${parent.pascal}(service.database);
    const { id } = await make${child.names.pascal}(service.database, { ${relation.name}_id: parent.id });

    const response = await service.send('DELETE', \`/api/${parent.kebabPlural}/\${parent.id}\`);

    expect(response.statusCode).toBe(204);
    const [entry] = await historyOf('${child.names.kebabPlural}', id);
    expect(entry.action).toBe('${isGone ? 'delete' : 'update'}');
    expect(entry.changes).toHaveProperty('${isGone && keepsDeleted(project) ? 'deleted_at' : `${relation.name}_id`}');
  });
`;
  }
  return '';
}

function linkTest(project: ProjectModel): string {
  const entity = project.entities.find(({ many }) => many.length > 0);
  const many = entity?.many[0];
  if (entity === undefined || many === undefined) return '';
  const { pascal, kebabPlural } = entity.names;
  return `
  it('notes links as lists of ids, under their name', async () => {
    const linked = await make${entityNamed(project, many.target).names.pascal}(service.database);
    const { id } = await make${pascal}(service.database);

    await service.send('PATCH', \`/api/${kebabPlural}/\${id}\`, { ${many.singular}_ids: [linked.id] });

    const [entry] = await historyOf('${kebabPlural}', id);
    expect(entry.changes).toEqual({ ${many.name}: [[], [linked.id]] });
  });
`;
}

function csvTest(project: ProjectModel, { names }: EntityModel): string {
  if (!has(project, 'csv')) return '';
  const actor = has(project, 'auth') ? "'admin@example.com'" : 'null';
  return `
  it('notes what is imported', async () => {
    const values = await ${names.camel}Values(service.database);
    const columns = Object.keys(values);
    const text = formatCsv([columns, columns.map((name) => Object(values)[name])]);

    await service.sendText('POST', '/api/${names.kebabPlural}/import', text);

    const [record] = (await service.send('GET', '/api/${names.kebabPlural}')).json().items;
    const [entry] = await historyOf('${names.kebabPlural}', record.id);
    expect(entry).toMatchObject({ action: 'create', actor: ${actor} });
  });
`;
}

/** `backend/test/audit.test.ts`. */
export function auditTestFile(project: ProjectModel): string {
  const [entity] = project.entities;
  if (entity === undefined) return '';
  const { camel, pascal, kebabPlural } = entity.names;
  const sample = sampleOf(project);
  const actor = has(project, 'auth') ? "'admin@example.com'" : 'null';
  const body = `
describe('the history', () => {
  let service: TestService;

  beforeEach(async () => {
    service = await startService();
  });

  afterEach(() => service.close());

  async function historyOf(entity: string, id: number) {
    const response = await service.send('GET', \`/api/audit?entity=\${entity}&record_id=\${id}\`);
    return response.json().items;
  }

  async function actionsOf(entity: string, id: number): Promise<string[]> {
    const entries = await historyOf(entity, id);
    return entries.map(({ action }: { action: string }) => action);
  }

  it('notes a new record with what it holds, and who made it', async () => {
    const values = await ${camel}Values(service.database);

    const record = (await service.send('POST', '/api/${kebabPlural}', values)).json();

    const [entry] = await historyOf('${kebabPlural}', record.id);
    expect(entry).toMatchObject({ action: 'create', entity: '${kebabPlural}', record_id: record.id, actor: ${actor} });
    expect(entry.label).toBe(\`create ${kebabPlural} \${record.id}\`);
    expect(Object.values(entry.changes).map((pair) => Object(pair)[0])).not.toContainEqual(expect.anything());
    expect(record).toMatchObject({ created_by: ${actor}, updated_by: ${actor} });
  });
${sample === null ? '' : updateTests(project, sample)}${removalTests(project, entity)}${dependentTest(project)}${linkTest(project)}${csvTest(project, entity)}
  it('has nothing of a change that is taken back', async () => {
    const values = await ${camel}Values(service.database);
    const before = (await service.send('GET', '/api/audit')).json().total;

    const change = service.database.write(async (session) => {
      await new ${pascal}Service(session).create(values);
      throw new Error('stop');
    });

    await expect(change).rejects.toThrow('stop');
    expect((await service.send('GET', '/api/audit')).json().total).toBe(before);
  });

  it('is listed in pages, newest first, and by action', async () => {
    const first = await make${pascal}(service.database);
    const last = await make${pascal}(service.database);
    const list = \`/api/audit?entity=${kebabPlural}&action=create\`;

    const page = (await service.send('GET', \`\${list}&limit=1\`)).json();

    expect(page).toMatchObject({ total: 2, limit: 1, offset: 0 });
    expect(page.items[0].record_id).toBe(last.id);
    expect((await service.send('GET', \`\${list}&offset=1\`)).json().items[0].record_id).toBe(first.id);
    expect((await service.send('GET', '/api/audit?action=update')).json().total).toBe(0);
  });

  it.each(['action=unheard_of', 'record_id=0', 'limit=1000'])('refuses %s', async (query) => {
    expect((await service.send('GET', \`/api/audit?\${query}\`)).statusCode).toBe(422);
  });
});
`;
  const uses = (name: string): boolean => new RegExp(`\\b${name}\\(`).test(body);
  return fileText(`
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
${imports({
  '../src/csv.ts': ['formatCsv'].filter(uses),
  [`../src/services/${entity.names.kebab}.ts`]: [`${pascal}Service`],
  './support/accounts.ts': ['headersOf', 'makeAccount'].filter(uses),
  ...Object.fromEntries(
    project.entities.map(({ names }) => [
      `./support/${names.kebab}-factory.ts`,
      [`${names.camel}Values`, `make${names.pascal}`].filter(uses),
    ]),
  ),
  './support/test-service.ts': ['startService', 'type TestService'],
})}
${body}`);
}
