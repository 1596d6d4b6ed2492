import type { SyntaxTable } from '../../adapters/parser/index.ts';
import { FlowRecorder } from './flow.ts';
import { Rows } from './rows.ts';
import {
  CONTEXT,
  DEF,
  DEF_FLAG,
  DEF_KIND,
  EXPR,
  FUNCTION,
  OP,
  SCOPE,
  SCOPE_KIND,
  SHAPE,
  SYMBOL,
  USE,
  USE_FLAG,
  USE_KIND,
  type FileFacts,
} from './types.ts';

interface Definition {
  readonly kind: number;
  /** Node of the name, for its position. */
  readonly name: string;
  readonly pos: number;
  readonly start: number;
  readonly end: number;
  readonly flags: number;
  readonly scope?: number;
  readonly type?: number;
  readonly value?: number;
  readonly extra?: number;
}

/** Collects the facts of one file while its tree is walked. Knows no language. */
export class FactsBuilder {
  readonly scopes = new Rows(SCOPE.width);
  readonly defs = new Rows(DEF.width);
  readonly uses = new Rows(USE.width);
  readonly exprs = new Rows(EXPR.width);
  readonly functions = new Rows(FUNCTION.width);
  readonly shapes = new Rows(SHAPE.width);
  readonly contexts = new Rows(CONTEXT.width);
  readonly imports = new Rows(8);
  readonly exports = new Rows(5);
  readonly statements = new Rows(5);
  readonly lists: number[] = [];
  readonly names: string[] = [];
  readonly flow: FlowRecorder;
  readonly table: SyntaxTable;
  readonly text: string;
  /** Where the walk is: the innermost scope, and the scope that holds `var`s and a body's flow. */
  scope = -1;
  /** The definition made by each use that assigns. */
  readonly assignments = new Map<number, number>();
  private readonly interned = new Map<string, number>();

  constructor(table: SyntaxTable, text: string) {
    this.table = table;
    this.text = text;
    this.flow = new FlowRecorder();
  }

  intern(name: string): number {
    let id = this.interned.get(name);
    if (id === undefined) {
      id = this.names.length;
      this.names.push(name);
      this.interned.set(name, id);
    }
    return id;
  }

  textOf(node: number): string {
    return this.text.slice(this.table.start[node], this.table.end[node]);
  }

  startOf(node: number): number {
    return this.table.start[node] ?? 0;
  }

  endOf(node: number): number {
    return this.table.end[node] ?? 0;
  }

  list(items: readonly number[]): number {
    if (items.length === 0) return -1;
    const offset = this.lists.length;
    this.lists.push(items.length);
    // One by one: a generated array of half a million elements does not fit on the stack as arguments.
    for (const item of items) this.lists.push(item);
    return offset;
  }

  expr(op: number, a = -1, b = -1, c = -1): number {
    return this.exprs.add(op, a, b, c);
  }

  context(kind: number, a = -1, b = -1): number {
    return this.contexts.add(kind, a, b);
  }

  openScope(kind: number, node: number, owner = -1): number {
    this.scope = this.scopes.add(kind, this.scope, this.startOf(node), this.endOf(node), owner, -1);
    return this.scope;
  }

  closeScope(scope: number): void {
    this.scope = this.scopes.get(scope, SCOPE.parent);
  }

  define(d: Definition): number {
    return this.defs.add(
      this.intern(d.name),
      d.scope ?? this.scope,
      d.pos,
      d.start,
      d.end,
      d.kind,
      d.flags,
      d.type ?? -1,
      d.value ?? -1,
      -1,
      d.extra ?? -1,
      -1,
    );
  }

  /** A bare name in a position described by `flags`; returns the use. */
  useName(node: number, flags: number, name = this.textOf(node), pos = this.startOf(node)): number {
    const use = this.uses.add(USE_KIND.name, this.intern(name), pos, this.scope, -1, flags, -1);
    this.flow.use(use);
    return use;
  }

  /** A name looked up in something else than the scopes. */
  useIn(kind: number, name: string, pos: number, base: number, flags: number): number {
    return this.uses.add(kind, this.intern(name), pos, this.scope, base, flags, -1);
  }

  nameExpr(node: number, flags: number): number {
    return this.expr(OP.name, this.useName(node, flags));
  }

  memberExpr(object: number, name: string, pos: number, flags: number): number {
    return this.expr(OP.member, this.useIn(USE_KIND.member, name, pos, object, flags));
  }

  /** Adds flags to the use behind a name or member expression; does nothing for others. */
  markUse(expr: number, flags: number): void {
    const op = this.exprs.get(expr, EXPR.op);
    if (op !== OP.name && op !== OP.member) return;
    const use = this.exprs.get(expr, EXPR.a);
    const before = this.uses.get(use, USE.flags);
    this.uses.set(use, USE.flags, (flags & USE_FLAG.write ? before & ~USE_FLAG.read : before) | flags);
  }

  addFunction(def: number, flags: number): number {
    const fn = this.functions.add(def, this.scope, -1, -1, -1, -1, flags, -1, -1);
    this.scopes.set(this.scope, SCOPE.detail, fn);
    return fn;
  }

  addShape(def: number, scope: number): number {
    const shape = this.shapes.add(def, scope, -1, -1, -1, -1, -1, -1, -1);
    this.scopes.set(scope, SCOPE.detail, shape);
    return shape;
  }

