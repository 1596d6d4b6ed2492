/**
 * Reads a syntax tree straight from the parser's WebAssembly memory: no call per node. This knows how tree-sitter lays out its
 * trees, so nothing relies on it unseen: `tabulate` compares it with the public interface before it trusts it, per grammar, and
 * falls back to the public interface where they differ.
 */
import type { Tree } from 'web-tree-sitter';

/** What a walk fills. The columns are longer than `count`; what lies behind is left over from other trees. */
export interface SyntaxColumns {
  count: number;
  /** Index into `types`; ERROR_KIND for errors. */
  kind: Uint16Array;
  /** UTF-16 positions in the text, end exclusive. */
  start: Uint32Array;
  end: Uint32Array;
  /** Entry of the parent; -1 for the root. */
  parent: Int32Array;
  /** Entry after the last descendant: the next sibling, where the parent has one. The first child of `i` is `i + 1` when `i + 1 < after[i]`. */
  after: Uint32Array;
  /** Index into `fields`; 0 for none. */
  field: Uint8Array;
  flags: Uint8Array;
}

// A subtree is 8 bytes: either a small leaf itself (lowest bit set) or the address of a record. A record's children lie before it.
const SUBTREE_SIZE = 8;

// Words of a record.
const PADDING = 1;
const SIZE = 4;
const CHILD_COUNT = 9;
// Half words of a record.
const SYMBOL = 20;
const PRODUCTION = 33;
// Bytes of a record.
const BITS = 44;
const MORE_BITS = 45;

// Words of a language.
const FIELD_COUNT = 8;
const FIELD_MAP_SLICES = 16;
const FIELD_MAP_ENTRIES = 17;
const SYMBOL_METADATA = 18;
const PUBLIC_SYMBOL_MAP = 19;
const ALIAS_SEQUENCES = 21;
// Half words of a language.
const MAX_ALIAS_SEQUENCE_LENGTH = 18;

/** Metadata of a symbol: visible, named, supertype, a byte each. */
const METADATA_SIZE = 3;

/** Kind of error nodes. */
export const ERROR_KIND = 65535;

/** Bits of `flags`. */
export const NODE_NAMED = 1;
/** A comment or the like: allowed anywhere, part of no rule. */
export const NODE_EXTRA = 2;
/** Inserted by the parser where something is missing; has no width. */
export const NODE_MISSING = 4;
export const NODE_ERROR = 8;

interface Memory {
  readonly bytes: Uint8Array;
  readonly halves: Uint16Array;
  readonly words: Uint32Array;
}

/** What the walk needs from a language's tables, as addresses. */
interface Tables {
  readonly aliases: number;
  readonly aliasLength: number;
  readonly slices: number;
  readonly entries: number;
  readonly metadata: number;
  readonly symbols: number;
}

function memoryOf(module: Readonly<Record<string, unknown>>): Memory | undefined {
  const { HEAPU8: bytes, HEAPU16: halves, HEAPU32: words } = module;
  if (!(bytes instanceof Uint8Array && halves instanceof Uint16Array && words instanceof Uint32Array)) return undefined;
  return { bytes, halves, words };
}

function tablesOf(memory: Memory, language: number): Tables {
  const word = (index: number): number => memory.words[(language >> 2) + index] ?? 0;
  return {
    aliases: word(ALIAS_SEQUENCES),
    aliasLength: memory.halves[(language >> 1) + MAX_ALIAS_SEQUENCE_LENGTH] ?? 0,
    slices: word(FIELD_COUNT) > 0 ? word(FIELD_MAP_SLICES) : 0,
    entries: word(FIELD_MAP_ENTRIES),
    metadata: word(SYMBOL_METADATA),
    symbols: word(PUBLIC_SYMBOL_MAP),
  };
}

/** Children up to which the fields of a production are remembered; the grammars here have fewer. */
const REMEMBERED_CHILDREN = 64;

/** For each language, by its address: the fields of each production's children, filled as productions are met. */
const fieldsByLanguage = new Map<number, (Uint8Array | undefined)[]>();

function fieldsOf(memory: Memory, tables: Tables, production: number): Uint8Array {
  const fields = new Uint8Array(REMEMBERED_CHILDREN);
  if (tables.slices === 0) return fields;
  const slice = (tables.slices >> 1) + production * 2;
  const first = memory.halves[slice] ?? 0;
  const length = memory.halves[slice + 1] ?? 0;
  for (let entry = tables.entries + first * 4, last = entry + length * 4; entry < last; entry += 4) {
    const child = memory.bytes[entry + 2] ?? 0;
    // The first entry that is not inherited counts.
    if (memory.bytes[entry + 3] === 0 && child < REMEMBERED_CHILDREN && fields[child] === 0) {
      fields[child] = memory.halves[entry >> 1] ?? 0;
    }
  }
  return fields;
}

/** The parents on the way from the root to where the walk is. */
class Path {
  depth = 0;
  /** Address of the next child's subtree, and of the first one behind the last. */
  next = new Uint32Array(256);
  last = new Uint32Array(256);
  production = new Uint16Array(256);
  /** Index of the next child among those that count for aliases and fields. */
  structural = new Uint32Array(256);
  /** Visible entry under which children go, and the field that a hidden parent hands down. */
  entry = new Int32Array(256);
  field = new Uint8Array(256);
  hidden = new Uint8Array(256);

