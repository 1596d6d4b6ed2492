/** `backend/src/schemas/<entity>.ts`: what clients send and get of one entity. */
import { fileText } from '../layout.ts';
import { filterFields, searchFields, sortNames } from '../filters.ts';
import type { EntityModel, FieldModel, ProjectModel } from '../model.ts';
import { isAudited } from './bases.ts';
import { defaultSource } from './entity-table.ts';
import { keepsDeleted } from './bases.ts';
import { aHuman, imports, valuesName, valuesNames } from './entity-names.ts';

function call(name: string, options: readonly string[]): string {
  return options.length === 0 ? `Type.${name}()` : `Type.${name}({ ${options.join(', ')} })`;
}

/** The schema of a value that clients send; `isBounded` = with the limits that it must keep. */
function valueSchema(entity: EntityModel, field: FieldModel, isBounded: boolean): string {
  const limits = (entries: readonly string[]): readonly string[] => (isBounded ? entries : []);
  switch (field.type) {
    case 'text':
    case 'longtext':
      return call('String', limits(['minLength: 1', `maxLength: ${field.maxLength}`]));
    case 'integer':
      return call('Integer', limits([`minimum: ${field.min}`, `maximum: ${field.max}`]));
    case 'decimal':
      return call('Number', limits([`minimum: ${field.min}`, `maximum: ${field.max}`]));
    case 'boolean':
      return 'Type.Boolean()';
    case 'date':
      return "Type.String({ format: 'date' })";
    case 'datetime':
      return "Type.String({ format: 'date-time' })";
    case 'enum':
      return `Type.Enum(${valuesName(entity, field)})`;
  }
}

const canBeNull = (field: FieldModel): boolean => !field.required && field.type !== 'boolean';

function sentMember(entity: EntityModel, field: FieldModel): string {
  const value = valueSchema(entity, field, true);
  const schema = canBeNull(field) ? `nullable(${value})` : value;
  const isNeeded = field.required && defaultSource(field) === null;
  return `${field.name}: ${isNeeded ? schema : `Type.Optional(${schema})`},`;
}

function readMember(entity: EntityModel, field: FieldModel): string {
  const value = valueSchema(entity, field, false);
  return `${field.name}: ${canBeNull(field) ? `nullable(${value})` : value},`;
}

function sentMembers(entity: EntityModel): string[] {
  return [
    ...entity.fields.map((field) => sentMember(entity, field)),
    ...entity.relations.map(({ name, required }) => `${name}_id: ${required ? 'Id' : 'Type.Optional(nullable(Id))'},`),
    ...entity.many.map(({ singular }) => `${singular}_ids: Type.Optional(Type.Array(Id)),`),
  ];
}

function readMembers(project: ProjectModel, entity: EntityModel): string[] {
  return [
    ...(keepsDeleted(project) ? ["deleted_at: nullable(Type.String({ format: 'date-time' })),"] : []),
    ...(isAudited(project) ? ['created_by: nullable(Type.String()),', 'updated_by: nullable(Type.String()),'] : []),
    ...entity.fields.map((field) => readMember(entity, field)),
    ...entity.relations.flatMap(({ name, required }) => [
      `${name}_id: ${required ? 'Type.Integer()' : 'nullable(Type.Integer())'},`,
      `${name}: nullable(Reference),`,
    ]),
    ...entity.many.flatMap(({ name, singular }) => [
      `${singular}_ids: Type.Array(Type.Integer()),`,
      `${name}: Type.Array(Reference),`,
    ]),
  ];
}

function queryMembers(project: ProjectModel, entity: EntityModel): string[] {
  return [
    ...(keepsDeleted(project) ? ['deleted: Type.Optional(Type.Boolean()),'] : []),
    ...(searchFields(entity).length > 0 ? ['search: Type.Optional(Type.String({ maxLength: 200 })),'] : []),
    ...filterFields(entity).map((field) => `${field.name}: Type.Optional(${valueSchema(entity, field, false)}),`),
    ...entity.relations.map(({ name }) => `${name}_id: Type.Optional(Id),`),
    ...entity.many.map(({ singular }) => `${singular}_id: Type.Optional(Id),`),
  ];
}

export function schemaFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const body = `
/** What clients send of a new ${names.human}. */
export const ${names.pascal}Create = Type.Object({
  ${sentMembers(entity).join('\n  ')}
}, { additionalProperties: false });

export type ${names.pascal}Create = Static<typeof ${names.pascal}Create>;

/** What clients send of a change: only the fields that it changes. */
export const ${names.pascal}Update = Type.Partial(${names.pascal}Create);

export type ${names.pascal}Update = Static<typeof ${names.pascal}Update>;

/** What clients get of ${aHuman(entity)}. */
export const ${names.pascal}Read = Type.Object({
  ...RECORD_FIELDS,
  ${readMembers(project, entity).join('\n  ')}
});

export type ${names.pascal}Read = Static<typeof ${names.pascal}Read>;

export const ${names.pascal}Page = pageSchema(${names.pascal}Read);

/** What a list of ${names.humanPlural} can be asked for. */
export const ${names.pascal}Query = Type.Object({
  ...listParameters([${sortNames(entity)
    .map((name) => `'${name}'`)
    .join(', ')}]),
  ${queryMembers(project, entity).join('\n  ')}
});

export type ${names.pascal}Query = Static<typeof ${names.pascal}Query>;
`;
  const shared = ['Id', 'listParameters', 'nullable', 'RECORD_FIELDS', 'Reference'];
  return fileText(`
${imports({
  typebox: ['type Static', 'Type'],
  [`../db/tables/${names.kebab}.ts`]: valuesNames(entity),
  '../pagination.ts': ['pageSchema'],
  './schema.ts': shared.filter((name) => new RegExp(`\\b${name}\\b`).test(body.replaceAll(/'[^']*'/g, ''))),
})}
${body}
`);
}
