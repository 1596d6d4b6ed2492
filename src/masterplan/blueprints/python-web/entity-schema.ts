/** `backend/app/schemas/<entity>.py`: what clients send and get. */
import { bracketed, bracketedImport, byName, joined } from '../layout.ts';
import type { EntityModel, FieldModel, ProjectModel } from '../model.ts';
import { articleFor } from '../naming.ts';
import { pythonText } from '../python-text.ts';
import { enumClass, pythonDefault } from './entity-model.ts';
import { isAudited } from './audit.ts';
import { keepsDeleted } from './soft-delete.ts';

const PLAIN_TYPES = {
  integer: 'int',
  decimal: 'float',
  boolean: 'bool',
  date: 'dt.date',
  datetime: 'dt.datetime',
} as const;

/** Type of a value that comes from the database. */
function storedType(entity: EntityModel, field: FieldModel): string {
  if (field.type === 'text' || field.type === 'longtext') return 'str';
  return field.type === 'enum' ? enumClass(entity, field) : PLAIN_TYPES[field.type];
}

/** Type of a value that comes from a client, with its checks. */
function sentType(entity: EntityModel, field: FieldModel): string {
  return field.type === 'text' || field.type === 'longtext' ? `Text${field.maxLength}` : storedType(entity, field);
}

function boundsOf(field: FieldModel): string[] {
  if (field.type !== 'integer' && field.type !== 'decimal') return [];
  return [`ge=${field.min}`, `le=${field.max}`];
}

