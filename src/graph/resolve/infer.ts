import {
  COMPREHENSION,
  CONTEXT,
  CONTEXT_KIND,
  DEF,
  DEF_FLAG,
  DEF_KIND,
  EXPR,
  FUNCTION,
  FUNCTION_FLAG,
  IMPORT,
  LITERAL,
  NARROWING,
  OP,
  SCOPE,
  SHAPE,
  USE,
} from '../facts.ts';
import { classOf, environment, evaluateType, ownParameters } from './annotations.ts';
import { builtinCall, builtinMember, callbackParameter } from './builtins.ts';
import { baseType, findMembers } from './members.ts';
import { alternatives, builtin, substitute, union, type Env, type Evaluator, type Found, type Type } from './model.ts';
import { visible, type DefRef, type Program } from './program.ts';
import type { FileUnit } from './unit.ts';

const PENDING = Symbol('pending');
type Slot = Type | typeof PENDING | null | undefined;

/** How deep one evaluation may go before it gives up: real code needs a fraction of it. */
const MAX_DEPTH = 60;

/** What values are, as far as the source says it. Every answer is remembered; cycles end in "unknown". */
export class Inference implements Evaluator {
  private readonly program: Program;
  private readonly values = new Map<FileUnit, Slot[]>();
  private readonly types = new Map<FileUnit, Slot[]>();
  private readonly defTypes = new Map<FileUnit, Slot[]>();
  /** Expressions of function literals by function, and of object literals by -1 - scope. */
  private readonly literals = new Map<FileUnit, Map<number, number>>();
  private depth = 0;

  constructor(program: Program) {
    this.program = program;
  }

  private remember(
    table: Map<FileUnit, Slot[]>,
    unit: FileUnit,
    row: number,
    compute: () => Type | undefined,
  ): Type | undefined {
    if (row < 0) return undefined;
    let slots = table.get(unit);
    if (slots === undefined) table.set(unit, (slots = []));
    const known = slots[row];
    if (known === PENDING || known === null) return undefined;
    if (known !== undefined) return known;
    if (this.depth > MAX_DEPTH) return undefined;
    slots[row] = PENDING;
    this.depth += 1;
    const result = compute();
    this.depth -= 1;
    slots[row] = result ?? null;
    return result;
  }

  value(unit: FileUnit, expr: number): Type | undefined {
    return this.remember(this.values, unit, expr, () => this.evaluate(unit, expr));
  }

  type(unit: FileUnit, expr: number): Type | undefined {
    return this.remember(this.types, unit, expr, () => evaluateType(this, unit, expr));
  }

  ofDef(ref: DefRef): Type | undefined {
    return this.remember(this.defTypes, ref.unit, ref.def, () => this.definition(ref.unit, ref.def));
  }

  private evaluate(unit: FileUnit, expr: number): Type | undefined {
    const at = (column: number): number => unit.expr(expr, column);
    const a = at(EXPR.a);
    switch (at(EXPR.op)) {
      case OP.name:
        return this.ofUse(unit, a);
      case OP.member: {
        const base = this.value(unit, unit.use(a, USE.base));
        return this.member(base, unit.name(unit.use(a, USE.name)));
      }
      case OP.property:
        return this.member(this.value(unit, a), unit.name(at(EXPR.b)));
      case OP.call:
        return this.call(this.value(unit, a), unit, expr) ?? builtinCall(this, unit, expr);
      case OP.new:
        return this.construct(unit, expr);
      case OP.await:
        return this.awaited(this.value(unit, a));
      case OP.index:
        return this.indexed(unit, expr);
      case OP.item:
        return this.item(this.value(unit, a), at(EXPR.b));
      case OP.element:
        return this.element(this.value(unit, a), at(EXPR.b) === 1);
      case OP.entered:
        return this.entered(this.value(unit, a), at(EXPR.b) === 1);
      case OP.object:
        return { kind: 'instance', unit, scope: a, args: [] };
      case OP.array:
        return builtin('list', this.firstOf(unit, unit.list(a)) ?? this.elementOfContext(unit, at(EXPR.b)));
      case OP.tuple:
        return { kind: 'tuple', items: [...unit.list(a)].map((item) => this.value(unit, item)) };
      case OP.dictionary:
        return builtin('dict', this.firstOf(unit, unit.list(a)), this.firstOf(unit, unit.list(at(EXPR.b))));
      case OP.comprehension:
        return at(EXPR.b) === COMPREHENSION.dictionary
          ? builtin('dict', this.value(unit, a), this.value(unit, at(EXPR.c)))
          : builtin('list', this.value(unit, a));
      case OP.spread:
        return this.element(this.value(unit, a), false);
      case OP.function:
        return { kind: 'function', unit, fn: a };
      case OP.class:
        return { kind: 'class', unit, def: a };
      case OP.union:
        return union([...unit.list(a)].map((item) => this.value(unit, item)));
      case OP.this:
        return a < 0 ? undefined : { kind: 'instance', unit, scope: a, args: ownParameters(unit, a) };
      case OP.super:
        return a < 0 ? undefined : { kind: 'super', unit, scope: a, isClass: at(EXPR.b) === 1 };
      case OP.cast:
        return this.type(unit, a) ?? this.value(unit, at(EXPR.b));
      case OP.narrowed:
        return this.narrowed(unit, a, at(EXPR.b)) ?? this.value(unit, a);
      case OP.discriminated:
        return this.discriminated(unit, expr);
      case OP.guarded:
        return this.guarded(unit, at(EXPR.b)) ?? this.value(unit, a);
      case OP.parameter:
        return this.ofDef({ unit, def: a });
      case OP.importCall: {
        const target = this.program.importTarget(unit, a);
        const module = target === null ? undefined : this.ofTarget(target);
        return at(EXPR.b) === 1 && module !== undefined ? builtin('awaitable', module) : module;
      }
      case OP.binary:
        return this.value(unit, a) ?? this.value(unit, at(EXPR.b));
      case OP.literal:
        return literal(a);
      case OP.yield:
        return undefined;
      case OP.generic:
      case OP.arrayType:
        return classOf(this.type(unit, expr));
      default:
        return undefined;
    }
  }

