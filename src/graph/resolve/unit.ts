import {
  CONTEXT,
  DEF,
  EXPORT,
  EXPR,
  FUNCTION,
  IMPORT,
  SCOPE,
  SCOPE_KIND,
  SHAPE,
  STATEMENT,
  SYMBOL,
  USE,
  type FileFacts,
} from '../facts.ts';

/** The part of a file's atoms that resolution needs. `index` names the atom in the graph; positions are UTF-16 indexes. */
export interface AtomSpan {
  readonly startIndex: number;
  readonly endIndex: number;
  readonly index: number;
  /** Graph index of the atom that holds the header of the enclosing declaration. */
  readonly parent?: number;
}

/** One file with its facts as something to ask. Rows are numbered within the file. */
export class FileUnit {
  readonly id: number;
  readonly path: string;
  readonly facts: FileFacts;
  readonly atoms: readonly AtomSpan[];
  readonly python: boolean;
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  /** Where the last atom was found: names are asked for in the order of the text. */
  private cursor = 0;
  private readonly atomOfDefs: Int32Array;
  private nameIds: Map<string, number> | undefined;
  /** Symbols by scope and name, as an open hash. */
  private symbols: Int32Array | undefined;
  private scopes: Map<number, string[]> | undefined;
  private firstReaching: Int32Array | undefined;
  private readonly labels: (string | undefined)[] = [];

  constructor(id: number, path: string, facts: FileFacts, atoms: readonly AtomSpan[]) {
    this.id = id;
    this.path = path;
    this.facts = facts;
    this.atoms = atoms;
    this.python = facts.language === 'python';
    this.starts = new Int32Array(atoms.length);
    this.ends = new Int32Array(atoms.length);
    atoms.forEach((atom, row) => {
      this.starts[row] = atom.startIndex;
      this.ends[row] = atom.endIndex;
    });
    this.atomOfDefs = new Int32Array(facts.defs.length / DEF.width).fill(NOT_ASKED);
  }

  /** Graph index of the atom at a position; -1 when the position is in none. */
  atomAt(position: number): number {
    let row = this.cursor;
    if (position < (this.starts[row] ?? 0) || position >= (this.ends[row] ?? 0)) {
      row = lastAtMost(this.starts, position);
      if (row < 0 || position >= (this.ends[row] ?? 0)) return -1;
      this.cursor = row;
    }
    return this.atoms[row]?.index ?? -1;
  }

  /** Graph index of the atom that holds the name of a definition. */
  atomOfDef(def: number): number {
    let atom = this.atomOfDefs[def] ?? -1;
    if (atom === NOT_ASKED) {
      const row = lastAtMost(this.starts, this.def(def, DEF.pos));
      const found = row < 0 || this.def(def, DEF.pos) >= (this.ends[row] ?? 0) ? undefined : this.atoms[row];
      atom = found?.index ?? -1;
      this.atomOfDefs[def] = atom;
    }
    return atom;
  }

  /** The atoms that overlap a stretch. */
  atomsBetween(start: number, end: number): readonly AtomSpan[] {
    const first = Math.max(0, lastAtMost(this.starts, start));
    return this.atoms.slice(first, lastAtMost(this.starts, end - 1) + 1);
  }

  /** 1-based line of a position. */
  lineAt(position: number): number {
    return lastAtMost(this.facts.lineStarts, position) + 1;
  }

  name(id: number): string {
    return id < 0 ? '' : (this.facts.names[id] ?? '');
  }

  def(row: number, column: number): number {
    return row < 0 ? -1 : (this.facts.defs[row * DEF.width + column] ?? -1);
  }

  use(row: number, column: number): number {
    return row < 0 ? -1 : (this.facts.uses[row * USE.width + column] ?? -1);
  }

  expr(row: number, column: number): number {
    return row < 0 ? -1 : (this.facts.exprs[row * EXPR.width + column] ?? -1);
  }

  scope(row: number, column: number): number {
    return row < 0 ? -1 : (this.facts.scopes[row * SCOPE.width + column] ?? -1);
  }

  fn(row: number, column: number): number {
    return row < 0 ? -1 : (this.facts.functions[row * FUNCTION.width + column] ?? -1);
  }

  shape(row: number, column: number): number {
    return row < 0 ? -1 : (this.facts.shapes[row * SHAPE.width + column] ?? -1);
  }

  symbol(row: number, column: number): number {
    return row < 0 ? -1 : (this.facts.symbols[row * SYMBOL.width + column] ?? -1);
  }

  import(row: number, column: number): number {
    return row < 0 ? -1 : (this.facts.imports[row * IMPORT.width + column] ?? -1);
  }

  export(row: number, column: number): number {
    return this.facts.exports[row * EXPORT.width + column] ?? -1;
  }

