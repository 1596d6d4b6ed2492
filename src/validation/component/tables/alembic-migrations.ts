import type { SyntaxNode } from '../../../adapters/parser/index.ts';
import { argumentsOf, lastName, pythonString, type PythonSource } from '../python/python-program.ts';
import { columnOf } from './python-columns.ts';
import type { SchemaState } from './schema-state.ts';
import { applySql } from './sql-migrations.ts';
import { plainName } from './sql-statements.ts';
import { type Column, familyOf, type Place } from './table.ts';

/** Revision of an Alembic file and the one before it. */
function revisionOf({ definitions }: PythonSource): { readonly own: string; readonly before: string | null } | null {
  const value = (name: string): string | null =>
    pythonString(definitions.get(name)?.childForFieldName('right') ?? null);
  const own = value('revision');
  return own === null ? null : { own, before: value('down_revision') };
}

/** Alembic's files in the order in which they are carried out; those without a revision by path, before the others. */
export function inOrder(files: readonly PythonSource[]): PythonSource[] {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const byRevision = new Map<string, PythonSource>();
  for (const file of sorted) byRevision.set(revisionOf(file)?.own ?? '', file);
  const order: PythonSource[] = [];
  // The depth is bounded: revisions that name each other in a circle have no first one.
  const place = (file: PythonSource, depth: number): void => {
    if (order.includes(file) || depth > sorted.length) return;
    const before = byRevision.get(revisionOf(file)?.before ?? '\u0000');
    if (before !== undefined && before !== file) place(before, depth + 1);
    if (!order.includes(file)) order.push(file);
  };
  for (const file of sorted) place(file, 0);
  return order;
}

/** Carries out what `upgrade` of an Alembic file does to tables. */
export function applyAlembic(file: PythonSource, state: SchemaState): void {
  const body = file.definitions.get('upgrade')?.childForFieldName('body');
  if (body === undefined || body === null) return;
  const batches = batchesIn(body);
  for (const call of body.descendantsOfType('call')) {
    const callee = call.childForFieldName('function');
    if (callee?.type !== 'attribute') continue;
    const receiver = callee.childForFieldName('object')?.text ?? '';
    const table = batches.get(receiver);
    const operation = { file, call, name: lastName(callee.childForFieldName('attribute')), state };
    if (receiver === 'op' || receiver === 'alembic.op') applyOperation(operation, null);
    else if (table !== undefined) applyOperation(operation, table);
    else if (/\.create_all$/.test(callee.text)) state.isOpen = true;
  }
}

/** Names of `with op.batch_alter_table("users") as batch` with their tables. */
function batchesIn(body: SyntaxNode): Map<string, string> {
  const found = new Map<string, string>();
  for (const item of body.descendantsOfType('as_pattern')) {
    const call = item.namedChild(0);
    const name = item.descendantsOfType('as_pattern_target')[0]?.text;
    if (
      call?.type !== 'call' ||
      name === undefined ||
      !/batch_alter_table$/.test(call.childForFieldName('function')?.text ?? '')
    )
      continue;
    const table = pythonString(argumentsOf(call.childForFieldName('arguments')).positional[0] ?? null);
    if (table !== null) found.set(name, plainName(table));
  }
  return found;
}

interface Operation {
  readonly file: PythonSource;
  readonly call: SyntaxNode;
  readonly name: string;
  readonly state: SchemaState;
}

/** One call of `op`; within a batch the table is given already. */
function applyOperation({ file, call, name, state }: Operation, batch: string | null): void {
  const { positional, keywords, isOpen } = argumentsOf(call.childForFieldName('arguments'));
  const place: Place = { path: file.path, text: file.text, position: call.startIndex };
  const given = batch === null ? positional.slice(1) : positional;
  const named = batch ?? pythonString(positional[0] ?? keywords.get('table_name') ?? null);
  const second = pythonString(given[0] ?? keywords.get('column_name') ?? null);
  const table = named === null ? null : plainName(named);
  if (name === 'execute') {
    // Statements that are put together from other things cannot be read.
    const text = sqlOf(positional[0]);
    if (text === null) state.isOpen = true;
    else applySql({ path: file.path, text: file.text.slice(0, call.startIndex).replace(/[^\n]/g, ' ') + text }, state);
  } else if (table === null) {
    if (/^(?:create|drop|rename)_table$/.test(name)) state.isOpen = true;
  } else if (name === 'create_table') createTable(table, place, given, isOpen, file, state);
  else if (name === 'drop_table') state.drop(table);
  else if (name === 'rename_table' && second !== null) state.rename(table, plainName(second));
  else if (name === 'add_column') {
    const column = columnOf({ file, program: null }, '', given[0] ?? null, null);
    if (column !== null && column.name !== '') state.addColumn(table, column);
    else state.open(table);
  } else if (name === 'drop_column' && second !== null) state.dropColumn(table, plainName(second));
  else if (name === 'alter_column' && second !== null) state.changeColumn(table, plainName(second), changeOf(keywords));
  else if (name === 'create_foreign_key') addForeignKey(positional, batch, state);
}