  private firstOf(unit: FileUnit, items: Int32Array): Type | undefined {
    return union([...items.subarray(0, 6)].map((item) => this.value(unit, item)));
  }

  private elementOfContext(unit: FileUnit, context: number): Type | undefined {
    return context < 0 ? undefined : this.element(this.expected(unit, context), false);
  }

  /** A value that is known to be of a class: those of its alternatives that are, or else an instance of the class. */
  private narrowed(unit: FileUnit, expr: number, cls: number): Type | undefined {
    const classes = unit.expr(cls, EXPR.op) === OP.tuple ? [...unit.list(unit.expr(cls, EXPR.a))] : [cls];
    const found = classes.map((item) => this.value(unit, item));
    const known = found.flatMap((item) => (item?.kind === 'class' ? [item] : []));
    if (known.length < found.length || known.length === 0) return undefined;
    const fitting = alternatives(this.value(unit, expr)).filter((item) =>
      known.some((one) => this.inherits(item, one, 0)),
    );
    return union(fitting.length > 0 ? fitting : known.map((one) => this.instance(one)));
  }

  /** True when a value is an instance of a class or of one that inherits from it. */
  private inherits(type: Type, cls: Type & { kind: 'class' }, depth: number): boolean {
    if (type.kind !== 'instance' || depth > 12) return false;
    const owner = type.unit.scope(type.scope, SCOPE.owner);
    if (type.unit === cls.unit && owner === cls.def) return true;
    const shape = type.unit.scope(type.scope, SCOPE.detail);
    return [...type.unit.list(type.unit.shape(shape, SHAPE.bases))].some((base) =>
      alternatives(baseType(this, type.unit, base)).some((item) => this.inherits(item, cls, depth + 1)),
    );
  }

  /** What a type guard asserts of its argument; undefined when the callee is none. */
  private guarded(unit: FileUnit, callee: number): Type | undefined {
    const fn = this.value(unit, callee);
    if (fn?.kind !== 'function') return undefined;
    const declared = fn.unit.fn(fn.fn, FUNCTION.result);
    if (fn.unit.expr(declared, EXPR.op) !== OP.predicate) return undefined;
    return substitute(this.type(fn.unit, fn.unit.expr(declared, EXPR.a)), fn.env);
  }

  /** The alternatives of a value that a condition on one of its properties leaves. */
  private discriminated(unit: FileUnit, expr: number): Type | undefined {
    const whole = this.value(unit, unit.expr(expr, EXPR.a));
    const all = alternatives(whole);
    if (all.length < 2) return whole;
    const mode = unit.expr(expr, EXPR.b);
    const [name, ...literals] = [...unit.list(unit.expr(expr, EXPR.c))].map((id) => unit.name(id));
    const left = all.filter((item) => {
      const has = this.find(item, name ?? '').length > 0;
      if (mode === NARROWING.has || mode === NARROWING.lacks) return has === (mode === NARROWING.has);
      if (!has) return mode === NARROWING.isNot;
      const values = alternatives(this.member(item, name ?? '')).map(literalOf);
      if (values.length === 0 || values.includes(undefined)) return true;
      const meets = values.some((value) => literals.includes(value ?? ''));
      return mode === NARROWING.is ? meets : !meets || values.some((value) => !literals.includes(value ?? ''));
    });
    return left.length === 0 ? whole : union(left);
  }

