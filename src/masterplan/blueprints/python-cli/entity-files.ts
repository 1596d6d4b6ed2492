/** Modules of the command-line tool that say what its records are. */
import { fileText } from '../layout.ts';
import { type EntityModel, entityNamed, type FieldModel, NUMBER_BOUNDS, type ProjectModel } from '../model.ts';

const quoted = (text: string): string => JSON.stringify(text);

const KINDS: Readonly<Record<FieldModel['type'], string>> = {
  text: 'text',
  longtext: 'text',
  integer: 'integer',
  decimal: 'decimal',
  boolean: 'boolean',
  date: 'date',
  datetime: 'datetime',
  enum: 'choice',
};

function defaultOf({ type, defaultValue }: FieldModel): string | null {
  if (defaultValue === null) return null;
  if (type === 'boolean') return defaultValue === true ? '1' : '0';
  return type === 'decimal' ? quoted(String(defaultValue)) : JSON.stringify(defaultValue);
}

function fieldSource(field: FieldModel): string {
  const kind = KINDS[field.type];
  const bounds = NUMBER_BOUNDS[field.type === 'decimal' ? 'decimal' : 'integer'];
  const isNumber = kind === 'integer' || kind === 'decimal';
  const fallback = defaultOf(field);
  const parts = [
    quoted(field.name),
    kind === 'text' ? '' : `kind=${quoted(kind)}`,
    field.required ? 'required=True' : '',
    field.unique ? 'unique=True' : '',
    kind === 'text' && field.maxLength !== 200 ? `max_length=${field.maxLength}` : '',
    isNumber && field.min !== bounds.min ? `minimum=${field.min}` : '',
    isNumber && field.max !== bounds.max ? `maximum=${field.max}` : '',
    kind === 'choice' ? `choices=(${field.values.map(quoted).join(', ')},)` : '',
    fallback === null ? '' : `default=${fallback}`,
  ];
  return `Field(${parts.filter((part) => part !== '').join(', ')})`;
}

const ON_DELETE = { restrict: 'RESTRICT', cascade: 'CASCADE', set_null: 'SET NULL' } as const;

function relationSource(project: ProjectModel, relation: EntityModel['relations'][number]): string {
  const { names } = entityNamed(project, relation.target);
  const rule = ON_DELETE[relation.onDelete];
  const parts = [
    quoted(`${relation.name}_id`),
    'kind="reference"',
    relation.required ? 'required=True' : '',
    `refers_to=${quoted(names.snakePlural)}`,
    rule === 'SET NULL' ? '' : `on_delete=${quoted(rule)}`,
  ];
  return `Field(${parts.filter((part) => part !== '').join(', ')})`;
}

/** The module of one kind of record. */
export function entityFile(project: ProjectModel, entity: EntityModel, pkg: string): string {
  const { names } = entity;
  const fields = [
    ...entity.fields.map(fieldSource),
    ...entity.relations.map((relation) => relationSource(project, relation)),
  ];
  const orders = entity.rules.map(({ earlier, later }) => `(${quoted(earlier)}, ${quoted(later)}),`).join(' ');
  return fileText(`
"""What ${names.humanPlural} are made of."""

from ${pkg}.model import Entity, Field

${names.snake.toUpperCase()} = Entity(
    name=${quoted(names.human)},
    plural=${quoted(names.humanPlural)},
    table=${quoted(names.snakePlural)},
    fields=(
${fields.map((field) => `        ${field},`).join('\n')}
    ),${orders === '' ? '' : `\n    orders=(${orders}),`}
)
`);
}

/** The package that holds all kinds of records, by the name of their command. */
export function entitiesPackageFile(project: ProjectModel, pkg: string): string {
  const constants = project.entities.map(({ names }) => ({ constant: names.snake.toUpperCase(), names }));
  const imports = constants
    .toSorted((a, b) => (a.names.snake < b.names.snake ? -1 : 1))
    .map(({ constant, names }) => `from ${pkg}.entities.${names.snake} import ${constant}`);
  return fileText(`
"""All kinds of records, by the name of their command."""

${imports.join('\n')}

ENTITIES = {
${constants.map(({ constant, names }) => `    ${quoted(names.kebab)}: ${constant},`).join('\n')}
}
`);
}
