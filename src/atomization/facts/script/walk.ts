import type { SyntaxTable } from '../../../adapters/parser/index.ts';
import {
  CONTEXT_KIND,
  DEF,
  DEF_FLAG,
  DEF_KIND,
  EXPR,
  FUNCTION,
  OP,
  SCOPE,
  SCOPE_KIND,
  USE,
  USE_FLAG,
  USE_KIND,
} from '../types.ts';
import { Walk } from '../walk.ts';

/** The visitors that a walk calls back into: given from outside, because they need the walk. */
export interface ScriptVisitors {
  value(w: ScriptWalk, node: number, context?: number, flags?: number): number;
  type(w: ScriptWalk, node: number): number;
  statement(w: ScriptWalk, node: number): void;
}

/** Something that a condition says about the expression written `source`. */
export interface Narrowing {
  readonly source: string;
  /** The expression that says it, given what is known of the value so far. */
  readonly apply: (value: number) => number;
}

/** The state of a walk over a TypeScript or JavaScript file, and how its patterns bind names. */
export class ScriptWalk extends Walk {
  readonly visit: ScriptVisitors;
  /** JavaScript has no declared fields of old: `this.x = …` declares. */
  readonly untyped: boolean;
  private readonly returned = new Map<number, number[]>();
  private readonly yielded = new Map<number, number[]>();
  /** Class scope that `this` means; -1 where it means nothing known. */
  thisScope = -1;
  /** Inside a static member `this` is the class itself. */
  thisIsClass = false;
  /** Type of the `this` parameter of the function being walked; -1 for none. */
  thisType = -1;
  /** What conditions around the walk say about expressions, by their source; innermost last. */
  readonly narrowings: Narrowing[] = [];
  /** Class operands of `instanceof` and callees of calls, by node: what a condition that was walked refers to. */
  readonly operands = new Map<number, number>();

  constructor(table: SyntaxTable, text: string, untyped: boolean, visit: ScriptVisitors) {
    super(table, text);
    this.untyped = untyped;
    this.visit = visit;
  }

  /** Walks with what a condition says added. */
  narrowed<T>(narrowings: readonly Narrowing[], walk: () => T): T {
    const { length } = this.narrowings;
    this.narrowings.push(...narrowings);
    const result = walk();
    this.narrowings.length = length;
    return result;
  }

  /** A value as the conditions around the walk leave it. */
  refine(node: number, value: number): number {
    if (this.narrowings.length === 0) return value;
    const source = this.text(node);
    let refined = value;
    for (const narrowing of this.narrowings) if (narrowing.source === source) refined = narrowing.apply(refined);
    return refined;
  }

  /** The scope that `var` and function declarations at its top bind in. */
  functionScope(): number {
    return this.b.enclosing(this.b.scope, SCOPE_KIND.function, SCOPE_KIND.namespace);
  }

  returns(value: number): void {
    const list = this.returned.get(this.fn) ?? [];
    list.push(value);
    this.returned.set(this.fn, list);
  }

  yields(value: number): void {
    const list = this.yielded.get(this.fn) ?? [];
    list.push(value);
    this.yielded.set(this.fn, list);
  }

  /** Walks a function's body with its own results. */
  inFunction(fn: number, walk: () => void): void {
    const { b } = this;
    const outer = this.fn;
    this.fn = fn;
    walk();
    const returns = this.returned.get(fn);
    const yields = this.yielded.get(fn);
    if (returns !== undefined) b.functions.set(fn, FUNCTION.returns, b.list(returns));
    if (yields !== undefined) b.functions.set(fn, FUNCTION.yields, b.list(yields));
    this.fn = outer;
  }

  declare(d: {
    node: number;
    whole: number;
    kind: number;
    flags: number;
    scope?: number;
    type?: number;
    value?: number;
    extra?: number;
    name?: number;
  }): number {
    const { b } = this;
    const def = b.define({
      kind: d.kind,
      name: d.name ?? b.nameOf(d.node),
      pos: b.startOf(d.node),
      start: b.startOf(d.whole),
      end: b.endOf(d.whole),
      flags: d.flags,
      scope: d.scope ?? b.scope,
      type: d.type ?? -1,
      value: d.value ?? -1,
      extra: d.extra ?? -1,
    });
    if (d.kind === DEF_KIND.variable || d.kind === DEF_KIND.parameter) b.flow.define(def);
    return def;
  }