  /** The value of a bare name: what reaches it, where that is known. */
  private ofUse(unit: FileUnit, use: number): Type | undefined {
    const symbol = unit.use(use, USE.target);
    if (symbol < 0) return this.ofStar(unit, unit.name(unit.use(use, USE.name)));
    const reaching = this.reaching(unit, use);
    const defs = reaching.length > 0 ? reaching : visible(unit, unit.defsOf(symbol));
    return this.ofDefs(unit, this.declaredFirst(unit, defs, symbol));
  }

  /** A declared type holds whatever was assigned. */
  private declaredFirst(unit: FileUnit, defs: readonly number[], symbol: number): readonly number[] {
    if (defs.some((def) => unit.def(def, DEF.type) >= 0)) return defs;
    const declared = [...unit.defsOf(symbol)].filter((def) => unit.def(def, DEF.type) >= 0);
    if (declared.length > 0) return declared;
    return unit.python ? defs : visible(unit, unit.defsOf(symbol));
  }

  private ofDefs(unit: FileUnit, defs: readonly number[]): Type | undefined {
    return union(defs.map((def) => this.ofDef({ unit, def })));
  }

  /** Python: a name that only a star import can have brought. */
  private ofStar(unit: FileUnit, name: string): Type | undefined {
    if (!unit.python) return undefined;
    const target = this.program.exportOf(unit, name);
    return target === null || (target.kind === 'module' && this.program.packageFolder(unit) !== null)
      ? undefined
      : this.ofTarget(target);
  }

  private ofTarget(target: NonNullable<ReturnType<Program['importTarget']>>): Type | undefined {
    if (target.kind === 'module') return { kind: 'module', unit: target.unit };
    if (target.kind === 'package') return { kind: 'package', folder: target.folder };
    return union(this.valueDefs(target.defs).map((ref) => this.ofDef(ref)));
  }

  private valueDefs(defs: readonly DefRef[]): readonly DefRef[] {
    const declared = defs.filter(({ unit, def }) => unit.def(def, DEF.type) >= 0);
    return declared.length > 0 ? declared : defs;
  }

  private reachingOf = new Map<FileUnit, Map<number, number[]>>();

  /** Definitions that the flow analysis found for a use; empty where it had nothing to decide. */
  reaching(unit: FileUnit, use: number): readonly number[] {
    let pairs = this.reachingOf.get(unit);
    if (pairs === undefined) {
      pairs = new Map();
      const { reaching } = unit.facts;
      for (let i = 0; i < reaching.length; i += 2) {
        const known = pairs.get(reaching[i] ?? -1);
        if (known === undefined) pairs.set(reaching[i] ?? -1, [reaching[i + 1] ?? -1]);
        else known.push(reaching[i + 1] ?? -1);
      }
      this.reachingOf.set(unit, pairs);
    }
    return pairs.get(use) ?? [];
  }

  private definition(unit: FileUnit, def: number): Type | undefined {
    const type = unit.def(def, DEF.type);
    const flags = unit.def(def, DEF.flags);
    switch (unit.def(def, DEF.kind)) {
      case DEF_KIND.class:
      case DEF_KIND.enum:
        return { kind: 'class', unit, def };
      case DEF_KIND.function:
      case DEF_KIND.method: {
        const fn = unit.scope(unit.def(def, DEF.body), SCOPE.detail);
        const callable = { kind: 'function', unit, fn } as const;
        return (flags & DEF_FLAG.getter) !== 0 ? this.result(callable) : fn < 0 ? undefined : callable;
      }
      case DEF_KIND.namespace:
        return { kind: 'namespace', unit, scope: unit.def(def, DEF.body) };
      case DEF_KIND.import: {
        const target = this.program.importTarget(unit, unit.def(def, DEF.extra));
        return target === null ? undefined : this.ofTarget(target);
      }
      case DEF_KIND.enumMember:
        return { kind: 'instance', unit, scope: unit.def(def, DEF.scope), args: [], literal: unit.defName(def) };
      case DEF_KIND.parameter:
        return this.parameter(unit, def, type, flags);
      case DEF_KIND.interface:
      case DEF_KIND.typeParameter:
        return undefined;
      case DEF_KIND.alias:
        return this.value(unit, unit.def(def, DEF.value));
      default: {
        const declared = type < 0 ? undefined : this.type(unit, type);
        return declared ?? this.value(unit, unit.def(def, DEF.value));
      }
    }
  }

  private parameter(unit: FileUnit, def: number, type: number, flags: number): Type | undefined {
    if (type >= 0) {
      const declared = this.type(unit, type);
      if (!unit.python) return declared;
      if ((flags & DEF_FLAG.rest) !== 0) return builtin('list', declared);
      if ((flags & DEF_FLAG.keywordRest) !== 0) return builtin('dict', builtin('string'), declared);
      return declared ?? this.value(unit, unit.def(def, DEF.value));
    }
    const scope = unit.def(def, DEF.scope) >= 0 ? unit.def(def, DEF.scope) : unit.def(def, DEF.body);
    const fn = unit.scope(scope, SCOPE.detail);
    const expected = this.expectedFunction(unit, fn, unit.def(def, DEF.extra));
    return expected ?? this.value(unit, unit.def(def, DEF.value));
  }

