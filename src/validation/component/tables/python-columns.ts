import type { SyntaxNode } from '../../../adapters/parser/index.ts';
import {
  argumentsOf,
  lastName,
  type PythonArguments,
  type PythonProgram,
  pythonString,
  type PythonSource,
} from '../python/python-program.ts';
import { plainName } from './sql-statements.ts';
import { type Column, type Family, familyOf, type ForeignKey } from './table.ts';

/** Where a column is written; with the program, names of types are looked up. */
export interface ColumnContext {
  readonly file: PythonSource;
  readonly program: PythonProgram | null;
}

const COLUMN_CALLS: ReadonlySet<string> = new Set(['Column', 'mapped_column']);
/** What else a call of `Column` is given by place. */
const NO_TYPE = /^(?:ForeignKey|Computed|Identity|Sequence|CheckConstraint|FetchedValue|text)$/;
/** What a Python type is stored as, where the column names no type of its own. */
const ANNOTATED: Readonly<Record<string, Family>> = {
  int: 'integer',
  float: 'real',
  Decimal: 'real',
  str: 'text',
  bool: 'boolean',
  datetime: 'time',
  date: 'date',
  bytes: 'binary',
  UUID: 'uuid',
};

/** The call of `Column` in a value, also inside `deferred(...)`; null when it is none. */
function columnCall(value: SyntaxNode | null): SyntaxNode | null {
  if (value?.type !== 'call') return null;
  const name = lastName(value.childForFieldName('function'));
  if (COLUMN_CALLS.has(name)) return value;
  return name === 'deferred'
    ? columnCall(argumentsOf(value.childForFieldName('arguments')).positional[0] ?? null)
    : null;
}

/** The type in `Mapped[...]`, without `| None`. */
export interface MappedType {
  readonly text: string;
  readonly isOptional: boolean;
}

export function mappedType(annotation: SyntaxNode | null): MappedType | null {
  const [, inner] = /^["']?(?:\w+\.)*Mapped\[([\s\S]*)\]["']?$/.exec(annotation?.text.trim() ?? '') ?? [];
  if (inner === undefined) return null;
  const [, optional] = /^(?:\w+\.)?Optional\[([\s\S]*)\]$/.exec(inner.replaceAll(/["']/g, '')) ?? [];
  const parts = (optional ?? inner.replaceAll(/["']/g, '')).split('|').map((part) => part.trim());
  return {
    text: parts.filter((part) => part !== 'None').join(' | '),
    isOptional: optional !== undefined || parts.includes('None'),
  };
}

/** A column as a class, `Table(...)` or a migration writes it; null for what is none, as a relationship. */
export function columnOf(
  context: ColumnContext,
  attribute: string,
  value: SyntaxNode | null,
  annotation: SyntaxNode | null,
): Column | null {
  const call = columnCall(value);
  const mapped = mappedType(annotation);
  if (call === null && (value !== null || mapped === null || /^(?:\w+\.)*(?:list|List|set|Set)\[/.test(mapped.text)))
    return null;
  const given = argumentsOf(call?.childForFieldName('arguments') ?? null);
  const names = given.positional.map(pythonString);
  const type = typeNode(given, names);
  const isKey = given.keywords.get('primary_key')?.text === 'True';
  const node = call ?? annotation;
  return {
    name: plainName(names[0] ?? pythonString(given.keywords.get('name') ?? null) ?? attribute),
    place: { path: context.file.path, text: context.file.text, position: node?.startIndex ?? 0 },
    family: type === null ? annotatedFamily(mapped) : typeFamily(context, type, 0),
    shown: (type?.text ?? mapped?.text ?? '').replace(/\(.*$/s, ''),
    nullable: given.isOpen ? null : nullableOf(given, mapped, isKey),
    hasDefault: isKey || ['server_default', 'default', 'default_factory'].some((name) => given.keywords.has(name)),
    references: referenceIn(given.positional),
  };
}

function typeNode(given: PythonArguments, names: readonly (string | null)[]): SyntaxNode | null {
  const named = given.keywords.get('type_');
  if (named !== undefined) return named;
  const rest = names[0] === null || names[0] === undefined ? given.positional : given.positional.slice(1);
  const [first] = rest;
  return first === undefined || NO_TYPE.test(lastName(first.childForFieldName('function') ?? first)) ? null : first;
}

function nullableOf(given: PythonArguments, mapped: MappedType | null, isKey: boolean): boolean | null {
  const said = given.keywords.get('nullable')?.text;
  if (said === 'True' || said === 'False') return said === 'True';
  if (said !== undefined) return null;
  if (isKey) return false;
  // A name of the project's own in `Mapped[...]` may say anything about the column.
  return mapped === null ? true : mapped.isOptional;
}

function annotatedFamily(mapped: MappedType | null): Family | null {
  return mapped === null ? null : (ANNOTATED[mapped.text.split('.').at(-1) ?? ''] ?? null);
}

/** The family of a type expression: known by name, or by what the project's own type decorator stores. */
function typeFamily(context: ColumnContext, type: SyntaxNode, depth: number): Family | null {
  const name = type.childForFieldName('function') ?? type;
  const own = context.program?.definition(context.file, name.text) ?? null;
  const { node } = own ?? { node: null };
  if (own === null || node === null) return familyOf(lastName(name));
  if (depth > 4) return null;
  const inner = { ...context, file: own.file };
  if (node.type === 'assignment') {
    const right = node.childForFieldName('right');
    return right === null ? null : typeFamily(inner, right, depth + 1);
  }
  if (node.type === 'function_definition') return familyOf(lastName(node.childForFieldName('return_type')));
  const impl = node.descendantsOfType('assignment').find((part) => part.childForFieldName('left')?.text === 'impl');
  const stored = impl?.childForFieldName('right') ?? null;
  return stored === null ? null : typeFamily(inner, stored, depth + 1);
}

/** `ForeignKey("users.id")`; a key that is no text says nothing. */
function referenceIn(positional: readonly SyntaxNode[]): ForeignKey | null {
  for (const part of positional) {
    if (part.type !== 'call' || lastName(part.childForFieldName('function')) !== 'ForeignKey') continue;
    const key = pythonString(argumentsOf(part.childForFieldName('arguments')).positional[0] ?? null);
    const parts = key?.split('.') ?? [];
    if (parts.length >= 2) return { table: plainName(parts.at(-2) ?? ''), column: plainName(parts.at(-1) ?? '') };
  }
  return null;
}
