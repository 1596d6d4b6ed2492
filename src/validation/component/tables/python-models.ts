import type { SyntaxNode } from '../../../adapters/parser/index.ts';
import {
  argumentsOf,
  contentOf,
  lastName,
  type PythonProgram,
  pythonString,
  type PythonSource,
  statementsOf,
} from '../python/python-program.ts';
import { columnOf } from './python-columns.ts';
import { plainName } from './sql-statements.ts';
import type { Column, Table } from './table.ts';

interface ClassColumns {
  readonly columns: Map<string, Column>;
  /** True when a base, or what a mixin works out, may bring more. */
  readonly isOpen: boolean;
}

/** Bases of SQLAlchemy and Python that bring no columns. */
const PLAIN_BASE =
  /^(?:Base|Model|DeclarativeBase|DeclarativeBaseNoMeta|MappedAsDataclass|AsyncAttrs|object|ABC|Generic\[.*\])$/;

function columnsOfClass(program: PythonProgram, file: PythonSource, node: SyntaxNode, depth = 0): ClassColumns {
  const columns = new Map<string, Column>();
  let isOpen = false;
  for (const base of argumentsOf(node.childForFieldName('superclasses')).positional) {
    const found = program.definition(file, base.text);
    if (found?.node?.type === 'class_definition' && depth < 8) {
      const inherited = columnsOfClass(program, found.file, found.node, depth + 1);
      isOpen ||= inherited.isOpen;
      for (const [name, column] of inherited.columns) columns.set(name, column);
    } else if (!PLAIN_BASE.test(lastName(base)) && !PLAIN_BASE.test(base.text)) isOpen = true;
  }
  const body = node.childForFieldName('body');
  for (const statement of body === null ? [] : statementsOf(body)) {
    if (statement.type === 'decorated_definition' && /declared_attr/.test(statement.text)) isOpen = true;
    const content = contentOf(statement);
    const name = content?.type === 'assignment' ? content.childForFieldName('left') : null;
    if (content === null || name?.type !== 'identifier') continue;
    const column = columnOf(
      { file, program },
      name.text,
      content.childForFieldName('right'),
      content.childForFieldName('type'),
    );
    if (column !== null) columns.set(column.name, { ...column, place: { ...column.place, position: name.startIndex } });
  }
  return { columns, isOpen };
}

/** The table's name: as `__tablename__` says, or as Flask-SQLAlchemy makes it of the class. */
function tableNameOf(node: SyntaxNode): { readonly name: string; readonly position: number } | null {
  const body = node.childForFieldName('body');
  for (const statement of body === null ? [] : statementsOf(body)) {
    const content = contentOf(statement);
    if (content?.type !== 'assignment') continue;
    const left = content.childForFieldName('left')?.text;
    if (left === '__abstract__') return null;
    const name = left === '__tablename__' ? pythonString(content.childForFieldName('right')) : null;
    if (name !== null) return { name, position: content.startIndex };
  }
  const bases = argumentsOf(node.childForFieldName('superclasses')).positional.map(({ text }) => text);
  const own = node.childForFieldName('name');
  if (!bases.includes('db.Model') || own === null) return null;
  return { name: own.text.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase(), position: own.startIndex };
}

/** Tables that the SQLAlchemy models of a file declare. Subclasses that share a table add to it what is not known. */
export function pythonTables(program: PythonProgram, file: PythonSource): Table[] {
  if (!/__tablename__|\bdb\.Model\b|\bTable\(/.test(file.text)) return [];
  return [...file.definitions.values()].flatMap((node) => {
    const { path, text } = file;
    if (node.type === 'assignment') return tableCall(program, file, node.childForFieldName('right'));
    const named = node.type === 'class_definition' ? tableNameOf(node) : null;
    if (named === null) return [];
    const { columns, isOpen } = columnsOfClass(program, file, node);
    return [{ name: plainName(named.name), place: { path, text, position: named.position }, columns, isOpen }];
  });
}

/** `Table("name", metadata, Column("a", ...), ...)`. */
function tableCall(program: PythonProgram, file: PythonSource, call: SyntaxNode | null): Table[] {
  if (call?.type !== 'call' || lastName(call.childForFieldName('function')) !== 'Table') return [];
  const given = argumentsOf(call.childForFieldName('arguments'));
  const name = pythonString(given.positional[0] ?? null);
  if (name === null) return [];
  const found = given.positional.slice(1).flatMap((part) => columnOf({ file, program }, '', part, null) ?? []);
  const columns = new Map(found.filter((column) => column.name !== '').map((column) => [column.name, column]));
  const place = { path: file.path, text: file.text, position: call.startIndex };
  return [{ name: plainName(name), place, columns, isOpen: given.isOpen || given.keywords.has('autoload_with') }];
}