  /** What the place where a function literal stands passes for its parameter. */
  private expectedFunction(unit: FileUnit, fn: number, index: number): Type | undefined {
    const expr = this.literalOf(unit, fn);
    if (expr < 0) return this.expectedMethod(unit, fn, index);
    const context = unit.expr(expr, EXPR.b);
    if (context < 0) return undefined;
    if (unit.context(context, CONTEXT.kind) === CONTEXT_KIND.argument) {
      const call = unit.context(context, CONTEXT.a);
      const known = callbackParameter(this, unit, call, unit.context(context, CONTEXT.b), index);
      if (known !== undefined) return known;
    }
    for (const item of alternatives(this.expected(unit, context))) {
      const signature = this.signatureOf(item);
      if (signature !== undefined) return this.nthParameter(signature, index);
    }
    return undefined;
  }

  /** The same for a method of an object literal. */
  private expectedMethod(unit: FileUnit, fn: number, index: number): Type | undefined {
    const def = unit.fn(fn, FUNCTION.def);
    const object = def < 0 ? -1 : this.objectOf(unit, unit.def(def, DEF.scope));
    const context = object < 0 ? -1 : unit.expr(object, EXPR.b);
    if (context < 0) return undefined;
    for (const item of alternatives(this.member(this.expected(unit, context), unit.defName(def)))) {
      const signature = this.signatureOf(item);
      if (signature !== undefined) return this.nthParameter(signature, index);
    }
    return undefined;
  }

  private nthParameter(fn: Type & { kind: 'function' }, index: number): Type | undefined {
    return substitute(this.parameterType(fn.unit, fn.fn, index), fn.env);
  }

  parameterType(unit: FileUnit, fn: number, index: number): Type | undefined {
    const parameters = unit.list(unit.fn(fn, FUNCTION.parameters));
    const def = parameters[Math.min(index, parameters.length - 1)];
    if (def === undefined) return undefined;
    const type = this.ofDef({ unit, def });
    if ((unit.def(def, DEF.flags) & DEF_FLAG.rest) !== 0 && !unit.python) return this.element(type, false);
    return index < parameters.length ? type : undefined;
  }

  /** The expression of a function literal; -1 for a declared function. */
  private literalOf(unit: FileUnit, fn: number): number {
    return this.literalsOf(unit).get(fn) ?? -1;
  }

  /** The expression of an object literal by the scope of its members; -1 for other scopes. */
  private objectOf(unit: FileUnit, scope: number): number {
    return this.literalsOf(unit).get(-1 - scope) ?? -1;
  }

  private literalsOf(unit: FileUnit): ReadonlyMap<number, number> {
    let known = this.literals.get(unit);
    if (known === undefined) {
      known = new Map();
      const count = unit.facts.exprs.length / EXPR.width;
      for (let expr = 0; expr < count; expr += 1) {
        if (unit.expr(expr, EXPR.op) === OP.function) known.set(unit.expr(expr, EXPR.a), expr);
        else if (unit.expr(expr, EXPR.op) === OP.object) known.set(-1 - unit.expr(expr, EXPR.a), expr);
      }
      this.literals.set(unit, known);
    }
    return known;
  }

  private signatureOf(type: Type): (Type & { kind: 'function' }) | undefined {
    if (type.kind === 'function') return type;
    if (type.kind !== 'instance') return undefined;
    const calls = type.unit.list(type.unit.shape(type.unit.scope(type.scope, SCOPE.detail), SHAPE.calls));
    const fn = calls[0];
    if (fn === undefined) return undefined;
    const env = this.envOf(type);
    return { kind: 'function', unit: type.unit, fn, ...(env === undefined ? {} : { env }) };
  }

  private envOf(type: Type & { kind: 'instance' }): Env | undefined {
    const parameters = type.unit.list(type.unit.shape(type.unit.scope(type.scope, SCOPE.detail), SHAPE.typeParameters));
    return environment(type.unit, parameters, type.args);
  }

  /** What a literal is expected to be. */
  expected(unit: FileUnit, context: number): Type | undefined {
    const a = unit.context(context, CONTEXT.a);
    const b = unit.context(context, CONTEXT.b);
    switch (unit.context(context, CONTEXT.kind)) {
      case CONTEXT_KIND.type:
        return this.type(unit, a);
      case CONTEXT_KIND.argument:
        return this.expectedArgument(unit, a, b);
      case CONTEXT_KIND.property: {
        const outer = unit.expr(a, EXPR.b);
        return outer < 0 ? undefined : this.member(this.expected(unit, outer), unit.name(b));
      }
      case CONTEXT_KIND.element: {
        const outer = unit.expr(a, EXPR.b);
        return outer < 0 ? undefined : this.element(this.expected(unit, outer), false);
      }
      case CONTEXT_KIND.returned:
        return this.expectedResult(unit, a);
      case CONTEXT_KIND.attribute:
        return this.member(this.props(this.value(unit, a)), unit.name(b));
      case CONTEXT_KIND.assigned:
        return this.value(unit, a);
      default:
        return undefined;
    }
  }

