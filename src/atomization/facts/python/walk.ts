import type { SyntaxTable } from '../../../adapters/parser/index.ts';
import { DEF, DEF_FLAG, DEF_KIND, EXPR, FUNCTION, OP, SCOPE, SCOPE_KIND, SHAPE, USE_FLAG } from '../types.ts';
import { Walk } from '../walk.ts';

/** The visitors that a walk calls back into: given from outside, because they need the walk. */
export interface PythonVisitors {
  value(w: PythonWalk, node: number, flags?: number): number;
  type(w: PythonWalk, node: number): number;
  assignment(w: PythonWalk, node: number): number;
}

export interface ParameterPart {
  readonly node: number;
  readonly type: number;
  readonly value: number;
}

const NOT_TYPED = -1;

/** The state of a walk over a Python file, and how its targets bind names. */
export class PythonWalk extends Walk {
  /** Names that `global` or `nonlocal` send elsewhere, per function scope. */
  private readonly redirected = new Map<number, Map<number, number>>();
  private readonly yielded = new Map<number, number[]>();
  private readonly returned = new Map<number, number[]>();
  /** Name of `self` (or `cls`) and the class it belongs to, innermost last. */
  private readonly selves: { name: string; scope: number; classScope: number; isClass: boolean }[] = [];
  private readonly narrowedNames: [string, number][] = [];
  private readonly visit: PythonVisitors;
  /** Depth of `if` and `try` around the current statement, within its scope. */
  conditions = 0;

  constructor(table: SyntaxTable, text: string, visit: PythonVisitors) {
    super(table, text);
    this.visit = visit;
  }

  assignment(node: number): number {
    return this.visit.assignment(this, node);
  }

  /** The innermost class scope around the walk; -1 outside of classes. */
  classScope(): number {
    const { b } = this;
    for (let scope = b.scope; scope >= 0; scope = b.scopes.get(scope, SCOPE.parent)) {
      if (b.scopes.get(scope, SCOPE.kind) === SCOPE_KIND.class) return scope;
    }
    return -1;
  }

  /** What the conditions around the walk say about the expression at a node. */
  narrowing(node: number): number | undefined {
    if (this.narrowedNames.length === 0) return undefined;
    const source = this.text(node);
    for (let i = this.narrowedNames.length - 1; i >= 0; i -= 1) {
      const entry = this.narrowedNames[i];
      if (entry?.[0] === source) return entry[1];
    }
    return undefined;
  }

  /** What a condition says about names when it holds: from `isinstance(name, Class)` and conjunctions of it. */
  narrowings(node: number, value: number): [string, number][] {
    const { b } = this;
    const type = this.type(node);
    if (type === 'parenthesized_expression') return this.narrowings(this.firstNamed(node), value);
    if (type === 'boolean_operator' && this.text(this.field(node, 'operator')) === 'and') {
      // The value of a conjunction is its right side's; the left one was walked before it and is found again by position.
      return this.narrowings(this.field(node, 'left'), -1);
    }
    if (type !== 'call' || this.text(this.field(node, 'function')) !== 'isinstance') return [];
    const [subject] = this.named(this.field(node, 'arguments'));
    const call = value >= 0 && b.exprs.get(value, EXPR.op) === OP.call ? value : this.callAt(node);
    const args = b.exprs.get(call, EXPR.b);
    const cls = args < 0 ? -1 : b.lists.at(args + 2);
    if (subject === undefined || cls < 0) return [];
    return [[this.text(subject), cls]];
  }

  /** The call expression walked last whose callee was used inside `node`. */
  private callAt(node: number): number {
    const { b } = this;
    for (let expr = b.exprs.count - 1; expr >= 0 && expr > b.exprs.count - 60; expr -= 1) {
      if (b.exprs.get(expr, EXPR.op) !== OP.call) continue;
      const callee = b.exprs.get(expr, EXPR.a);
      if (b.exprs.get(callee, EXPR.op) !== OP.name) continue;
      if (b.uses.get(b.exprs.get(callee, EXPR.a), 2) === b.startOf(node)) return expr;
    }
    return -1;
  }

  narrowed<T>(names: readonly [string, number][], walk: () => T): T {
    this.narrowedNames.push(...names);
    const result = walk();
    this.narrowedNames.length -= names.length;
    return result;
  }

