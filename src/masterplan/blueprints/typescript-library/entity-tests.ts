/** `test/<entity>.test.ts` and the samples that it works with. */
import { changeableField, changedValue, factoryValue, invalidValues } from '../fastify/samples.ts';
import { imports } from '../fastify/entity-names.ts';
import { filterFields, searchFields } from '../filters.ts';
import { fileText } from '../layout.ts';
import { entityNamed, type EntityModel, inverseRelations, type ProjectModel } from '../model.ts';
import { idName, idsName, memberName } from './entity-files.ts';

export function numbersFile(): string {
  return fileText(`
let last = 0;

/** A number that no other record of this run has. */
export function nextNumber(): number {
  last += 1;
  return last;
}
`);
}

export function sampleFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const required = entity.relations.filter((relation) => relation.required);
  const members = [
    ...entity.fields.map((field) => `${memberName(field.name)}: ${factoryValue(entity, field)},`),
    ...required.map(({ name, target }) => {
      const { pascal } = entityNamed(project, target).names;
      return `${idName(name)}: overrides.${idName(name)} ?? (await make${pascal}(collections)).id,`;
    }),
  ];
  const targets = [...new Set(required.map(({ target }) => entityNamed(project, target).names))];
  return fileText(`
import type { Collections, ${names.pascal}, ${names.pascal}Input } from '../../src/index.ts';
${imports({
  ...Object.fromEntries(targets.map((target) => [`./${target.kebab}-sample.ts`, [`make${target.pascal}`]])),
  './numbers.ts': members.join('').includes('nextNumber(') ? ['nextNumber'] : [],
})}

/** What a ${names.human} can be made from. */
export async function ${names.camel}Input(
  ${required.length > 0 ? 'collections' : '_collections'}: Collections,
  overrides: Partial<${names.pascal}Input> = {},
): Promise<${names.pascal}Input> {
  return {
    ${members.join('\n    ')}
    ...overrides,
  };
}

/** A ${names.human} that is kept. */
export async function make${names.pascal}(
  collections: Collections,
  overrides: Partial<${names.pascal}Input> = {},
): Promise<${names.pascal}> {
  return collections.${names.camelPlural}.create(await ${names.camel}Input(collections, overrides));
}
`);
}

function missingTest(entity: EntityModel): string {
  const names = [
    ...entity.fields
      .filter(({ required, defaultValue }) => required && defaultValue === null)
      .map(({ name }) => memberName(name)),
    ...entity.relations.filter(({ required }) => required).map(({ name }) => idName(name)),
  ];
  if (names.length === 0) return '';
  return `
  it('names every field that is missing', async () => {
    const creation = collections.${entity.names.camelPlural}.create({} as ${entity.names.pascal}Input);

    const problems = [${names.map((field) => `{ field: '${field}', message: 'is needed' }`).join(', ')}];
    await expect(creation).rejects.toMatchObject({ name: 'InvalidInputError', problems });
  });
`;
}

function changeTest(entity: EntityModel): string {
  const field = changeableField(entity);
  const value = field === null ? null : changedValue(entity, field);
  if (field === null || value === null) return '';
  const { names } = entity;
  const member = memberName(field.name);
  return `
  it('changes only what is named', async () => {
    const { updatedAt, ...before } = await make${names.pascal}(collections);

    const changed = await collections.${names.camelPlural}.update(before.id, { ${member}: ${value} });

    expect(changed).toMatchObject({ ...before, ${member}: ${value} });
    expect(await collections.${names.camelPlural}.get(before.id)).toEqual(changed);
  });
`;
}

function listTests(entity: EntityModel): string {
  const { names } = entity;
  const make = `make${names.pascal}(collections`;
  const field = filterFields(entity).find(({ type, values }) => type === 'boolean' || values.length > 1);
  const [wanted, other] =
    field?.type === 'boolean' ? ['true', 'false'] : (field?.values ?? []).map((value) => `'${value}'`);
  const filter =
    field === undefined
      ? ''
      : `
  it('filters by ${memberName(field.name)}', async () => {
    const wanted = await ${make}, { ${memberName(field.name)}: ${wanted ?? ''} });
    await ${make}, { ${memberName(field.name)}: ${other ?? ''} });

    const page = await collections.${names.camelPlural}.list({ where: { ${memberName(field.name)}: ${wanted ?? ''} } });

    expect(page).toEqual({ items: [wanted], total: 1 });
  });
`;
  const text = searchFields(entity).find(({ maxLength }) => maxLength >= 20);
  const search =
    text === undefined
      ? ''
      : `
  it('searches without regard to case', async () => {
    const wanted = await ${make}, { ${memberName(text.name)}: 'A rare Marmot' });
    await ${make});

    const page = await collections.${names.camelPlural}.list({ search: 'marmot' });

    expect(page).toEqual({ items: [wanted], total: 1 });
  });
`;
  return `${filter}${search}`;
}