  private expectedArgument(unit: FileUnit, call: number, index: number): Type | undefined {
    const callee = this.value(unit, unit.expr(call, EXPR.a));
    const isNew = unit.expr(call, EXPR.op) === OP.new;
    for (const item of alternatives(callee)) {
      const fn = isNew ? this.constructorOf(item) : this.signatureOf(item);
      if (fn !== undefined) return substitute(this.nthParameter(fn, index), this.callEnv(fn, unit, call, index));
    }
    return undefined;
  }

  private expectedResult(unit: FileUnit, fn: number): Type | undefined {
    const declared = unit.fn(fn, FUNCTION.result);
    const isAsync = (unit.fn(fn, FUNCTION.flags) & FUNCTION_FLAG.async) !== 0;
    if (declared >= 0) {
      const type = this.type(unit, declared);
      return isAsync ? this.awaited(type) : type;
    }
    const expr = this.literalOf(unit, fn);
    const context = expr < 0 ? -1 : unit.expr(expr, EXPR.b);
    if (context < 0) return undefined;
    for (const item of alternatives(this.expected(unit, context))) {
      const signature = this.signatureOf(item);
      const result = signature === undefined ? undefined : this.result(signature);
      if (result !== undefined) return isAsync ? this.awaited(result) : result;
    }
    return undefined;
  }

  /** The type of the attributes of a component. */
  props(component: Type | undefined): Type | undefined {
    for (const item of alternatives(component)) {
      if (item.kind === 'function') return this.nthParameter(item, 0);
      if (item.kind === 'builtin' && item.name === 'component') return item.args[0];
      if (item.kind === 'class') {
        const shape = item.unit.scope(item.unit.def(item.def, DEF.body), SCOPE.detail);
        for (const base of item.unit.list(item.unit.shape(shape, SHAPE.bases))) {
          if (item.unit.expr(base, EXPR.op) === OP.generic) {
            return this.type(item.unit, item.unit.list(item.unit.expr(base, EXPR.b))[0] ?? -1);
          }
        }
      }
    }
    return undefined;
  }

  find(type: Type | undefined, name: string): Found[] {
    return findMembers(this, this.program, type, name);
  }

  member(type: Type | undefined, name: string): Type | undefined {
    if (type === undefined) return undefined;
    if (type.kind === 'union') return union(type.items.map((item) => this.member(item, name)));
    if (type.kind === 'module' || type.kind === 'package') {
      const target =
        type.kind === 'module' ? this.program.exportOf(type.unit, name) : this.program.submodule(type.folder, name);
      return target === null ? undefined : this.ofTarget(target);
    }
    if (type.kind === 'namespace') {
      const target = this.program.symbolTarget(type.unit, type.unit.symbolIn(type.scope, name));
      return target === null ? undefined : this.ofTarget(target);
    }
    const found = this.find(type, name);
    if (found.length > 0) return union(found.map((item) => this.ofFound(item)));
    return builtinMember(this, type, name);
  }

  private ofFound(found: Found): Type | undefined {
    const types = this.valueDefs(found.defs).map((ref) => {
      const type = substitute(this.ofDef(ref), found.env);
      if (type?.kind === 'builtin' && type.name === 'Self') return found.self;
      return type?.kind === 'function' ? { ...type, self: found.self } : type;
    });
    return union(types);
  }

  instance(ref: DefRef, args: readonly (Type | undefined)[] = []): Type | undefined {
    const scope = ref.unit.def(ref.def, DEF.body);
    return scope < 0 ? undefined : { kind: 'instance', unit: ref.unit, scope, args };
  }

  call(type: Type | undefined, unit: FileUnit, expr: number): Type | undefined {
    if (type === undefined) return undefined;
    switch (type.kind) {
      case 'union':
        return union(type.items.map((item) => this.call(item, unit, expr)));
      case 'class':
        return this.instance(type, type.args ?? this.inferredArguments(type, unit, expr));
      case 'function':
        return substitute(this.result(type), this.callEnv(type, unit, expr, -1));
      case 'instance': {
        if (!unit.python) {
          const signature = this.signatureOf(type);
          return signature === undefined ? undefined : this.call(signature, unit, expr);
        }
        return this.call(this.member(type, '__call__'), unit, expr);
      }
      case 'builtin':
        return type.name === 'callable' || type.name === 'box' ? type.args[0] : undefined;
      default:
        return undefined;
    }
  }