  redirect(name: number, nonlocal: boolean): void {
    const { b } = this;
    const scope = this.bindingScope();
    let target = 0;
    if (nonlocal) {
      target = b.scopes.get(scope, SCOPE.parent);
      while (target > 0 && !this.declares(target, name)) target = b.scopes.get(target, SCOPE.parent);
    }
    const names = this.redirected.get(scope) ?? new Map<number, number>();
    names.set(name, target);
    this.redirected.set(scope, names);
  }

  private declares(scope: number, name: number): boolean {
    const { b } = this;
    if (b.scopes.get(scope, SCOPE.kind) !== SCOPE_KIND.function) return false;
    for (let def = 0; def < b.defs.count; def += 1) {
      if (b.defs.get(def, DEF.scope) === scope && b.defs.get(def, DEF.name) === name) return true;
    }
    return false;
  }

  /** The scope that a plain assignment binds in. */
  private bindingScope(): number {
    return this.b.enclosing(this.b.scope, SCOPE_KIND.function, SCOPE_KIND.class, SCOPE_KIND.comprehension);
  }

  /** Binds a target of an assignment, loop, `with` or parameter list to a value. */
  bind(node: number, value: number, type = NOT_TYPED, flags = 0): void {
    switch (this.type(node)) {
      case 'identifier':
        this.bindName(node, value, type, flags);
        return;
      case 'attribute':
        this.bindAttribute(node, value, type, flags);
        return;
      case 'tuple_pattern':
      case 'list_pattern':
      case 'pattern_list':
      case 'tuple':
      case 'list':
      case 'expression_list':
        this.named(node).forEach((child, i) => {
          const star = this.type(child) === 'list_splat_pattern' || this.type(child) === 'list_splat';
          if (star) this.bind(this.firstNamed(child), value, NOT_TYPED, flags);
          else this.bind(child, this.b.expr(OP.item, value, i), NOT_TYPED, flags);
        });
        return;
      case 'parenthesized_expression':
      case 'as_pattern_target':
        this.bind(this.firstNamed(node), value, type, flags);
        return;
      case 'subscript':
        this.effects += 1;
        this.touch(this.visit.value(this, node, USE_FLAG.write));
        return;
      default:
        this.effects += 1;
        this.visit.value(this, node, USE_FLAG.write);
    }
  }

  /** Notes that what a bare name holds is changed through `name[key] = value`. */
  touch(subscript: number): void {
    const { b } = this;
    const object = b.exprs.get(subscript, EXPR.op) === OP.index ? b.exprs.get(subscript, EXPR.a) : -1;
    if (b.exprs.get(object, EXPR.op) !== OP.name) return;
    const use = b.exprs.get(object, EXPR.a);
    b.touches.push(use);
    b.flow.touch(use);
  }

  private bindName(node: number, value: number, type: number, flags: number): void {
    const name = this.b.nameOf(node);
    const named = this.b.scopes.get(this.b.scope, SCOPE.kind);
    // `:=` inside a comprehension binds outside of it; only a loop's own target binds in it.
    const own = this.type(this.table.parent[node] ?? 0) === 'named_expression' && named === SCOPE_KIND.comprehension;
    const local = own ? this.b.enclosing(this.b.scope, SCOPE_KIND.function) : this.bindingScope();
    this.declare(name, node, node, this.redirected.get(local)?.get(name) ?? local, value, type, flags);
  }

  /** The scope that a definition of `name` at this point binds in. */
  scopeOf(name: number): number {
    const local = this.bindingScope();
    return this.redirected.get(local)?.get(name) ?? local;
  }

  declare(
    name: number,
    node: number,
    whole: number,
    scope: number,
    value: number,
    type: number,
    flags: number,
  ): number {
    const { b } = this;
    const inClass = b.scopes.get(scope, SCOPE.kind) === SCOPE_KIND.class;
    const def = b.define({
      kind: inClass ? DEF_KIND.field : DEF_KIND.variable,
      name,
      pos: b.startOf(node),
      start: b.startOf(whole),
      end: b.endOf(whole),
      flags: flags | DEF_FLAG.value | DEF_FLAG.type | (this.conditions > 0 ? DEF_FLAG.conditional : 0),
      scope,
      type,
      value,
    });
    b.flow.define(def);
    return def;
  }

  private bindAttribute(node: number, value: number, type: number, flags: number): void {
    this.effects += 1;
    this.visit.value(this, node, USE_FLAG.write);
    this.defineAttribute(node, value, type, flags);
  }

