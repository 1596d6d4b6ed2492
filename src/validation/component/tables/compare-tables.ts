import type { Finding } from '../../../domain/index.ts';
import { TextPositions } from '../../text-position.ts';
import { findingAt } from '../finding-at.ts';
import type { MigrationSet } from './migration-sets.ts';
import type { Column, Family, Place, Table } from './table.ts';

/** `migrations/1.sql:4`. */
export function shownPlace({ path, text, position }: Place): string {
  return `${path}:${String(new TextPositions(text).at(position).line)}`;
}

/** What SQL databases store as something else, so that a difference means nothing where a plain type is given. */
const STORED_AS: Readonly<Partial<Record<Family, readonly Family[]>>> = {
  boolean: ['integer'],
  time: ['text', 'integer', 'date'],
  date: ['text', 'time'],
  json: ['text', 'binary'],
  uuid: ['text', 'binary'],
  real: ['text'],
};

function sameFamily(model: Column, made: Column): boolean {
  if (model.family === null || made.family === null || model.family === made.family) return true;
  if ((STORED_AS[model.family] ?? []).includes(made.family))
    // Both written in Python: they have the same words for types, and mean them.
    return !(model.place.path.endsWith('.py') && made.place.path.endsWith('.py')) || model.family === 'uuid';
  return false;
}

function columnFindings(column: Column, table: Table, made: Table): Finding[] {
  const found = made.columns.get(column.name);
  const full = `${table.name}.${column.name}`;
  if (found === undefined) {
    if (made.isOpen) return [];
    const message = `the model has the column "${full}", but no migration makes it (the table is made at ${shownPlace(made.place)})`;
    const close = nearName(column.name, made);
    const fix =
      close === null
        ? `add ${column.name} to the table in a migration`
        : `name it ${close}, as ${shownPlace(made.place)} does, or rename it in a migration`;
    return [findingAt(column.place, 'missing-column', message, fix)];
  }
  const where = shownPlace(found.place);
  const findings: Finding[] = [];
  if (!sameFamily(column, found))
    findings.push(
      findingAt(
        column.place,
        'column-type',
        `"${full}" is ${column.shown} in the model and ${found.shown} in the migration at ${where}`,
        'give the column the same type in both',
      ),
    );
  if (column.nullable !== null && found.nullable !== null && column.nullable !== found.nullable) {
    const said = (nullable: boolean): string => (nullable ? 'may be null' : 'must not be null');
    findings.push(
      findingAt(
        column.place,
        'column-nullability',
        `"${full}" ${said(column.nullable)} in the model and ${said(found.nullable)} in the migration at ${where}`,
        `make it ${column.nullable ? 'nullable' : 'NOT NULL'} in the migration, or change the model`,
      ),
    );
  }
  return findings;
}

function nearName(name: string, { columns }: Table): string | null {
  const plain = (text: string): string => text.replaceAll('_', '').toLowerCase();
  return [...columns.keys()].find((other) => plain(other) === plain(name)) ?? null;
}

/** Columns that the database wants a value for and the model does not have. */
function unknownColumns(table: Table, made: Table): Finding[] {
  if (table.isOpen || table.columns.size === 0) return [];
  return [...made.columns.values()]
    .filter((column) => column.nullable === false && !column.hasDefault && !table.columns.has(column.name))
    .map((column) =>
      findingAt(
        table.place,
        'undeclared-column',
        `"${table.name}.${column.name}" must not be null (${shownPlace(column.place)}), and the model does not have it: nothing can be stored`,
        `add ${column.name} to the model, or give it a default in the migration`,
      ),
    );
}

/** Foreign keys to tables and columns that no migration makes. */
export function keyFindings(table: Table, { state }: MigrationSet): Finding[] {
  if (state.isOpen) return [];
  return [...table.columns.values()].flatMap(({ name, place, references }) => {
    const target = references === null ? undefined : state.tables.get(references.table);
    if (references === null || (target !== undefined && (target.isOpen || references.column === null))) return [];
    if (target?.columns.has(references.column ?? '') === true) return [];
    const key = references.column === null ? references.table : `${references.table}.${references.column}`;
    const message =
      target === undefined
        ? `"${table.name}.${name}" refers to "${key}", and no migration makes the table "${references.table}"`
        : `"${table.name}.${name}" refers to "${key}", and the table made at ${shownPlace(target.place)} has no such column`;
    return [
      findingAt(place, 'foreign-key', message, 'refer to a table and column that exist, or add them in a migration'),
    ];
  });
}

/** Where a model and the migrations disagree about its table. */
export function compareTable(table: Table, set: MigrationSet): Finding[] {
  const made = set.state.tables.get(table.name);
  if (made === undefined) {
    if (set.state.isOpen) return [];
    const message = `no migration makes the table "${table.name}" (those in ${set.root === '' ? 'the project' : set.root} do not)`;
    return [findingAt(table.place, 'missing-migration', message, `add a migration that makes ${table.name}`)];
  }
  return [
    ...[...table.columns.values()].flatMap((column) => columnFindings(column, table, made)),
    ...unknownColumns(table, made),
    ...keyFindings(table, set),
  ];
}