  /** The innermost scope from `scope` outwards whose kind is `kind` (the module's, when there is none). */
  enclosing(scope: number, ...kinds: number[]): number {
    let current = scope;
    while (current > 0 && !kinds.includes(this.scopes.get(current, SCOPE.kind))) {
      current = this.scopes.get(current, SCOPE.parent);
    }
    return Math.max(current, 0);
  }

  /** Binds uses to symbols by scope and closes the tables. */
  finish(language: string): FileFacts {
    const python = language === 'python';
    const tables = bindSymbols(this, python);
    const reaching = this.flow.solve(this, tables.symbols, tables.lists);
    const packed = (rows: Rows): Int32Array => rows.pack();
    return {
      language,
      names: this.names,
      scopes: packed(this.scopes),
      defs: packed(this.defs),
      symbols: packed(tables.symbols),
      uses: packed(this.uses),
      exprs: packed(this.exprs),
      functions: packed(this.functions),
      shapes: packed(this.shapes),
      imports: packed(this.imports),
      exports: packed(this.exports),
      statements: packed(this.statements),
      contexts: packed(this.contexts),
      lists: Int32Array.from(tables.lists),
      lineStarts: lineStartsOf(this.text),
      reaching: Int32Array.from(reaching),
    };
  }
}

function lineStartsOf(text: string): Int32Array {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return Int32Array.from(starts);
}

/** Groups definitions into symbols and finds the symbol of every bare name, innermost scope first. */
function bindSymbols(builder: FactsBuilder, python: boolean): { symbols: Rows; lists: number[] } {
  const { scopes, defs, uses, lists } = builder;
  const nameCount = builder.names.length;
  const bySlot = new Map<number, number[]>();
  for (let def = 0; def < defs.count; def += 1) {
    const scope = defs.get(def, DEF.scope);
    if (scope < 0) continue;
    const slot = scope * nameCount + defs.get(def, DEF.name);
    const known = bySlot.get(slot);
    if (known === undefined) bySlot.set(slot, [def]);
    else known.push(def);
  }
  const symbols = new Rows(3);
  const symbolOf = new Map<number, number>();
  const spaces: number[] = [];
  for (const [slot, members] of bySlot) {
    members.sort((a, b) => defs.get(a, DEF.pos) - defs.get(b, DEF.pos));
    const symbol = symbols.add(slot % nameCount, Math.floor(slot / nameCount), builder.list(members));
    symbolOf.set(slot, symbol);
    let space = 0;
    for (const def of members) {
      defs.set(def, DEF.symbol, symbol);
      space |= defs.get(def, DEF.flags) & (DEF_FLAG.value | DEF_FLAG.type);
      // An import may be either; an erased one is only known as a type once resolved.
      if (defs.get(def, DEF.kind) === DEF_KIND.import) space |= DEF_FLAG.value | DEF_FLAG.type;
    }
    spaces.push(space);
  }
  for (let use = 0; use < uses.count; use += 1) {
    if (uses.get(use, USE.kind) !== USE_KIND.name && uses.get(use, USE.kind) !== USE_KIND.exported) continue;
    const wanted = wantedSpace(uses.get(use, USE.flags), python, uses.get(use, USE.kind));
    const name = uses.get(use, USE.name);
    let scope = uses.get(use, USE.scope);
    let inner = true;
    while (scope >= 0) {
      if (isLexical(scopes.get(scope, SCOPE.kind), inner && python)) {
        const symbol = symbolOf.get(scope * nameCount + name);
        if (symbol !== undefined && ((spaces[symbol] ?? 0) & wanted) !== 0) {
          uses.set(use, USE.target, symbol);
          if (!python && (uses.get(use, USE.flags) & USE_FLAG.write) !== 0) assign(builder, use, symbol, symbols);
          break;
        }
      }
      // A class body sees its own names; what is nested in it does not.
      if (scopes.get(scope, SCOPE.kind) !== SCOPE_KIND.block) inner = false;
      scope = scopes.get(scope, SCOPE.parent);
    }
  }
  return { symbols, lists };
}

/** In languages that declare, an assignment is a further definition of the symbol that it reaches. */
function assign(builder: FactsBuilder, use: number, symbol: number, symbols: Rows): void {
  const { uses, defs, lists } = builder;
  const pos = uses.get(use, USE.pos);
  const name = uses.get(use, USE.name);
  const def = builder.define({
    kind: DEF_KIND.variable,
    name: builder.names[name] ?? '',
    pos,
    start: pos,
    end: pos + (builder.names[name]?.length ?? 0),
    flags: DEF_FLAG.value | DEF_FLAG.assignment,
    scope: symbols.get(symbol, SYMBOL.scope),
  });
  defs.set(def, DEF.symbol, symbol);
  builder.assignments.set(use, def);
  const offset = symbols.get(symbol, SYMBOL.defs);
  const known = lists.slice(offset + 1, offset + 1 + (lists[offset] ?? 0));
  symbols.set(symbol, SYMBOL.defs, builder.list([...known, def]));
}

function wantedSpace(flags: number, python: boolean, kind: number): number {
  if (python || kind === USE_KIND.exported) return DEF_FLAG.value | DEF_FLAG.type;
  return (flags & USE_FLAG.type) !== 0 ? DEF_FLAG.type : DEF_FLAG.value;
}

function isLexical(kind: number, inner: boolean): boolean {
  if (kind === SCOPE_KIND.object) return false;
  return kind !== SCOPE_KIND.class || inner;
}