  /** `self.name = value` and `self.name += value` define an attribute. */
  defineAttribute(node: number, value: number, type: number, flags: number): void {
    const { b } = this;
    const object = this.field(node, 'object');
    const property = this.field(node, 'attribute');
    const self = this.type(object) === 'identifier' ? this.selfNamed(this.text(object)) : undefined;
    if (self === undefined) return;
    b.define({
      kind: DEF_KIND.attribute,
      name: b.nameOf(property),
      pos: b.startOf(property),
      start: b.startOf(node),
      end: b.endOf(node),
      flags: flags | DEF_FLAG.value | (self.isClass ? DEF_FLAG.static : 0),
      scope: self.classScope,
      type,
      value,
      extra: self.scope,
    });
  }

  private selfNamed(name: string): { scope: number; classScope: number; isClass: boolean } | undefined {
    for (let i = this.selves.length - 1; i >= 0; i -= 1) {
      const self = this.selves[i];
      if (self?.name === name) return self;
    }
    return undefined;
  }

  yields(value: number): void {
    const list = this.yielded.get(this.fn) ?? [];
    list.push(value);
    this.yielded.set(this.fn, list);
  }

  returns(value: number): void {
    const list = this.returned.get(this.fn) ?? [];
    list.push(value);
    this.returned.set(this.fn, list);
  }

  /** Walks annotations and defaults of a parameter list, which belong to the scope around the function. */
  parameterParts(node: number): ParameterPart[] {
    return this.named(node)
      .filter((child) => !['keyword_separator', 'positional_separator'].includes(this.type(child)))
      .map((child) => {
        const type = this.field(child, 'type');
        const value = this.field(child, 'value');
        return {
          node: child,
          type: type < 0 ? -1 : this.visit.type(this, type),
          value: value < 0 ? -1 : this.visit.value(this, value),
        };
      });
  }

  /** Defines parameters in the function's scope. `self`: what the first one is bound to, -1 for nothing special. */
  parameters(fn: number, parts: readonly ParameterPart[], self: number): void {
    const { b } = this;
    const list = parts.flatMap((part, index) => {
      const name = this.parameterName(part.node);
      if (name === undefined) return [];
      const first = index === 0 && self >= 0;
      const def = b.define({
        kind: DEF_KIND.parameter,
        name: b.nameOf(name.node),
        pos: b.startOf(name.node),
        start: b.startOf(part.node),
        end: b.endOf(part.node),
        flags: name.flags | DEF_FLAG.value | DEF_FLAG.type,
        type: part.type,
        value: first ? self : part.value,
        extra: index,
      });
      b.flow.define(def);
      return [def];
    });
    b.functions.set(fn, FUNCTION.parameters, b.list(list));
  }

  private parameterName(node: number): { node: number; flags: number } | undefined {
    switch (this.type(node)) {
      case 'identifier':
        return { node, flags: 0 };
      case 'list_splat_pattern':
        return { node: this.firstNamed(node), flags: DEF_FLAG.rest };
      case 'dictionary_splat_pattern':
        return { node: this.firstNamed(node), flags: DEF_FLAG.keywordRest };
      case 'typed_parameter':
        return this.parameterName(this.firstNamed(node));
      case 'default_parameter':
      case 'typed_default_parameter': {
        const name = this.field(node, 'name');
        return this.type(name) === 'identifier' ? { node: name, flags: DEF_FLAG.optional } : undefined;
      }
      default:
        return undefined;
    }
  }

  /** Walks a function body with its own flow, `self` and results. */
  body(fn: number, self: { name: string; classScope: number; isClass: boolean } | undefined, walk: () => void): void {
    const { b } = this;
    const outer = { fn: this.fn, conditions: this.conditions };
    this.fn = fn;
    this.conditions = 0;
    if (self !== undefined) this.selves.push({ ...self, scope: b.scope });
    walk();
    if (self !== undefined) this.selves.pop();
    b.functions.set(fn, FUNCTION.returns, b.list(this.returned.get(fn) ?? []));
    b.functions.set(fn, FUNCTION.yields, b.list(this.yielded.get(fn) ?? []));
    this.fn = outer.fn;
    this.conditions = outer.conditions;
  }

  setBases(shape: number, bases: readonly number[]): void {
    this.b.shapes.set(shape, SHAPE.bases, this.b.list(bases));
  }
}
