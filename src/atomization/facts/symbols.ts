/** Groups definitions into symbols, and finds the symbol of every bare name by scope. */
import type { BindableFacts } from './bindable.ts';
import { DEF, DEF_FLAG, DEF_KIND, SCOPE, SCOPE_KIND, SYMBOL, USE, USE_FLAG, USE_KIND } from './types.ts';

/**
 * Fills the builder's symbols and the targets of its uses. Returns which symbols have more than one definition, null when none has.
 */
export function bindSymbols(builder: BindableFacts, python: boolean, names: number): Uint8Array | null {
  const table = new SymbolTable(builder, names);
  table.group();
  const written = bindUses(builder, table, python);
  const assigned = python ? builder.touches.filter((use) => isLocal(builder, use)) : written;
  if (assigned.length > 0) addAssignments(builder, assigned, python ? TOUCHED : DEF_FLAG.value | DEF_FLAG.assignment);
  let any = false;
  const several = new Uint8Array(builder.symbols.count);
  for (let symbol = 0; symbol < several.length; symbol += 1) {
    if (builder.lists.at(builder.symbols.get(symbol, SYMBOL.defs)) < 2) continue;
    several[symbol] = 1;
    any = true;
  }
  return any ? several : null;
}

/** Symbols by scope and name, as an open hash. */
class SymbolTable {
  private readonly builder: BindableFacts;
  private readonly table: Int32Array;
  /** For each name whether anything in the file is defined under it: most members are not. */
  private readonly defined: Uint8Array;
  /** For each symbol the spaces, of values and of types, that its definitions live in. */
  readonly spaces: Uint8Array;

  constructor(builder: BindableFacts, names: number) {
    let size = 64;
    while (size < builder.defs.count * 2) size *= 2;
    this.builder = builder;
    this.table = new Int32Array(size).fill(-1);
    this.defined = new Uint8Array(names);
    this.spaces = new Uint8Array(builder.defs.count);
  }