function declaration(name: string, type: string, fallback: string | null, bounds: readonly string[]): string {
  if (bounds.length === 0) return `    ${name}: ${type}${fallback === null ? '' : ` = ${fallback}`}`;
  const items = fallback === null ? bounds : [`default=${fallback}`, ...bounds];
  return `    ${bracketed(`${name}: ${type} = Field(`, items, ')', 4)}`;
}

function mayBeEmpty(field: FieldModel): boolean {
  return !field.required && field.type !== 'boolean';
}

function createField(entity: EntityModel, field: FieldModel): string {
  const fallback = pythonDefault(entity, field);
  const type = sentType(entity, field);
  if (!mayBeEmpty(field)) return declaration(field.name, type, fallback, boundsOf(field));
  return declaration(field.name, `${type} | None`, fallback ?? 'None', boundsOf(field));
}

function updateField(entity: EntityModel, field: FieldModel): string {
  return declaration(field.name, `${sentType(entity, field)} | None`, 'None', boundsOf(field));
}

function readField(entity: EntityModel, field: FieldModel): string {
  return `    ${field.name}: ${storedType(entity, field)}${mayBeEmpty(field) ? ' | None' : ''}`;
}

const ID_BOUNDS = ['ge=1', 'le=MAX_INTEGER'];

function createLines(entity: EntityModel): string {
  const relations = entity.relations.map((relation) =>
    relation.required
      ? declaration(`${relation.name}_id`, 'int', null, ID_BOUNDS)
      : declaration(`${relation.name}_id`, 'int | None', 'None', ID_BOUNDS),
  );
  const many = entity.many.map(({ singular }) => `    ${singular}_ids: list[RecordId] = []`);
  return [...entity.fields.map((field) => createField(entity, field)), ...relations, ...many].join('\n');
}

function updateLines(entity: EntityModel): string {
  const relations = entity.relations.map((relation) =>
    declaration(`${relation.name}_id`, 'int | None', 'None', ID_BOUNDS),
  );
  const many = entity.many.map(({ singular }) => `    ${singular}_ids: list[RecordId] | None = None`);
  return [...entity.fields.map((field) => updateField(entity, field)), ...relations, ...many].join('\n');
}

/** Members that features give every record, with their types. */
function featureMembers(project: ProjectModel): [name: string, type: string][] {
  return [
    ...(keepsDeleted(project) ? [['deleted_at', 'dt.datetime | None'] satisfies [string, string]] : []),
    ...(isAudited(project) ? ['created_by', 'updated_by'].map((name): [string, string] => [name, 'str | None']) : []),
  ];
}

function readLines(project: ProjectModel, entity: EntityModel): string {
  const relations = entity.relations.flatMap((relation) => [
    `    ${relation.name}_id: int${relation.required ? '' : ' | None'}`,
    `    ${relation.name}: Reference${relation.required ? '' : ' | None'}`,
  ]);
  const many = entity.many.flatMap(({ name, singular }) => [
    `    ${singular}_ids: list[int]`,
    `    ${name}: list[Reference]`,
  ]);
  const fields = entity.fields.map((field) => readField(entity, field));
  return ['    id: int', '    label: str', ...fields, ...relations, ...many]
    .concat(featureMembers(project).map(([name, type]) => `    ${name}: ${type}`))
    .concat(['    created_at: dt.datetime', '    updated_at: dt.datetime'])
    .join('\n');
}

function mappingLines(project: ProjectModel, entity: EntityModel): string {
  const names = ['id', 'label', ...entity.fields.map((field) => field.name)];
  const plain = names.map((name) => `${name}=record.${name}`);
  const relations = entity.relations.flatMap((relation) => [
    `${relation.name}_id=record.${relation.name}_id`,
    `${relation.name}=Reference.${relation.required ? 'of' : 'if_any'}(record.${relation.name})`,
  ]);
  const many = entity.many.flatMap(({ name, singular }) => [
    `${singular}_ids=record.${singular}_ids`,
    `${name}=Reference.all_of(record.${name})`,
  ]);
  const features = featureMembers(project).map(([name]) => `${name}=record.${name}`);
  const items = [
    ...plain,
    ...relations,
    ...many,
    ...features,
    'created_at=record.created_at',
    'updated_at=record.updated_at',
  ];
  return bracketed('return cls(', items, ')', 8);
}

function modelImports(entity: EntityModel): string {
  const enums = entity.fields.filter((field) => field.type === 'enum').map((field) => enumClass(entity, field));
  return bracketedImport(`app.models.${entity.names.snake}`, [entity.names.pascal, ...enums].sort());
}

function schemaImports(entity: EntityModel): string {
  const texts = entity.fields.filter((field) => field.type === 'text' || field.type === 'longtext');
  const names = new Set(texts.map((field) => `Text${field.maxLength}`));
  if (entity.relations.length + entity.many.length > 0) names.add('Reference');
  if (entity.many.length > 0) names.add('RecordId');
  return names.size === 0 ? '' : bracketedImport('app.schemas.base', [...names].sort(byName));
}

function usesBounds(entity: EntityModel): boolean {
  return entity.relations.length > 0 || entity.fields.some((field) => boundsOf(field).length > 0);
}

export function entitySchemaFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const imports = joined([
    modelImports(entity),
    entity.relations.length > 0 ? 'from app.pagination import MAX_INTEGER' : '',
    schemaImports(entity),
  ]);
  return pythonText(`
"""What clients send and get for ${names.humanPlural}."""

import datetime as dt

from pydantic import BaseModel${usesBounds(entity) ? ', Field' : ''}

${imports}


class ${names.pascal}Create(BaseModel):
    """A new ${names.human}."""

${createLines(entity)}


class ${names.pascal}Update(BaseModel):
    """Changes to ${articleFor(names.human)} ${names.human}; what is left out stays as it is."""

${updateLines(entity)}


class ${names.pascal}Read(BaseModel):
    """${articleFor(names.human) === 'an' ? 'An' : 'A'} ${names.human} as stored."""

${readLines(project, entity)}

    @classmethod
    def of(cls, record: ${names.pascal}) -> "${names.pascal}Read":
        """The answer for a stored ${names.human}."""
        ${mappingLines(project, entity)}


class ${names.pascal}Page(BaseModel):
    """Part of the ${names.humanPlural}, and how many there are in all."""

    items: list[${names.pascal}Read]
    total: int
    limit: int
    offset: int
`);
}