  private construct(unit: FileUnit, expr: number): Type | undefined {
    const callee = this.value(unit, unit.expr(expr, EXPR.a));
    const explicit = unit.list(unit.expr(expr, EXPR.c));
    const args = [...explicit].map((item) => this.type(unit, item));
    if (callee === undefined) return builtinCall(this, unit, expr);
    return union(
      alternatives(callee).map((item) =>
        item.kind === 'class'
          ? this.instance(item, args.length > 0 ? args : (item.args ?? this.inferredArguments(item, unit, expr)))
          : item.kind === 'instance'
            ? this.call(item, unit, expr)
            : undefined,
      ),
    );
  }

  private constructorOf(type: Type): (Type & { kind: 'function' }) | undefined {
    if (type.kind !== 'class') return undefined;
    const found = this.find(this.instance(type), type.unit.python ? '__init__' : 'constructor');
    for (const { defs, env } of found) {
      for (const { unit, def } of defs) {
        const fn = unit.scope(unit.def(def, DEF.body), SCOPE.detail);
        if (fn >= 0) return { kind: 'function', unit, fn, ...(env === undefined ? {} : { env }) };
      }
    }
    return undefined;
  }

  private inferredArguments(type: Type & { kind: 'class' }, unit: FileUnit, expr: number): (Type | undefined)[] {
    const shape = type.unit.scope(type.unit.def(type.def, DEF.body), SCOPE.detail);
    const parameters = [...type.unit.list(type.unit.shape(shape, SHAPE.typeParameters))];
    if (parameters.length === 0) return [];
    const fn = this.constructorOf(type);
    const env = fn === undefined ? undefined : this.callEnv(fn, unit, expr, -1, parameters);
    return parameters.map((def) => env?.get(`${type.unit.id}:${def}`));
  }

  /** What a call's type arguments, or else its arguments, say about the type parameters of the function. */
  private callEnv(
    fn: Type & { kind: 'function' },
    unit: FileUnit,
    call: number,
    except: number,
    parameters = [...fn.unit.list(fn.unit.fn(fn.fn, FUNCTION.typeParameters))],
  ): Env | undefined {
    if (fn.unit.python || parameters.length === 0) return this.pythonEnv(fn, unit, call);
    const explicit = unit.list(unit.expr(call, EXPR.c));
    if (explicit.length > 0 && unit.expr(call, EXPR.op) !== OP.new) {
      return environment(
        fn.unit,
        parameters,
        [...explicit].map((item) => this.type(unit, item)),
      );
    }
    const env = new Map<string, Type>();
    const wanted = new Set(parameters.map((def) => `${fn.unit.id}:${def}`));
    unit.list(unit.expr(call, EXPR.b)).forEach((arg, i) => {
      if (i === except) return;
      unify(this.parameterType(fn.unit, fn.fn, i), () => this.argumentValue(unit, arg), wanted, env, this);
    });
    return env;
  }

  private argumentValue(unit: FileUnit, arg: number): Type | undefined {
    return this.value(unit, arg);
  }

  /** Python: TypeVars need no declaration; those of the parameters count. */
  private pythonEnv(fn: Type & { kind: 'function' }, unit: FileUnit, call: number): Env | undefined {
    if (!fn.unit.python || unit.expr(call, EXPR.op) !== OP.call) return undefined;
    const result = this.result(fn);
    if (result === undefined || !mentionsParameter(result)) return undefined;
    const env = new Map<string, Type>();
    const parameters = [...fn.unit.list(fn.unit.fn(fn.fn, FUNCTION.parameters))];
    const bound = fn.self !== undefined ? 1 : 0;
    unit.list(unit.expr(call, EXPR.b)).forEach((arg, i) => {
      const keyword = unit.expr(arg, EXPR.op) === OP.keyword;
      const name = keyword ? unit.name(unit.expr(arg, EXPR.a)) : '';
      const def = keyword ? parameters.find((p) => fn.unit.defName(p) === name) : parameters[i + bound];
      if (def === undefined) return;
      const value = keyword ? unit.expr(arg, EXPR.b) : arg;
      unify(this.ofDef({ unit: fn.unit, def }), () => this.value(unit, value), undefined, env, this);
    });
    return env;
  }

  result(fn: Type & { kind: 'function' }): Type | undefined {
    const { unit } = fn;
    const declared = unit.fn(fn.fn, FUNCTION.result);
    const flags = unit.fn(fn.fn, FUNCTION.flags);
    const isAsync = (flags & FUNCTION_FLAG.async) !== 0;
    if (declared >= 0) {
      const type = substitute(this.type(unit, declared), fn.env);
      const own = type?.kind === 'builtin' && type.name === 'Self' ? fn.self : type;
      if (!unit.python && unit.expr(declared, EXPR.op) === OP.this) return fn.self ?? own;
      return unit.python && isAsync && (flags & FUNCTION_FLAG.generator) === 0 ? builtin('awaitable', own) : own;
    }
    const key = unit.fn(fn.fn, FUNCTION.scope);
    const inferred = this.remember(this.results, unit, key, () => this.inferredResult(unit, fn.fn, isAsync));
    return substitute(inferred, fn.env);
  }

