/** What records of one kind are made of, and all kinds together. */
import { fileText } from '../layout.ts';
import { entityNamed, type EntityModel, type FieldModel, type ProjectModel } from '../model.ts';
import { labelOf, namesOf } from '../naming.ts';
import { searchFields } from '../filters.ts';

/** Name of a field in the library: `publishedOn`. */
export function memberName(name: string): string {
  return namesOf(name).camel;
}

/** Name of the field with the id of a relation: `authorId`. */
export function idName(name: string): string {
  return `${memberName(name)}Id`;
}

/** Name of the field with the ids of a relation of many with many: `tagIds`. */
export function idsName(singular: string): string {
  return `${memberName(singular)}Ids`;
}

/** Constant with the rules of a kind: `BOOKS`. */
export function kindName(entity: EntityModel): string {
  return entity.names.snakePlural.toUpperCase();
}

function plainField(field: FieldModel): string {
  switch (field.type) {
    case 'text':
    case 'longtext':
      return `text(${field.maxLength})`;
    case 'integer':
    case 'decimal':
      return `${field.type}(${field.min}, ${field.max})`;
    case 'boolean':
      return 'flag()';
    case 'date':
      return 'day()';
    case 'datetime':
      return 'instant()';
    case 'enum':
      return `choice([${field.values.map((value) => `'${value}'`).join(', ')}])`;
  }
}

function fallback(field: FieldModel): string {
  const value = field.defaultValue;
  return typeof value === 'string' ? `'${value.replace(/['\\]/g, '\\$&')}'` : String(value);
}

function fieldSource(field: FieldModel): string {
  const plain = plainField(field);
  if (field.defaultValue !== null) return `withDefault(${plain}, ${fallback(field)})`;
  return field.required ? plain : `optional(${plain})`;
}

function members(entity: EntityModel): string[] {
  return [
    ...entity.fields.map((field) => `${memberName(field.name)}: ${fieldSource(field)},`),
    ...entity.relations.map(
      ({ name, required }) => `${idName(name)}: ${required ? 'reference()' : 'optional(reference())'},`,
    ),
    ...entity.many.map(({ singular }) => `${idsName(singular)}: references(),`),
  ];
}

function relations(project: ProjectModel, entity: EntityModel): string[] {
  const plural = (target: string): string => entityNamed(project, target).names.humanPlural;
  return [
    ...entity.relations.map(
      ({ name, target, onDelete }) =>
        `{ field: '${idName(name)}', to: '${plural(target)}', onRemoval: '${onDelete}' },`,
    ),
    ...entity.many.map(
      ({ singular, target }) => `{ field: '${idsName(singular)}', to: '${plural(target)}', onRemoval: 'unlink' },`,
    ),
  ];
}

const list = (names: readonly string[]): string => `[${names.map((name) => `'${name}'`).join(', ')}]`;

export function entityFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const source = members(entity).join('\n  ');
  const unique = entity.fields.filter((field) => field.unique).map(({ name }) => memberName(name));
  const searched = searchFields(entity).map(({ name }) => memberName(name));
  const order = entity.rules.map((rule) => `['${memberName(rule.earlier)}', '${memberName(rule.later)}']`);
  const builders = [
    'choice',
    'day',
    'decimal',
    'flag',
    'instant',
    'integer',
    'optional',
    'reference',
    'references',
    'text',
    'withDefault',
  ];
  const used = builders.filter((name) => source.includes(`${name}(`) && new RegExp(`\\b${name}\\(`).test(source));
  return fileText(`
import { ${[...used, 'type InputOf'].join(', ')} } from '../core/fields.ts';
import type { Kind, RecordOf } from '../core/kind.ts';

const fields = {
  ${source}
};

/** The rules of ${names.humanPlural}. */
export const ${kindName(entity)}: Kind<typeof fields> = {
  name: '${names.human}',
  plural: '${names.humanPlural}',
  fields,
  unique: ${list(unique)},
  searched: ${list(searched)},
  relations: [${relations(project, entity).join('\n    ')}],
  inOrder: [${order.join(', ')}],
};

/** ${labelOf(names.human)} as it is kept. */
export type ${names.pascal} = RecordOf<typeof fields>;

/** What a new ${names.human} is made from. */
export type ${names.pascal}Input = InputOf<typeof fields>;
`);
}

export function collectionsFile(project: ProjectModel): string {
  const kinds = project.entities.map(kindName);
  return fileText(`
import { Access } from './core/access.ts';
import type { Kind } from './core/kind.ts';
import { RecordCollection } from './core/record-collection.ts';
import { MemoryStore, type RecordStore } from './core/store.ts';
${project.entities.map((entity) => `import { ${kindName(entity)} } from './entities/${entity.names.kebab}.ts';`).join('\n')}

const KINDS: readonly Kind[] = [${kinds.join(', ')}];

/** All collections over one store; in memory unless it says otherwise. */
export function openCollections(store: RecordStore = new MemoryStore()) {
  const access = new Access(store);
  return {
    ${project.entities
      .map((entity) => `${entity.names.camelPlural}: new RecordCollection(${kindName(entity)}, KINDS, access),`)
      .join('\n    ')}
  };
}

/** The collections of a store by name. */
export type Collections = ReturnType<typeof openCollections>;
`);
}

export function indexFile(project: ProjectModel): string {
  return fileText(`
export { type Collections, openCollections } from './collections.ts';
export { ConflictError, type FieldProblem, InvalidInputError, NotFoundError } from './core/errors.ts';
export { JsonFileStore } from './core/json-file-store.ts';
export type { ListQuery, Page } from './core/query.ts';
export { MemoryStore, type RecordStore, type StoredData } from './core/store.ts';
${project.entities
  .map(({ names }) => `export type { ${names.pascal}, ${names.pascal}Input } from './entities/${names.kebab}.ts';`)
  .join('\n')}
`);
}