function sqlOf(node: SyntaxNode | undefined): string | null {
  if (node?.type === 'call') return sqlOf(argumentsOf(node.childForFieldName('arguments')).positional[0]);
  if (node?.type === 'concatenated_string') return node.namedChildren.map((part) => pythonString(part) ?? '').join('');
  return node === undefined ? null : pythonString(node);
}

function createTable(
  name: string,
  place: Place,
  parts: readonly SyntaxNode[],
  hasMore: boolean,
  file: PythonSource,
  state: SchemaState,
): void {
  const calls = parts.filter(({ type }) => type === 'call');
  const columns = calls
    .filter((call) => lastName(call.childForFieldName('function')) === 'Column')
    .map((call) => columnOf({ file, program: null }, '', call, null))
    .filter((column): column is Column => column !== null && column.name !== '');
  state.create(name, place, columns, hasMore || calls.length < parts.length);
  for (const call of calls) {
    const kind = lastName(call.childForFieldName('function'));
    const { positional } = argumentsOf(call.childForFieldName('arguments'));
    if (kind === 'PrimaryKeyConstraint')
      for (const key of positional)
        state.changeColumn(name, pythonString(key) ?? '', { nullable: false, hasDefault: true });
    if (kind === 'ForeignKeyConstraint') {
      const [own, target] = positional.map(stringsOf);
      own?.forEach((column, i) => {
        const [table = '', referred = null] = splitKey(target?.[i] ?? '');
        if (table !== '') state.addReference(name, column, { table, column: referred });
      });
    }
  }
}

function stringsOf(list: SyntaxNode): string[] {
  return list.namedChildren.flatMap((part) => pythonString(part) ?? []);
}

/** `users.id`, `public.users.id`. */
function splitKey(key: string): [table: string, column: string | null] {
  const parts = key.split('.');
  return parts.length < 2 ? [plainName(key), null] : [plainName(parts.at(-2) ?? ''), plainName(parts.at(-1) ?? '')];
}

function changeOf(keywords: ReadonlyMap<string, SyntaxNode>): Partial<Column> {
  const nullable = keywords.get('nullable')?.text;
  const renamed = pythonString(keywords.get('new_column_name') ?? null);
  const type = keywords.get('type_');
  return {
    ...(nullable === 'True' || nullable === 'False' ? { nullable: nullable === 'True' } : {}),
    ...(renamed === null ? {} : { name: plainName(renamed) }),
    ...(type === undefined ? {} : typeOf(type)),
    ...(keywords.has('server_default') ? { hasDefault: keywords.get('server_default')?.text !== 'None' } : {}),
  };
}

function typeOf(type: SyntaxNode): Pick<Column, 'family' | 'shown'> {
  const shown = type.text.replace(/\(.*$/s, '');
  return { family: familyOf(lastName(type.childForFieldName('function') ?? type)), shown };
}

function addForeignKey(positional: readonly SyntaxNode[], batch: string | null, state: SchemaState): void {
  const names = positional.map((part) => pythonString(part));
  const lists = positional.filter(({ type }) => type === 'list').map(stringsOf);
  const source = batch ?? names[1];
  const referent = names[batch === null ? 2 : 1];
  const [own, target] = lists;
  if (source === null || source === undefined || referent === null || referent === undefined) return;
  own?.forEach((column, i) => {
    state.addReference(plainName(source), column, { table: plainName(referent), column: target?.[i] ?? null });
  });
}