  private readonly results = new Map<FileUnit, Slot[]>();

  private inferredResult(unit: FileUnit, fn: number, isAsync: boolean): Type | undefined {
    const yields = unit.list(unit.fn(fn, FUNCTION.yields));
    if (yields.length > 0) return builtin('list', union([...yields].map((expr) => this.value(unit, expr))));
    const returned = union([...unit.list(unit.fn(fn, FUNCTION.returns))].map((expr) => this.value(unit, expr)));
    return isAsync && returned !== undefined ? builtin('awaitable', returned) : returned;
  }

  awaited(type: Type | undefined): Type | undefined {
    if (type?.kind === 'union') return union(type.items.map((item) => this.awaited(item)));
    return type?.kind === 'builtin' && type.name === 'awaitable' ? this.awaited(type.args[0]) : type;
  }

  element(type: Type | undefined, asynchronous: boolean): Type | undefined {
    if (type === undefined) return undefined;
    switch (type.kind) {
      case 'union':
        return union(type.items.map((item) => this.element(item, asynchronous)));
      case 'tuple':
        return union(type.items);
      case 'builtin':
        if (type.name === 'list') return type.args[0];
        if (type.name === 'dict') return type.args[0];
        if (type.name === 'map') return { kind: 'tuple', items: type.args };
        return undefined;
      case 'instance': {
        if (type.unit.python) {
          const iterator = this.callMember(type, asynchronous ? '__aiter__' : '__iter__');
          if (iterator === undefined) return this.inheritedElement(type);
          const next = this.callMember(iterator, asynchronous ? '__anext__' : '__next__');
          return this.awaited(next) ?? this.element(iterator === type ? undefined : iterator, asynchronous);
        }
        return this.inheritedElement(type);
      }
      case 'class':
        // Python: iterating an Enum gives its members.
        return type.unit.python ? this.instance(type) : undefined;
      default:
        return undefined;
    }
  }