  push(): number {
    if (this.depth === this.next.length) this.grow();
    return this.depth++;
  }

  private grow(): void {
    for (const column of ['next', 'last', 'structural'] as const) {
      const larger = new Uint32Array(this.depth * 2);
      larger.set(this[column]);
      this[column] = larger;
    }
    const production = new Uint16Array(this.depth * 2);
    production.set(this.production);
    this.production = production;
    const entry = new Int32Array(this.depth * 2);
    entry.set(this.entry);
    this.entry = entry;
    for (const column of ['field', 'hidden'] as const) {
      const larger = new Uint8Array(this.depth * 2);
      larger.set(this[column]);
      this[column] = larger;
    }
  }
}

const path = new Path();

/**
 * Fills `columns` with the visible nodes of `tree`. Returns false, with the columns undefined, when the memory cannot be read or
 * holds more nodes than the columns take.
 */
export function readTreeMemory(module: Readonly<Record<string, unknown>>, tree: Tree, columns: SyntaxColumns): boolean {
  const memory = memoryOf(module);
  const address = (tree as unknown as { readonly 0?: unknown })[0];
  if (memory === undefined || typeof address !== 'number') return false;
  const language = memory.words[(address >> 2) + 2] ?? 0;
  let known = fieldsByLanguage.get(language);
  if (known === undefined) fieldsByLanguage.set(language, (known = []));
  return walk(memory, tablesOf(memory, language), known, address, columns);
}

function walk(
  memory: Memory,
  tables: Tables,
  known: (Uint8Array | undefined)[],
  root: number,
  columns: SyntaxColumns,
): boolean {
  const { bytes, halves, words } = memory;
  const { kind, start, end, parent, after, field: fields, flags } = columns;
  const capacity = kind.length;
  let count = 0;
  // Where the subtree before ended, in bytes of UTF-16.
  let position = 0;
  let subtree = root;
  let alias = 0;
  let field = 0;
  let above = -1;
  path.depth = 0;
  for (;;) {
    const head = words[subtree >> 2] as number;
    let visible: boolean;
    let symbol: number;
    let bits: number;
    let children = 0;
    let record = 0;
    let size: number;
    if ((head & 1) === 1) {
      const sizes = words[(subtree >> 2) + 1] as number;
      visible = (head & 2) !== 0;
      symbol = (head >> 8) & 0xff;
      bits = ((head >> 2) & 3) | ((head & 32) !== 0 ? NODE_MISSING : 0);
      position += (sizes >> 16) & 0xff;
      size = sizes >>> 24;
    } else {
      record = head >> 2;
      const low = bytes[head + BITS] as number;
      visible = (low & 1) !== 0;
      symbol = halves[(head >> 1) + SYMBOL] as number;
      bits = ((low >> 1) & 3) | (((bytes[head + MORE_BITS] as number) & 2) !== 0 ? NODE_MISSING : 0);
      position += words[record + PADDING] as number;
      size = words[record + SIZE] as number;
      children = words[record + CHILD_COUNT] as number;
    }
    if (alias !== 0) {
      visible = true;
      symbol = alias;
      bits =
        (bits & ~NODE_NAMED) | ((bytes[tables.metadata + alias * METADATA_SIZE + 1] as number) !== 0 ? NODE_NAMED : 0);
    }
    let entry = above;
    if (visible) {
      if (count === capacity) return false;
      entry = count++;
      if (symbol === ERROR_KIND) bits |= NODE_ERROR;
      else symbol = halves[(tables.symbols >> 1) + symbol] as number;
      kind[entry] = symbol;
      start[entry] = position >> 1;
      end[entry] = (position + size) >> 1;
      parent[entry] = above;
      fields[entry] = field;
      flags[entry] = bits;
      after[entry] = count;
    }
    if (children > 0) {
      const level = path.push();
      path.next[level] = head - children * SUBTREE_SIZE;
      path.last[level] = head;
      path.production[level] = halves[(head >> 1) + PRODUCTION] as number;
      path.structural[level] = 0;
      path.entry[level] = entry;
      path.hidden[level] = visible ? 0 : 1;
      path.field[level] = visible ? 0 : field;
      // The first child brings the parent's padding with it.
      position -= words[record + PADDING] as number;
    } else {
      position += size;
    }
    // On to the next child of the innermost parent that has one.
    let level = path.depth - 1;
    while (level >= 0 && path.next[level] === path.last[level]) {
      if (path.hidden[level] === 0) after[path.entry[level] as number] = count;
      level--;
    }
    path.depth = level + 1;
    if (level < 0) break;
    subtree = path.next[level] as number;
    path.next[level] = subtree + SUBTREE_SIZE;
    above = path.entry[level] as number;
    const childHead = words[subtree >> 2] as number;
    const extra = (childHead & 1) === 1 ? (childHead & 8) !== 0 : ((bytes[childHead + BITS] as number) & 4) !== 0;
    if (extra) {
      alias = 0;
      field = 0;
      continue;
    }
    const production = path.production[level] as number;
    const index = path.structural[level] as number;
    path.structural[level] = index + 1;
    alias = production === 0 ? 0 : (halves[(tables.aliases >> 1) + production * tables.aliasLength + index] as number);
    field =
      index < REMEMBERED_CHILDREN ? ((known[production] ??= fieldsOf(memory, tables, production))[index] as number) : 0;
    if (field === 0) field = path.field[level] as number;
  }
  columns.count = count;
  return true;
}
