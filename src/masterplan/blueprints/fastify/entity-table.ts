/** `backend/src/db/tables/<entity>.ts`: the table of one entity and those of its links. */
import { fileText } from '../layout.ts';
import { entityNamed, type EntityModel, type FieldModel, type ProjectModel, type RelationModel } from '../model.ts';
import { labelOf } from '../naming.ts';
import { isAudited, keepsDeleted } from './bases.ts';
import { aHuman, imports, linkTable, linkTableName, otherTargets, valuesName } from './entity-names.ts';

function columnType(entity: EntityModel, field: FieldModel): string {
  switch (field.type) {
    case 'integer':
      return 'integer()';
    case 'decimal':
      return 'real()';
    case 'boolean':
      return "integer({ mode: 'boolean' })";
    case 'enum':
      return `text({ enum: ${valuesName(entity, field)} })`;
    default:
      return 'text()';
  }
}

/** A default as TypeScript source. */
export function defaultSource(field: FieldModel): string | null {
  if (field.defaultValue === null) return null;
  return typeof field.defaultValue === 'string'
    ? `'${field.defaultValue.replace(/['\\]/g, '\\$&')}'`
    : String(field.defaultValue);
}

function fieldColumn(entity: EntityModel, field: FieldModel): string {
  const fallback = defaultSource(field);
  const calls = [
    columnType(entity, field),
    field.required || field.type === 'boolean' ? '.notNull()' : '',
    fallback === null ? '' : `.default(${fallback})`,
    field.unique ? '.unique()' : '',
  ];
  return `${field.name}: ${calls.join('')},`;
}

/** What the database does with the records that refer to one that is deleted. */
export const ON_DELETE = { restrict: 'restrict', cascade: 'cascade', set_null: 'set null' } as const;

function relationColumn(project: ProjectModel, entity: EntityModel, relation: RelationModel): string {
  const target = entityNamed(project, relation.target);
  const returns = target === entity ? ': AnySQLiteColumn' : '';
  const notNull = relation.required ? '.notNull()' : '';
  return `${relation.name}_id: integer()${notNull}.references(()${returns} => ${target.names.camelPlural}.id, { onDelete: '${ON_DELETE[relation.onDelete]}' }),`;
}

function indexes(entity: EntityModel): string {
  const display = entity.fields.find((field) => field.name === entity.display && !field.unique);
  const columns = [
    ...(display === undefined ? [] : [display.name]),
    ...entity.relations.map(({ name }) => `${name}_id`),
  ];
  if (columns.length === 0) return '';
  const entries = columns.map((column) => `index('${entity.names.snakePlural}_${column}').on(table.${column})`);
  return `, (table) => [${entries.join(', ')}]`;
}

function linkTables(project: ProjectModel, entity: EntityModel): string {
  return entity.many
    .map((many) => {
      const target = entityNamed(project, many.target).names;
      const name = linkTableName(entity, many);
      return `
/** Which ${entity.names.humanPlural} have which ${labelOf(many.name).toLowerCase()}. */
export const ${linkTable(entity, many)} = sqliteTable('${name}', {
  owner_id: integer('${entity.names.snake}_id').notNull().references(() => ${entity.names.camelPlural}.id, { onDelete: 'cascade' }),
  target_id: integer('${many.singular}_id').notNull().references(() => ${target.camelPlural}.id, { onDelete: 'cascade' }),
}, (table) => [primaryKey({ columns: [table.owner_id, table.target_id] }), index('${name}_${many.singular}_id').on(table.target_id)]);
`;
    })
    .join('');
}

export function tableFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const values = entity.fields
    .filter((field) => field.type === 'enum')
    .map(
      (field) =>
        `export const ${valuesName(entity, field)} = [${field.values.map((value) => `'${value}'`).join(', ')}] as const;`,
    );
  const body = `
export const ${names.camelPlural} = sqliteTable('${names.snakePlural}', {
  ...recordColumns(),${keepsDeleted(project) ? '\n  ...trashColumns(),' : ''}${isAudited(project) ? '\n  ...signatureColumns(),' : ''}
  ${entity.fields.map((field) => fieldColumn(entity, field)).join('\n  ')}
  ${entity.relations.map((relation) => relationColumn(project, entity, relation)).join('\n  ')}
}${indexes(entity)});
${linkTables(project, entity)}`;
  const used = ['index', 'integer', 'primaryKey', 'real', 'sqliteTable', 'text'].filter((name) =>
    new RegExp(`\\b${name}\\(`).test(body),
  );
  const others = otherTargets(project, entity).map(({ names: target }): [string, string[]] => [
    `./${target.kebab}.ts`,
    [target.camelPlural],
  ]);
  return fileText(`
${imports({
  'drizzle-orm/sqlite-core': [...(body.includes(': AnySQLiteColumn') ? ['type AnySQLiteColumn'] : []), ...used],
  '../columns.ts': [
    'recordColumns',
    ...(isAudited(project) ? ['signatureColumns'] : []),
    ...(keepsDeleted(project) ? ['trashColumns'] : []),
  ],
  ...Object.fromEntries(others),
})}

${values.join('\n')}
${body}
/** ${labelOf(aHuman(entity))} as it is stored. */
export type ${names.pascal}Row = typeof ${names.camelPlural}.$inferSelect;
`);
}