  context(row: number, column: number): number {
    return row < 0 ? -1 : (this.facts.contexts[row * CONTEXT.width + column] ?? -1);
  }

  statement(row: number, column: number): number {
    return this.facts.statements[row * STATEMENT.width + column] ?? -1;
  }

  list(offset: number): Int32Array {
    if (offset < 0) return EMPTY;
    return this.facts.lists.subarray(offset + 1, offset + 1 + (this.facts.lists[offset] ?? 0));
  }

  defName(row: number): string {
    return this.name(this.def(row, DEF.name));
  }

  /** Number of a name in this file; undefined for one that does not occur in it. */
  nameId(name: string): number | undefined {
    if (this.nameIds === undefined) {
      this.nameIds = new Map();
      for (const [id, known] of this.facts.names.entries()) this.nameIds.set(known, id);
    }
    return this.nameIds.get(name);
  }

  /** The symbol of that name in that scope; -1 for none. */
  symbolIn(scope: number, name: string): number {
    const id = this.nameId(name);
    if (id === undefined) return -1;
    const table = (this.symbols ??= this.hashSymbols());
    const mask = table.length - 1;
    for (let slot = symbolHash(scope, id) & mask; ; slot = (slot + 1) & mask) {
      const row = table[slot] ?? -1;
      if (row < 0 || (this.symbol(row, SYMBOL.scope) === scope && this.symbol(row, SYMBOL.name) === id)) return row;
    }
  }

  private hashSymbols(): Int32Array {
    const count = this.facts.symbols.length / SYMBOL.width;
    let size = 16;
    while (size < count * 2) size *= 2;
    const table = new Int32Array(size).fill(-1);
    for (let row = 0; row < count; row += 1) {
      let slot = symbolHash(this.symbol(row, SYMBOL.scope), this.symbol(row, SYMBOL.name)) & (size - 1);
      while ((table[slot] ?? -1) >= 0) slot = (slot + 1) & (size - 1);
      table[slot] = row;
    }
    return table;
  }

  /** The names that a scope defines. */
  namesIn(scope: number): readonly string[] {
    if (this.scopes === undefined) {
      this.scopes = new Map();
      const count = this.facts.symbols.length / SYMBOL.width;
      for (let row = 0; row < count; row += 1) {
        const owner = this.symbol(row, SYMBOL.scope);
        const names = this.scopes.get(owner);
        if (names === undefined) this.scopes.set(owner, [this.name(this.symbol(row, SYMBOL.name))]);
        else names.push(this.name(this.symbol(row, SYMBOL.name)));
      }
    }
    return this.scopes.get(scope) ?? [];
  }

  /** Definitions that the flow analysis found for a use; empty where it had nothing to decide. */
  reaching(use: number): readonly number[] {
    const pairs = this.facts.reaching;
    if (pairs.length === 0) return NO_ROWS;
    if (this.firstReaching === undefined) {
      this.firstReaching = new Int32Array(this.facts.uses.length / USE.width).fill(-1);
      for (let i = pairs.length - 2; i >= 0; i -= 2) this.firstReaching[pairs[i] ?? 0] = i;
    }
    const first = this.firstReaching[use] ?? -1;
    if (first < 0) return NO_ROWS;
    const defs: number[] = [];
    for (let i = first; pairs[i] === use; i += 2) defs.push(pairs[i + 1] ?? -1);
    return defs;
  }

  /** What a definition is called and where it stands, for reasons; `make` is asked once. */
  labelOf(def: number, make: (unit: FileUnit, def: number) => string): string {
    return (this.labels[def] ??= make(this, def));
  }

  /** The innermost function (or module) scope around a scope, itself included. */
  bodyOf(scope: number): number {
    let current = scope;
    while (current > 0 && this.scope(current, SCOPE.kind) !== SCOPE_KIND.function)
      current = this.scope(current, SCOPE.parent);
    return Math.max(current, 0);
  }

  /** The definition of a symbol that has just one; -1 for others. */
  onlyDefOf(symbol: number): number {
    const offset = symbol < 0 ? -1 : this.symbol(symbol, SYMBOL.defs);
    return offset >= 0 && this.facts.lists[offset] === 1 ? (this.facts.lists[offset + 1] ?? -1) : -1;
  }

  defsOf(symbol: number): Int32Array {
    return symbol < 0 ? EMPTY : this.list(this.symbol(symbol, SYMBOL.defs));
  }
}

const EMPTY = new Int32Array(0);
const NO_ROWS: readonly number[] = [];
const NOT_ASKED = -2;

function symbolHash(scope: number, name: number): number {
  const mixed = Math.imul(scope, 0x9e3779b1) ^ Math.imul(name, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}

function lastAtMost(sorted: Int32Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