  /** The slot of a symbol in the table, or the free one where it belongs. */
  private slotOf(scope: number, name: number): number {
    const mask = this.table.length - 1;
    const { symbols } = this.builder;
    const mixed = Math.imul(scope, 0x9e3779b1) ^ Math.imul(name, 0x85ebca6b);
    let slot = (mixed ^ (mixed >>> 15)) & mask;
    for (let row = this.table[slot] ?? -1; row >= 0; row = this.table[slot] ?? -1) {
      if (symbols.get(row, SYMBOL.scope) === scope && symbols.get(row, SYMBOL.name) === name) break;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  find(scope: number, name: number): number {
    return this.table[this.slotOf(scope, name)] ?? -1;
  }

  defines(name: number): boolean {
    return this.defined[name] === 1;
  }

  /** Makes a symbol of all definitions of one name in one scope, in the order of the text. */
  group(): void {
    const { defs, symbols, lists } = this.builder;
    const counts = new Int32Array(defs.count);
    for (let def = 0; def < defs.count; def += 1) {
      const scope = defs.get(def, DEF.scope);
      if (scope < 0) continue;
      const name = defs.get(def, DEF.name);
      const slot = this.slotOf(scope, name);
      let symbol = this.table[slot] ?? -1;
      if (symbol < 0) {
        symbol = symbols.add(name, scope, -1);
        this.table[slot] = symbol;
        this.defined[name] = 1;
      }
      counts[symbol] = (counts[symbol] ?? 0) + 1;
      defs.set(def, DEF.symbol, symbol);
      let space = defs.get(def, DEF.flags) & (DEF_FLAG.value | DEF_FLAG.type);
      // An import may be either; an erased one is only known as a type once resolved.
      if (defs.get(def, DEF.kind) === DEF_KIND.import) space = DEF_FLAG.value | DEF_FLAG.type;
      this.spaces[symbol] = (this.spaces[symbol] ?? 0) | space;
    }
    for (let symbol = 0; symbol < symbols.count; symbol += 1) {
      symbols.set(symbol, SYMBOL.defs, lists.length);
      lists.push(counts[symbol] ?? 0);
      for (let i = counts[symbol] ?? 0; i > 0; i -= 1) lists.push(-1);
      counts[symbol] = 0;
    }
    for (let def = 0; def < defs.count; def += 1) {
      const symbol = defs.get(def, DEF.symbol);
      if (symbol >= 0) this.insert(symbol, def, counts);
    }
  }

  /** Puts a definition into its symbol's list, by position; they come almost in order. */
  private insert(symbol: number, def: number, counts: Int32Array): void {
    const { defs, symbols, lists } = this.builder;
    const first = symbols.get(symbol, SYMBOL.defs) + 1;
    const pos = defs.get(def, DEF.pos);
    let at = first + (counts[symbol] ?? 0);
    for (; at > first && defs.get(lists.at(at - 1), DEF.pos) > pos; at -= 1) lists.cells[at] = lists.at(at - 1);
    lists.cells[at] = def;
    counts[symbol] = (counts[symbol] ?? 0) + 1;
  }
}

/** Finds the symbol of every bare name, innermost scope first. Returns the uses that assign, in languages that declare. */
function bindUses(builder: BindableFacts, table: SymbolTable, python: boolean): number[] {
  const { scopes, uses } = builder;
  const written: number[] = [];
  for (let use = 0; use < uses.count; use += 1) {
    const kind = uses.get(use, USE.kind);
    const name = uses.get(use, USE.name);
    if ((kind !== USE_KIND.name && kind !== USE_KIND.exported) || !table.defines(name)) continue;
    const flags = uses.get(use, USE.flags);
    const wanted = wantedSpace(flags, python, kind);
    let inner = true;
    for (let scope = uses.get(use, USE.scope); scope >= 0; scope = scopes.get(scope, SCOPE.parent)) {
      const scopeKind = scopes.get(scope, SCOPE.kind);
      if (isLexical(scopeKind, inner && python)) {
        const symbol = table.find(scope, name);
        if (symbol >= 0 && ((table.spaces[symbol] ?? 0) & wanted) !== 0) {
          uses.set(use, USE.target, symbol);
          if (!python && (flags & USE_FLAG.write) !== 0) written.push(use);
          break;
        }
      }
      // A class body sees its own names; what is nested in it does not.
      if (scopeKind !== SCOPE_KIND.block) inner = false;
    }
  }
  return written;
}

/** In languages that declare, an assignment is a further definition of the symbol that it reaches; in Python a change in place. */
function addAssignments(builder: BindableFacts, written: readonly number[], flags: number): void {
  const { uses, defs, lists, symbols } = builder;
  const added = new Map<number, number[]>();
  for (const use of written) {
    const pos = uses.get(use, USE.pos);
    const name = uses.get(use, USE.name);
    const symbol = uses.get(use, USE.target);
    const def = builder.define({
      kind: DEF_KIND.variable,
      name,
      pos,
      start: pos,
      end: pos + builder.nameAt(name).length,
      flags,
      scope: symbols.get(symbol, SYMBOL.scope),
    });
    defs.set(def, DEF.symbol, symbol);
    builder.assignments.set(use, def);
    const known = added.get(symbol);
    if (known === undefined) added.set(symbol, [def]);
    else known.push(def);
  }
  for (const [symbol, more] of added) {
    const offset = symbols.get(symbol, SYMBOL.defs);
    const declared = lists.at(offset);
    symbols.set(symbol, SYMBOL.defs, lists.length);
    lists.push(declared + more.length);
    for (let i = 1; i <= declared; i += 1) lists.push(lists.at(offset + i));
    for (const def of more) lists.push(def);
  }
}

const TOUCHED = DEF_FLAG.value | DEF_FLAG.type | DEF_FLAG.augmented | DEF_FLAG.touched;

/** True for a use of a name that is bound in the same function, or at module level outside of functions. */
function isLocal(builder: BindableFacts, use: number): boolean {
  const { uses, symbols } = builder;
  const symbol = uses.get(use, USE.target);
  if (symbol < 0) return false;
  const scope = builder.enclosing(uses.get(use, USE.scope), SCOPE_KIND.function, SCOPE_KIND.class);
  return symbols.get(symbol, SYMBOL.scope) === scope;
}

function wantedSpace(flags: number, python: boolean, kind: number): number {
  if (python || kind === USE_KIND.exported) return DEF_FLAG.value | DEF_FLAG.type;
  return (flags & USE_FLAG.type) !== 0 ? DEF_FLAG.type : DEF_FLAG.value;
}

function isLexical(kind: number, inner: boolean): boolean {
  if (kind === SCOPE_KIND.object) return false;
  return kind !== SCOPE_KIND.class || inner;
}