  /** The element of a class that inherits from a container: `class Page(List[Item])`. */
  private inheritedElement(type: Type & { kind: 'instance' }): Type | undefined {
    const shape = type.unit.scope(type.scope, SCOPE.detail);
    for (const base of type.unit.list(type.unit.shape(shape, SHAPE.bases))) {
      const inherited = substitute(this.type(type.unit, base), this.envOf(type));
      if (inherited?.kind === 'builtin') return this.element(inherited, false);
      if (inherited?.kind === 'instance') {
        const found = this.element(inherited, false);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  /** What a method without arguments gives. */
  private callMember(type: Type, name: string): Type | undefined {
    const method = this.member(type, name);
    return method?.kind === 'function' ? this.result(method) : undefined;
  }

  private entered(type: Type | undefined, asynchronous: boolean): Type | undefined {
    if (type === undefined) return undefined;
    if (type.kind === 'union') return union(type.items.map((item) => this.entered(item, asynchronous)));
    // A generator function under @contextmanager gives what it yields.
    if (type.kind === 'builtin') return type.name === 'list' ? type.args[0] : undefined;
    const entered = this.callMember(type, asynchronous ? '__aenter__' : '__enter__');
    return this.awaited(entered) ?? (type.kind === 'instance' ? type : undefined);
  }

  private item(type: Type | undefined, index: number): Type | undefined {
    if (type === undefined) return undefined;
    if (type.kind === 'union') return union(type.items.map((item) => this.item(item, index)));
    if (type.kind === 'tuple') return type.items[index];
    return this.element(type, false);
  }

  private indexed(unit: FileUnit, expr: number): Type | undefined {
    const object = this.value(unit, unit.expr(expr, EXPR.a));
    const constant = unit.expr(expr, EXPR.c);
    const index = unit.expr(unit.expr(expr, EXPR.b), EXPR.a);
    return union(
      alternatives(object).map((item) => {
        if (item.kind === 'tuple') return constant >= 0 ? item.items[Number(unit.name(constant))] : union(item.items);
        if (item.kind === 'builtin')
          return item.name === 'dict' ? item.args[1] : item.name === 'list' ? item.args[0] : undefined;
        if (item.kind === 'class') return item;
        if (item.kind !== 'instance') return undefined;
        if (unit.python) return this.callMember(item, '__getitem__') ?? this.inheritedElement(item);
        if (constant < 0) return this.indexType(item);
        const name = unit.name(constant);
        return name.startsWith('[') || index === LITERAL.string ? this.member(item, name) : this.indexType(item);
      }),
    );
  }

  private indexType(type: Type & { kind: 'instance' }): Type | undefined {
    const index = type.unit.shape(type.unit.scope(type.scope, SCOPE.detail), SHAPE.index);
    if (index >= 0) return substitute(this.type(type.unit, index), this.envOf(type));
    return this.inheritedElement(type);
  }

  /** The definitions that a name or member expression stands for, imports followed. */
  defsOf(unit: FileUnit, expr: number): readonly DefRef[] {
    const op = unit.expr(expr, EXPR.op);
    const use = unit.expr(expr, EXPR.a);
    if (op === OP.name) {
      const symbol = unit.use(use, USE.target);
      const target =
        symbol < 0
          ? this.starTarget(unit, unit.name(unit.use(use, USE.name)))
          : this.program.symbolTarget(unit, symbol);
      return target?.kind === 'defs' ? target.defs : [];
    }
    if (op !== OP.member) return [];
    const base = this.value(unit, unit.use(use, USE.base));
    return this.find(base, unit.name(unit.use(use, USE.name))).flatMap((found) => found.defs);
  }

  private starTarget(unit: FileUnit, name: string): ReturnType<Program['importTarget']> {
    return unit.python ? this.program.exportOf(unit, name) : null;
  }

  external(unit: FileUnit, expr: number): string | undefined {
    const op = unit.expr(expr, EXPR.op);
    const use = unit.expr(expr, EXPR.a);
    if (op === OP.member) {
      const base = unit.use(use, USE.base);
      return this.external(unit, base) === undefined ? undefined : unit.name(unit.use(use, USE.name));
    }
    if (op !== OP.name) return undefined;
    const symbol = unit.use(use, USE.target);
    const name = unit.name(unit.use(use, USE.name));
    if (symbol < 0) return this.starTarget(unit, name) === null ? name : undefined;
    const defs = unit.defsOf(symbol);
    for (const def of defs) {
      if (unit.def(def, DEF.kind) !== DEF_KIND.import) return undefined;
      if (this.program.importTarget(unit, unit.def(def, DEF.extra)) !== null) return undefined;
    }
    const row = unit.def(defs[0] ?? -1, DEF.extra);
    const imported = unit.import(row, IMPORT.imported);
    return imported < 0 ? unit.name(unit.import(row, IMPORT.module)) : unit.name(imported);
  }
}

/** The one value of a literal type; undefined for other types. */
function literalOf(type: Type): string | undefined {
  return type.kind === 'builtin' || type.kind === 'instance' ? type.literal : undefined;
}

function literal(kind: number): Type | undefined {
  if (kind === LITERAL.string || kind === LITERAL.template) return builtin('string');
  if (kind === LITERAL.number) return builtin('number');
  if (kind === LITERAL.boolean) return builtin('boolean');
  return undefined;
}

function mentionsParameter(type: Type, depth = 0): boolean {
  if (depth > 6) return false;
  const inner = (item: Type | undefined): boolean => item !== undefined && mentionsParameter(item, depth + 1);
  if (type.kind === 'parameter') return true;
  if (type.kind === 'union' || type.kind === 'tuple') return type.items.some(inner);
  return (
    (type.kind === 'builtin' || type.kind === 'instance' || type.kind === 'class') && (type.args ?? []).some(inner)
  );
}

/** Matches a parameter's type against an argument's and notes what its type parameters stand for. */
function unify(
  wanted: Type | undefined,
  given: () => Type | undefined,
  names: ReadonlySet<string> | undefined,
  env: Map<string, Type>,
  e: Evaluator,
  depth = 0,
): void {
  if (wanted === undefined || depth > 4 || (wanted.kind !== 'function' && !mentionsParameter(wanted))) return;
  const actual = given();
  if (actual === undefined) return;
  const inner = (w: Type | undefined, g: Type | undefined): void => unify(w, () => g, names, env, e, depth + 1);
  if (wanted.kind === 'parameter') {
    const key = `${wanted.unit.id}:${wanted.def}`;
    if ((names === undefined || names.has(key)) && !env.has(key)) env.set(key, actual);
  } else if (wanted.kind === 'union') {
    for (const item of wanted.items) inner(item, actual);
  } else if (wanted.kind === 'builtin') {
    if (actual.kind === 'builtin' && actual.name === wanted.name)
      wanted.args.forEach((arg, i) => inner(arg, actual.args[i]));
    else if (wanted.name === 'list') inner(wanted.args[0], e.element(actual, false));
    else if (wanted.name === 'callable' && actual.kind === 'function') inner(wanted.args[0], e.result(actual));
  } else if (wanted.kind === 'class') {
    if (actual.kind === 'class') inner(wanted.args?.[0], actual.args?.[0]);
  } else if (wanted.kind === 'instance') {
    if (actual.kind === 'instance' && actual.scope === wanted.scope)
      wanted.args.forEach((arg, i) => inner(arg, actual.args[i]));
  } else if (wanted.kind === 'function' && actual.kind === 'function') inner(e.result(wanted), e.result(actual));
}