function relationTests(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const one = entity.relations.map(({ name, target }) => ({
    member: idName(name),
    known: 'id',
    unknown: '999',
    target,
  }));
  const many = entity.many.map(({ singular, target }) => ({
    member: idsName(singular),
    known: '[id]',
    unknown: '[999]',
    target,
  }));
  return [...one, ...many]
    .map(
      ({ member, known, unknown, target }) => `
  it('filters by ${member}', async () => {
    const { id } = await make${entityNamed(project, target).names.pascal}(collections);
    const wanted = await make${names.pascal}(collections, { ${member}: ${known} });
    await make${names.pascal}(collections);

    const page = await collections.${names.camelPlural}.list({ where: { ${member}: id } });

    expect(page).toEqual({ items: [wanted], total: 1 });
  });

  it('refuses an unknown ${member}', async () => {
    const input = await ${names.camel}Input(collections, { ${member}: ${unknown} });

    await expect(collections.${names.camelPlural}.create(input)).rejects.toMatchObject({
      problems: [{ field: '${member}', message: 'there is no record with id 999' }],
    });
  });
`,
    )
    .join('');
}

function ruleTests(entity: EntityModel): string {
  const { names } = entity;
  const unique = entity.fields.filter((field) => field.unique).map(({ name }) => memberName(name));
  const order = entity.rules.map(({ earlier, later }) => {
    const isInstant = entity.fields.find(({ name }) => name === later)?.type === 'datetime';
    return `
  it('has no ${memberName(later)} before ${memberName(earlier)}', async () => {
    const { id } = await make${names.pascal}(collections);

    const change = collections.${names.camelPlural}.update(id, { ${memberName(later)}: ${isInstant ? "'2024-05-01T12:00:00Z'" : "'2024-05-01'"} });

    await expect(change).rejects.toMatchObject({ problems: [{ field: '${memberName(later)}' }] });
  });
`;
  });
  const once = unique.map(
    (member) => `
  it('has each ${member} once', async () => {
    const { ${member} } = await make${names.pascal}(collections);
    const input = await ${names.camel}Input(collections, { ${member} });

    await expect(collections.${names.camelPlural}.create(input)).rejects.toThrow(ConflictError);
  });
`,
  );
  return [...once, ...order].join('');
}

function removalTests(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  return inverseRelations(project, entity)
    .map(({ child, relation }) => {
      const member = idName(relation.name);
      const several = child === entity || child.relations.filter(({ target }) => target === relation.target).length > 1;
      const as = several ? ` as ${member}` : '';
      const read = `collections.${child.names.camelPlural}.get(dependent.id)`;
      const made = `const { id } = await make${names.pascal}(collections);
    const dependent = await make${child.names.pascal}(collections, { ${member}: id });
`;
      const remove = `collections.${names.camelPlural}.remove(id)`;
      const [title, body] = {
        restrict: [
          `stays while a ${child.names.human} needs it`,
          `await expect(${remove}).rejects.toThrow('1 ${child.names.human}');\n\n    expect(await ${read}).toEqual(dependent);`,
        ],
        cascade: [
          `takes each ${child.names.human} with it`,
          `await ${remove};\n\n    await expect(${read}).rejects.toThrow(NotFoundError);`,
        ],
        set_null: [
          `leaves each ${child.names.human} behind`,
          `await ${remove};\n\n    expect((await ${read}).${member}).toBeNull();`,
        ],
      }[relation.onDelete] as [string, string];
      return `
  it('${title}${as}', async () => {
    ${made}
    ${body}
  });
`;
    })
    .join('');
}

export function entityTestFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const own = `collections.${names.camelPlural}`;
  const cases = invalidValues(entity).map(
    ({ field, value }) => `    { field: '${memberName(field)}', value: ${value} },`,
  );
  const body = `
  it('keeps what it is given', async () => {
    const input = await ${names.camel}Input(collections);

    const record = await ${own}.create(input);

    expect(record).toMatchObject(input);
    expect(await ${own}.get(record.id)).toEqual(record);
  });
${missingTest(entity)}
  it.each([
${cases.join('\n')}
  ])('refuses $field as $value', async ({ field, value }) => {
    const input = { ...(await ${names.camel}Input(collections)), [field]: value };

    await expect(${own}.create(input)).rejects.toMatchObject({ problems: [{ field }] });
  });
${changeTest(entity)}
  it('removes a record', async () => {
    const { id } = await make${names.pascal}(collections);

    await ${own}.remove(id);

    await expect(${own}.get(id)).rejects.toThrow(NotFoundError);
  });

  it('lists pages, newest first', async () => {
    const first = await make${names.pascal}(collections);
    const second = await make${names.pascal}(collections);

    expect(await ${own}.list({ limit: 1 })).toEqual({ items: [second], total: 2 });
    expect(await ${own}.list({ limit: 1, offset: 1 })).toEqual({ items: [first], total: 2 });
    expect(await ${own}.list({ sort: 'id' })).toEqual({ items: [first, second], total: 2 });
  });
${listTests(entity)}${relationTests(project, entity)}${ruleTests(entity)}${removalTests(project, entity)}`;
  const uses = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(body);
  const samples = project.entities.map(({ names: other }): [string, string[]] => [
    `./support/${other.kebab}-sample.ts`,
    [`${other.camel}Input`, `make${other.pascal}`].filter(uses),
  ]);
  const types = uses(`${names.pascal}Input`) ? [`type ${names.pascal}Input`] : [];
  return fileText(`
import { beforeEach, describe, expect, it } from 'vitest';
${imports({
  '../src/index.ts': [
    'type Collections',
    ...['ConflictError', 'NotFoundError'].filter(uses),
    'openCollections',
    ...types,
  ],
  ...Object.fromEntries(samples),
})}

describe('${names.humanPlural}', () => {
  let collections: Collections;

  beforeEach(() => {
    collections = openCollections();
  });
${body}});
`);
}
