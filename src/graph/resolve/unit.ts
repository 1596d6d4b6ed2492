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
  private members: Map<number, Map<string, number>> | undefined;

  constructor(id: number, path: string, facts: FileFacts, atoms: readonly AtomSpan[]) {
    this.id = id;
    this.path = path;
    this.facts = facts;
    this.atoms = atoms;
    this.python = facts.language === 'python';
    this.starts = Int32Array.from(atoms, (atom) => atom.startIndex);
  }

  /** Graph index of the atom at a position; -1 when the position is in none. */
  atomAt(position: number): number {
    const row = lastAtMost(this.starts, position);
    const atom = row < 0 ? undefined : this.atoms[row];
    return atom !== undefined && position < atom.endIndex ? atom.index : -1;
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

  /** The symbol of that name in that scope; -1 for none. */
  symbolIn(scope: number, name: string): number {
    return this.symbolsOf(scope)?.get(name) ?? -1;
  }

  /** All symbols of a scope by name. */
  symbolsOf(scope: number): ReadonlyMap<string, number> | undefined {
    if (this.members === undefined) {
      this.members = new Map();
      const count = this.facts.symbols.length / SYMBOL.width;
      for (let row = 0; row < count; row += 1) {
        const owner = this.symbol(row, SYMBOL.scope);
        let names = this.members.get(owner);
        if (names === undefined) this.members.set(owner, (names = new Map<string, number>()));
        names.set(this.name(this.symbol(row, SYMBOL.name)), row);
      }
    }
    return this.members.get(scope);
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