  /**
   * Binds the names of a pattern. `scope`: where they are declared, or -1 for an assignment to names declared elsewhere.
   * Returns the definitions made.
   */
  bind(node: number, value: number, type: number, kind: number, scope: number, whole = node, flags = 0): number[] {
    const { b } = this;
    switch (this.type(node)) {
      case 'identifier':
      case 'shorthand_property_identifier_pattern':
      case 'undefined':
        if (scope < 0) return this.write(node);
        return [this.declare({ node, whole, kind, flags: flags | DEF_FLAG.value, scope, type, value })];
      case 'object_pattern':
        return this.bindObject(node, this.typed(type, value), kind, scope, flags);
      case 'array_pattern': {
        const source = this.typed(type, value);
        return this.elements(node).flatMap((child, i) => {
          if (child < 0) return [];
          const rest = this.type(child) === 'rest_pattern';
          return this.bind(child, rest ? source : b.expr(OP.item, source, i), -1, kind, scope, child, flags);
        });
      }
      case 'assignment_pattern':
      case 'object_assignment_pattern': {
        const fallback = this.visit.value(this, this.field(node, 'right'));
        const both = value < 0 ? fallback : b.expr(OP.union, b.list([value, fallback]));
        return this.bind(this.field(node, 'left'), both, type, kind, scope, node, flags);
      }
      case 'rest_pattern':
        return this.bind(this.firstNamed(node), value, type, kind, scope, node, flags | DEF_FLAG.rest);
      case 'this':
        return [];
      default:
        // A member or an element: assigned, not declared.
        this.effects += 1;
        this.assignMember(node, value);
        return [];
    }
  }

  private typed(type: number, value: number): number {
    return type < 0 ? value : this.b.expr(OP.cast, type, value);
  }

  /** Elements of an array pattern with its holes as -1. */
  private elements(node: number): number[] {
    const { after } = this.table;
    const last = after[node] ?? 0;
    const found: number[] = [];
    let pending = true;
    for (let child = node + 1; child < last; child = after[child] ?? last) {
      const type = this.type(child);
      if (type === ',') {
        if (pending) found.push(-1);
        pending = true;
      } else if (this.isNamed(child)) {
        found.push(child);
        pending = false;
      }
    }
    return found;
  }

  private bindObject(node: number, source: number, kind: number, scope: number, flags: number): number[] {
    const { b } = this;
    return this.named(node).flatMap((child) => {
      const type = this.type(child);
      if (type === 'rest_pattern') return this.bind(child, source, -1, kind, scope, child, flags);
      if (type === 'pair_pattern') {
        const key = this.field(child, 'key');
        const name = this.keyName(key);
        if (name === undefined) {
          this.visit.value(this, key);
          return this.bind(this.field(child, 'value'), -1, -1, kind, scope, child, flags);
        }
        b.useIn(USE_KIND.pattern, name, b.startOf(key), source, USE_FLAG.read);
        return this.bind(this.field(child, 'value'), b.expr(OP.property, source, name), -1, kind, scope, child, flags);
      }
      const left = type === 'object_assignment_pattern' ? this.field(child, 'left') : child;
      const name = b.nameOf(left);
      b.useIn(USE_KIND.pattern, name, b.startOf(left), source, USE_FLAG.read);
      return this.bind(child, b.expr(OP.property, source, name), -1, kind, scope, child, flags);
    });
  }

  private write(node: number): number[] {
    const { b } = this;
    const use = b.uses.add(USE_KIND.name, b.nameOf(node), b.startOf(node), b.scope, -1, USE_FLAG.write, -1);
    b.flow.write(use);
    return [];
  }

  /** `a.b = value`: a use of the member; in JavaScript `this.b = value` declares it. */
  private assignMember(node: number, value: number): void {
    const { b } = this;
    const expr = this.visit.value(this, node, -1, USE_FLAG.write);
    if (!this.untyped || b.exprs.get(expr, EXPR.op) !== OP.member) return;
    const use = b.exprs.get(expr, EXPR.a);
    const base = b.uses.get(use, USE.base);
    if (b.exprs.get(base, EXPR.op) !== OP.this) return;
    const classScope = b.exprs.get(base, EXPR.a);
    if (classScope < 0) return;
    b.define({
      kind: DEF_KIND.attribute,
      name: b.uses.get(use, USE.name),
      pos: b.uses.get(use, USE.pos),
      start: b.startOf(node),
      end: b.endOf(node),
      flags: DEF_FLAG.value | (this.thisIsClass ? DEF_FLAG.static : 0),
      scope: classScope,
      value,
    });
  }

  /** Number of the name of a property key; undefined for a computed one. */
  keyName(node: number): number | undefined {
    switch (this.type(node)) {
      case 'property_identifier':
      case 'private_property_identifier':
      case 'identifier':
      case 'number':
      case 'shorthand_property_identifier':
        return this.b.nameOf(node);
      case 'string':
        return this.b.contentOf(node);
      case 'computed_property_name': {
        const inner = this.firstNamed(node);
        if (inner < 0) return undefined;
        if (this.type(inner) === 'string') return this.b.contentOf(inner);
        const computed = this.computedName(inner);
        return computed === undefined ? undefined : this.b.intern(computed);
      }
      default:
        return undefined;
    }
  }

  /** The name under which `[key]` is known when `key` is a constant: its source in brackets. */
  computedName(node: number): string | undefined {
    const type = this.type(node);
    return type === 'identifier' || type === 'member_expression'
      ? `[${this.text(node).replace(/\s+/g, '')}]`
      : undefined;
  }

  context(kind: keyof typeof CONTEXT_KIND, a: number, b = -1): number {
    return this.b.context(CONTEXT_KIND[kind], a, b);
  }

  ownerOf(scope: number): number {
    return this.b.scopes.get(scope, SCOPE.owner);
  }

  setBody(def: number, scope: number): void {
    this.b.defs.set(def, DEF.body, scope);
  }
}
