/**
 * A syntax tree as columns: one entry per visible node, in document order. Walking numbers is several times cheaper than walking
 * node objects, and one walk serves everything that looks at a file.
 */
import type { Tree } from 'web-tree-sitter';
import {
  ERROR_KIND,
  NODE_ERROR,
  NODE_EXTRA,
  NODE_MISSING,
  NODE_NAMED,
  readTreeMemory,
  type SyntaxColumns,
} from './tree-memory.ts';
import { wasmModule } from './wasm-module.ts';

export interface SyntaxTable extends Readonly<SyntaxColumns> {
  /** Names of node kinds, by `kind`. */
  readonly types: readonly string[];
  readonly fields: readonly (string | null)[];
}

function newColumns(capacity: number): SyntaxColumns {
  return {
    count: 0,
    kind: new Uint16Array(capacity),
    start: new Uint32Array(capacity),
    end: new Uint32Array(capacity),
    parent: new Int32Array(capacity),
    after: new Uint32Array(capacity),
    field: new Uint8Array(capacity),
    flags: new Uint8Array(capacity),
  };
}

/** The slow and portable way: the public cursor. */
function readWithCursor(tree: Tree, columns: SyntaxColumns, limit: number): void {
  const cursor = tree.walk();
  const path: number[] = [];
  let count = 0;
  for (let more = true; more && count < limit;) {
    const entry = count++;
    columns.kind[entry] = cursor.nodeTypeId;
    columns.start[entry] = cursor.startIndex;
    columns.end[entry] = cursor.endIndex;
    columns.parent[entry] = path.at(-1) ?? -1;
    columns.field[entry] = cursor.currentFieldId;
    columns.flags[entry] =
      (cursor.nodeIsNamed ? NODE_NAMED : 0) |
      (cursor.nodeIsMissing ? NODE_MISSING : 0) |
      (cursor.nodeTypeId === ERROR_KIND ? NODE_ERROR : 0) |
      (cursor.currentNode.isExtra ? NODE_EXTRA : 0);
    if (cursor.gotoFirstChild()) {
      path.push(entry);
      continue;
    }
    columns.after[entry] = count;
    while (!cursor.gotoNextSibling()) {
      const parent = path.pop();
      if (parent === undefined) more = false;
      else columns.after[parent] = count;
      if (!more || !cursor.gotoParent()) break;
    }
  }
  cursor.delete();
  columns.count = count;
}

const CHECKED = ['kind', 'start', 'end', 'parent', 'field', 'flags'] as const;

/** Nodes of the first tree of a grammar on which the fast way must agree with the public one. */
const CHECKED_NODES = 3_000;

function agree(fast: SyntaxColumns, slow: SyntaxColumns): boolean {
  if (slow.count !== Math.min(fast.count, CHECKED_NODES)) return false;
  return CHECKED.every((column) => fast[column].subarray(0, slow.count).every((value, i) => value === slow[column][i]));
}

const kindNames = new WeakMap<readonly (string | null)[], readonly string[]>();

/** The names of a language's kinds as the engine keeps property names: those are compared by where they lie, not by letter. */
function kindNamesOf(types: readonly string[]): readonly string[] {
  let names = kindNames.get(types);
  if (names === undefined) {
    names = types.map((type) => Object.keys({ [type]: true })[0] ?? type);
    kindNames.set(types, names);
  }
  return names;
}

const trusted = new Map<object, boolean>();
let scratch = newColumns(1 << 14);

function ensureCapacity(nodes: number): void {
  if (scratch.kind.length >= nodes) return;
  scratch = newColumns(Math.ceil(nodes * 1.25));
}

/** Whether the fast way may be used for trees of this language: it is tried on the first one. */
function mayReadMemory(tree: Tree): boolean {
  const known = trusted.get(tree.language);
  if (known !== undefined) return known;
  const fast = newColumns(tree.rootNode.descendantCount + 1);
  const slow = newColumns(CHECKED_NODES);
  readWithCursor(tree, slow, CHECKED_NODES);
  const result = readTreeMemory(wasmModule(), tree, fast) && agree(fast, slow);
  trusted.set(tree.language, result);
  return result;
}

/**
 * The nodes of `tree` as columns. The columns are reused: they hold until the next call in this thread.
 */
export function tabulate(tree: Tree): SyntaxTable {
  ensureCapacity(tree.rootNode.descendantCount + 1);
  if (!mayReadMemory(tree) || !readTreeMemory(wasmModule(), tree, scratch))
    readWithCursor(tree, scratch, scratch.kind.length);
  return Object.assign(scratch, { types: kindNamesOf(tree.language.types), fields: tree.language.fields });
}

/** True when trees of this language are read straight from memory; for tests and `mge doctor`. */
export function readsMemory(tree: Tree): boolean {
  return mayReadMemory(tree);
}
