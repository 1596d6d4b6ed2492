import type { SyntaxTable } from '../../adapters/parser/index.ts';
import type { Definition } from './bindable.ts';
import { FlowRecorder } from './flow.ts';
import { Interner } from './interner.ts';
import { Numbers, packed, Rows } from './rows.ts';
import { bindSymbols } from './symbols.ts';
import {
  CONTEXT,
  DEF,
  EXPORT,
  EXPR,
  FUNCTION,
  IMPORT,
  OP,
  SCOPE,
  SHAPE,
  STATEMENT,
  SYMBOL,
  USE,
  USE_FLAG,
  USE_KIND,
  type FileFacts,
} from './types.ts';

/** The tables of the file that is being walked: files are walked one at a time, so each thread needs them once. */
const TABLES = {
  scopes: new Rows(SCOPE.width),
  defs: new Rows(DEF.width),
  symbols: new Rows(SYMBOL.width),
  uses: new Rows(USE.width),
  exprs: new Rows(EXPR.width),
  functions: new Rows(FUNCTION.width),
  shapes: new Rows(SHAPE.width),
  contexts: new Rows(CONTEXT.width),
  imports: new Rows(IMPORT.width),
  exports: new Rows(EXPORT.width),
  statements: new Rows(STATEMENT.width),
  lists: new Numbers(),
  lineStarts: new Numbers(),
  reaching: new Numbers(),
  names: new Interner(),
} as const;

/** Collects the facts of one file while its tree is walked. Knows no language. One at a time: it ends with `finish`. */
export class FactsBuilder {
  readonly scopes = TABLES.scopes;
  readonly defs = TABLES.defs;
  readonly symbols = TABLES.symbols;
  readonly uses = TABLES.uses;
  readonly exprs = TABLES.exprs;
  readonly functions = TABLES.functions;
  readonly shapes = TABLES.shapes;
  readonly contexts = TABLES.contexts;
  readonly imports = TABLES.imports;
  readonly exports = TABLES.exports;
  readonly statements = TABLES.statements;
  readonly lists = TABLES.lists;
  readonly flow: FlowRecorder;
  readonly table: SyntaxTable;
  readonly text: string;
  /** Where the walk is: the innermost scope, and the scope that holds `var`s and a body's flow. */
  scope = -1;
  /** The definition made by each use that assigns. */
  readonly assignments = new Map<number, number>();
  /** Uses of names that what they hold is changed through. */
  readonly touches: number[] = [];
  private readonly interner = TABLES.names;

  constructor(table: SyntaxTable, text: string) {
    this.table = table;
    this.text = text;
    this.flow = new FlowRecorder();
    for (const rows of Object.values(TABLES)) if (!(rows instanceof Interner)) rows.clear();
    this.interner.begin(text);
  }

  intern(name: string): number {
    return this.interner.name(name);
  }

  /** Number of the name that a node is. */
  nameOf(node: number): number {
    return this.interner.span(this.table.start[node] ?? 0, this.table.end[node] ?? 0);
  }

  /** The same without the character at each end: the content of a string. */
  contentOf(node: number): number {
    const start = (this.table.start[node] ?? 0) + 1;
    return this.interner.span(start, Math.max(start, (this.table.end[node] ?? 0) - 1));
  }

  nameAt(id: number): string {
    return this.interner.names[id] ?? '';
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
      d.name,
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
  useName(node: number, flags: number, name = this.nameOf(node), pos = this.startOf(node)): number {
    const use = this.uses.add(USE_KIND.name, name, pos, this.scope, -1, flags, -1);
    this.flow.use(use);
    return use;
  }

  /** A name looked up in something else than the scopes. */
  useIn(kind: number, name: number, pos: number, base: number, flags: number): number {
    return this.uses.add(kind, name, pos, this.scope, base, flags, -1);
  }

  nameExpr(node: number, flags: number): number {
    return this.expr(OP.name, this.useName(node, flags));
  }

  memberExpr(object: number, name: number, pos: number, flags: number): number {
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
    const several = bindSymbols(this, language === 'python', this.interner.names.length);
    if (several !== null) this.flow.solve(this, several, TABLES.reaching);
    findLines(this.text, TABLES.lineStarts);
    const [scopes, defs, symbols, uses, exprs, functions, shapes, imports, exports, ...rest] = packed([
      this.scopes,
      this.defs,
      this.symbols,
      this.uses,
      this.exprs,
      this.functions,
      this.shapes,
      this.imports,
      this.exports,
      this.statements,
      this.contexts,
      this.lists,
      TABLES.lineStarts,
      TABLES.reaching,
    ]) as Columns;
    const [statements, contexts, lists, lineStarts, reaching] = rest;
    return {
      language,
      names: this.interner.names,
      scopes,
      defs,
      symbols,
      uses,
      exprs,
      functions,
      shapes,
      imports,
      exports,
      statements,
      contexts,
      lists,
      lineStarts,
      reaching,
    };
  }
}

type C = Int32Array;
/** One column for each table that is packed. */
type Columns = [C, C, C, C, C, C, C, C, C, C, C, C, C, C];

function findLines(text: string, starts: Numbers): void {
  starts.push(0);
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
}
