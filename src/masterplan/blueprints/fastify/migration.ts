/** `backend/drizzle`: the statements that make the tables of a new database, and their journal. */
import { entityNamed, type EntityModel, type FieldModel, type ProjectModel } from '../model.ts';
import { has } from '../python-web/feature-parts.ts';
import { ON_DELETE } from './entity-table.ts';
import { linkTableName } from './entity-names.ts';

/** Between two statements of a migration. */
const BREAKPOINT = '--> statement-breakpoint\n';
/** The time that the first migration carries; those that follow must be later. */
const FIRST_MIGRATION = Date.UTC(2024, 0, 1);

function sqlType(field: FieldModel): string {
  if (field.type === 'integer' || field.type === 'boolean') return 'integer';
  return field.type === 'decimal' ? 'real' : 'text';
}

function sqlDefault(field: FieldModel): string {
  const value = field.defaultValue;
  if (value === null) return '';
  return ` DEFAULT ${typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value)}`;
}

function fieldLine(field: FieldModel): string {
  const notNull = field.required || field.type === 'boolean' ? ' NOT NULL' : '';
  return `\`${field.name}\` ${sqlType(field)}${sqlDefault(field)}${notNull}`;
}

/** A foreign key as drizzle-kit writes it. */
function foreignKey(column: string, target: string, rule: string): string {
  return `FOREIGN KEY (\`${column}\`) REFERENCES \`${target}\`(\`id\`) ON UPDATE no action ON DELETE ${rule}`;
}

/** \`CREATE TABLE\` of the lines. */
export function createTable(name: string, lines: readonly string[]): string {
  return `CREATE TABLE \`${name}\` (\n${lines.map((line) => `\t${line}`).join(',\n')}\n);\n`;
}

function createIndex(kind: 'INDEX' | 'UNIQUE INDEX', name: string, table: string, column: string): string {
  return `CREATE ${kind} \`${name}\` ON \`${table}\` (\`${column}\`);\n`;
}

/** What every table begins with. */
export const RECORD_LINES = [
  '`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL',
  '`created_at` text NOT NULL',
  '`updated_at` text NOT NULL',
] as const;

function entityStatements(project: ProjectModel, entity: EntityModel): string[] {
  const table = entity.names.snakePlural;
  const display = entity.fields.find((field) => field.name === entity.display && !field.unique);
  const indexed = [
    ...(display === undefined ? [] : [display.name]),
    ...entity.relations.map(({ name }) => `${name}_id`),
  ];
  const lines = [
    ...RECORD_LINES,
    ...(has(project, 'soft_delete') ? ['`deleted_at` text'] : []),
    ...(has(project, 'audit') ? ['`created_by` text', '`updated_by` text'] : []),
    ...entity.fields.map(fieldLine),
    ...entity.relations.map(({ name, required }) => `\`${name}_id\` integer${required ? ' NOT NULL' : ''}`),
    ...entity.relations.map(({ name, target, onDelete }) =>
      foreignKey(`${name}_id`, entityNamed(project, target).names.snakePlural, ON_DELETE[onDelete]),
    ),
  ];
  return [
    createTable(table, lines),
    ...entity.fields
      .filter((field) => field.unique)
      .map((field) => createIndex('UNIQUE INDEX', `${table}_${field.name}_unique`, table, field.name)),
    ...indexed.map((column) => createIndex('INDEX', `${table}_${column}`, table, column)),
    ...entity.many.flatMap((many) => linkStatements(project, entity, many)),
  ];
}

function linkStatements(project: ProjectModel, entity: EntityModel, many: EntityModel['many'][number]): string[] {
  const table = linkTableName(entity, many);
  const [owner, target] = [`${entity.names.snake}_id`, `${many.singular}_id`];
  const lines = [
    `\`${owner}\` integer NOT NULL`,
    `\`${target}\` integer NOT NULL`,
    `PRIMARY KEY(\`${owner}\`, \`${target}\`)`,
    foreignKey(owner, entity.names.snakePlural, 'cascade'),
    foreignKey(target, entityNamed(project, many.target).names.snakePlural, 'cascade'),
  ];
  return [createTable(table, lines), createIndex('INDEX', `${table}_${target}`, table, target)];
}

function accountStatements(): string[] {
  const lines = [
    ...RECORD_LINES,
    '`email` text NOT NULL',
    '`name` text NOT NULL',
    '`password_hash` text NOT NULL',
    "`role` text DEFAULT 'member' NOT NULL",
  ];
  return [createTable('accounts', lines), createIndex('UNIQUE INDEX', 'accounts_email_unique', 'accounts', 'email')];
}

function auditStatements(): string[] {
  const lines = [
    ...RECORD_LINES,
    '`entity` text NOT NULL',
    '`record_id` integer NOT NULL',
    '`action` text NOT NULL',
    '`changes` text NOT NULL',
    '`actor` text',
  ];
  const index = 'CREATE INDEX `audit_entries_record` ON `audit_entries` (`entity`,`record_id`);\n';
  return [createTable('audit_entries', lines), index];
}

function jobStatements(): string[] {
  const lines = [
    ...RECORD_LINES,
    '`kind` text NOT NULL',
    "`status` text DEFAULT 'queued' NOT NULL",
    '`attempts` integer DEFAULT 0 NOT NULL',
    '`result` text',
    '`error` text',
    '`finished_at` text',
  ];
  return [createTable('jobs', lines), createIndex('INDEX', 'jobs_status', 'jobs', 'status')];
}

function attachmentStatements(): string[] {
  const texts = ['filename', 'content_type', 'stored_name'].map((name) => `\`${name}\` text NOT NULL`);
  const lines = [
    ...RECORD_LINES,
    '`collection` text NOT NULL',
    '`record_id` integer NOT NULL',
    ...texts,
    '`size` integer NOT NULL',
    '`discarded_at` text',
  ];
  const index = 'CREATE INDEX `attachments_record` ON `attachments` (`collection`,`record_id`);\n';
  return [createTable('attachments', lines), index];
}

export function migrationFile(project: ProjectModel): string {
  const statements = [
    ...(has(project, 'auth') ? accountStatements() : []),
    ...project.entities.flatMap((entity) => entityStatements(project, entity)),
    ...(has(project, 'upload') ? attachmentStatements() : []),
    ...(has(project, 'audit') ? auditStatements() : []),
    ...(has(project, 'jobs') ? jobStatements() : []),
  ];
  return statements.join(BREAKPOINT);
}

export function journalFile(): string {
  const entry = { idx: 0, version: '6', when: FIRST_MIGRATION, tag: '0000_tables', breakpoints: true };
  return `${JSON.stringify({ version: '7', dialect: 'sqlite', entries: [entry] }, null, 2)}\n`;
}
