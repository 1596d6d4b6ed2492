import {
  COMPREHENSION,
  DEF,
  DEF_FLAG,
  DEF_KIND,
  EXPR,
  FUNCTION,
  FUNCTION_FLAG,
  IMPORT,
  OP,
  SCOPE,
  USE,
} from '../facts.ts';
import { classOf, evaluateType, ownParameters } from './annotations.ts';
import { builtinCall, builtinMember } from './builtins.ts';
import { CallSites } from './call-sites.ts';
import { call, construct } from './calls.ts';
import { expected, expectedFunction, expectedOfCall } from './contexts.ts';
import { awaited, element, entered, indexed, item } from './iteration.ts';
import { findMembers } from './members.ts';
import { builtin, substitute, union, type Evaluator, type Found, type Type } from './model.ts';
import { discriminated, guarded, narrowed } from './narrowing.ts';
import { parameterType } from './signatures.ts';
import { getterOf, literal, valueDefs } from './plain.ts';
import { visible, type DefRef, type Program } from './program.ts';
import type { FileUnit } from './unit.ts';

const PENDING = Symbol('pending');
type Slot = Type | typeof PENDING | null | undefined;

/** An instance without type arguments, and what has been found out about its members. Null: there is none. */
interface Shape {
  readonly type: Type;
  readonly found: Map<string, readonly Found[]>;
  readonly members: Map<string, Type | null>;
}

const NOTHING: readonly Found[] = [];

/** How deep one evaluation may go before it gives up: real code needs a fraction of it. */
const MAX_DEPTH = 60;

/** What values are, as far as the source says it. Every answer is remembered; cycles end in "unknown". */
export class Inference implements Evaluator {
  private readonly program: Program;
  private readonly values: Slot[][] = [];
  private readonly types: Slot[][] = [];
  private readonly defTypes: Slot[][] = [];
  private readonly results: Slot[][] = [];
  private readonly shapes: (Shape | undefined)[][] = [];
  private readonly callSites: CallSites;
  readonly spreading = new Set<string>();
  private depth = 0;
  /** How often an answer was given while another one that it may depend on was still being looked for. */
  private unsettled = 0;

  constructor(program: Program) {
    this.program = program;
    this.callSites = new CallSites(program);
  }

  /** The answers for the rows of a unit; `rows` of them. */
  private slots(table: Slot[][], unit: FileUnit, rows: number): Slot[] {
    return (table[unit.id] ??= new Array<Slot>(rows));
  }

  /** What a slot says that has been asked before. */
  private settled(slot: Type | typeof PENDING | null): Type | undefined {
    if (slot === null) return undefined;
    if (slot !== PENDING) return slot;
    this.unsettled += 1;
    return undefined;
  }

  /** Marks a row as being looked for; false when evaluation is too deep to begin. */
  private begin(slots: Slot[], row: number): boolean {
    if (this.depth > MAX_DEPTH) {
      this.unsettled += 1;
      return false;
    }
    slots[row] = PENDING;
    this.depth += 1;
    return true;
  }

  private end(slots: Slot[], row: number, result: Type | undefined): Type | undefined {
    this.depth -= 1;
    slots[row] = result ?? null;
    return result;
  }

  value(unit: FileUnit, expr: number): Type | undefined {
    if (expr < 0) return undefined;
    const slots = this.slots(this.values, unit, unit.facts.exprs.length / EXPR.width);
    const known = slots[expr];
    if (known !== undefined) return this.settled(known);
    return this.begin(slots, expr) ? this.end(slots, expr, this.evaluate(unit, expr)) : undefined;
  }

  type(unit: FileUnit, expr: number): Type | undefined {
    if (expr < 0) return undefined;
    const slots = this.slots(this.types, unit, unit.facts.exprs.length / EXPR.width);
    const known = slots[expr];
    if (known !== undefined) return this.settled(known);
    return this.begin(slots, expr) ? this.end(slots, expr, evaluateType(this, unit, expr)) : undefined;
  }

  ofDef(ref: DefRef): Type | undefined {
    return this.ofRow(ref.unit, ref.def);
  }

  private ofRow(unit: FileUnit, def: number): Type | undefined {
    if (def < 0) return undefined;
    const slots = this.slots(this.defTypes, unit, unit.facts.defs.length / DEF.width);
    const known = slots[def];
    if (known !== undefined) return this.settled(known);
    return this.begin(slots, def) ? this.end(slots, def, this.definition(unit, def)) : undefined;
  }

  private shapeOf(unit: FileUnit, scope: number): Shape {
    const shapes = (this.shapes[unit.id] ??= new Array<Shape | undefined>(unit.facts.scopes.length / SCOPE.width));
    return (shapes[scope] ??= {
      type: { kind: 'instance', unit, scope, args: [] },
      found: new Map(),
      members: new Map(),
    });
  }

  instanceOf(unit: FileUnit, scope: number): Type {
    return this.shapeOf(unit, scope).type;
  }

  private evaluate(unit: FileUnit, expr: number): Type | undefined {
    const a = unit.expr(expr, EXPR.a);
    const b = unit.expr(expr, EXPR.b);
    switch (unit.expr(expr, EXPR.op)) {
      case OP.name:
        return this.ofUse(unit, a);
      case OP.member: {
        const base = this.value(unit, unit.use(a, USE.base));
        return this.member(base, unit.name(unit.use(a, USE.name)));
      }
      case OP.property:
        return this.member(this.value(unit, a), unit.name(b));
      case OP.call:
        return call(this, this.value(unit, a), unit, expr) ?? builtinCall(this, unit, expr);
      case OP.new:
        return construct(this, unit, expr);
      case OP.await:
        return awaited(this, this.value(unit, a));
      case OP.index:
        return indexed(this, unit, expr);
      case OP.item:
        return item(this, this.value(unit, a), b);
      case OP.element:
        return element(this, this.value(unit, a), b === 1);
      case OP.entered:
        return entered(this, this.value(unit, a), b === 1);
      case OP.object:
        return this.instanceOf(unit, a);
      case OP.array:
        return builtin('list', this.firstOf(unit, unit.list(a)) ?? this.elementOfContext(unit, b));
      case OP.tuple:
        return { kind: 'tuple', items: this.valuesOf(unit, a) };
      case OP.dictionary:
        return builtin('dict', this.firstOf(unit, unit.list(a)), this.firstOf(unit, unit.list(b)));
      case OP.comprehension:
        return b === COMPREHENSION.dictionary
          ? builtin('dict', this.value(unit, a), this.value(unit, unit.expr(expr, EXPR.c)))
          : builtin('list', this.value(unit, a));
      case OP.spread:
        return element(this, this.value(unit, a), false);
      case OP.function:
        return { kind: 'function', unit, fn: a };
      case OP.class:
        return { kind: 'class', unit, def: a };
      case OP.union:
        return union(this.valuesOf(unit, a));
      case OP.this:
        return a < 0 ? undefined : this.ownType(unit, a);
      case OP.super:
        return a < 0 ? undefined : { kind: 'super', unit, scope: a, isClass: b === 1 };
      case OP.cast:
        return this.type(unit, a) ?? this.value(unit, b);
      case OP.narrowed:
        return narrowed(this, unit, a, b) ?? this.value(unit, a);
      case OP.discriminated:
        return discriminated(this, unit, expr);
      case OP.guarded:
        return guarded(this, unit, b) ?? this.value(unit, a);
      case OP.parameter:
        return this.ofRow(unit, a);
      case OP.importCall: {
        const target = this.program.importTarget(unit, a);
        const module = target === null ? undefined : this.ofTarget(target);
        return b === 1 && module !== undefined ? builtin('awaitable', module) : module;
      }
      case OP.binary:
        return this.value(unit, a) ?? this.value(unit, b);
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

  /** What a shape is inside of itself: its type parameters are its arguments. */
  ownType(unit: FileUnit, scope: number): Type {
    const args = ownParameters(unit, scope);
    return args.length === 0 ? this.instanceOf(unit, scope) : { kind: 'instance', unit, scope, args };
  }

  private valuesOf(unit: FileUnit, list: number): (Type | undefined)[] {
    const found: (Type | undefined)[] = [];
    for (const item of unit.list(list)) found.push(this.value(unit, item));
    return found;
  }

  private firstOf(unit: FileUnit, items: Int32Array): Type | undefined {
    return union([...items.subarray(0, 6)].map((item) => this.value(unit, item)));
  }

  private elementOfContext(unit: FileUnit, context: number): Type | undefined {
    return context < 0 ? undefined : element(this, expected(this, unit, context), false);
  }

  /** The value of a bare name: what reaches it, where that is known. */
  private ofUse(unit: FileUnit, use: number): Type | undefined {
    const symbol = unit.use(use, USE.target);
    if (symbol < 0) return this.ofStar(unit, unit.name(unit.use(use, USE.name)));
    const only = unit.onlyDefOf(symbol);
    if (only >= 0) return this.ofRow(unit, only);
    const reaching = unit.reaching(use);
    const defs = reaching.length > 0 ? reaching : visible(unit, unit.defsOf(symbol));
    return union(this.declaredFirst(unit, defs, symbol).map((def) => this.ofRow(unit, def)));
  }

  /** A declared type holds whatever was assigned. */
  private declaredFirst(unit: FileUnit, defs: readonly number[], symbol: number): readonly number[] {
    if (defs.some((def) => unit.def(def, DEF.type) >= 0)) return defs;
    const all = unit.defsOf(symbol);
    if (all.some((def) => unit.def(def, DEF.type) >= 0)) {
      return [...all].filter((def) => unit.def(def, DEF.type) >= 0);
    }
    return unit.python ? defs : visible(unit, all);
  }

  /** Python: a name that only a star import can have brought. */
  private ofStar(unit: FileUnit, name: string): Type | undefined {
    if (!unit.python) return undefined;
    const found = this.program.exportOf(unit, name);
    const inside = found?.kind === 'module' && this.program.packageFolder(unit) !== null;
    const target = inside ? this.program.submoduleOf(unit, name) : found;
    return target === null ? undefined : this.ofTarget(target);
  }

  private ofTarget(target: NonNullable<ReturnType<Program['importTarget']>>): Type | undefined {
    if (target.kind === 'module') return { kind: 'module', unit: target.unit };
    if (target.kind === 'package') return { kind: 'package', folder: target.folder };
    const [only, ...others] = target.defs;
    if (only !== undefined && others.length === 0) return this.ofRow(only.unit, only.def);
    return union(valueDefs(target.defs).map((ref) => this.ofDef(ref)));
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
        if ((flags & DEF_FLAG.getter) !== 0) return this.result(callable);
        if (unit.python && (flags & DEF_FLAG.setter) !== 0) return this.ofRow(unit, getterOf(unit, def));
        return fn < 0 ? undefined : callable;
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
      // `def __enter__(self: T) -> T`: what the method is called on.
      if (declared?.kind === 'parameter' && unit.def(def, DEF.extra) === 0)
        return this.value(unit, unit.def(def, DEF.value)) ?? declared;
      return declared ?? this.value(unit, unit.def(def, DEF.value));
    }
    const scope = unit.def(def, DEF.scope) >= 0 ? unit.def(def, DEF.scope) : unit.def(def, DEF.body);
    const fn = unit.scope(scope, SCOPE.detail);
    const known =
      expectedFunction(this, unit, fn, unit.def(def, DEF.extra)) ?? this.value(unit, unit.def(def, DEF.value));
    return known ?? this.passed(unit, def, flags);
  }

  /** What the calls in the project pass for a parameter that nothing is said about. */
  private passed(unit: FileUnit, def: number, flags: number): Type | undefined {
    if ((flags & (DEF_FLAG.rest | DEF_FLAG.keywordRest)) !== 0) return undefined;
    if (!unit.python && unit.facts.language !== 'javascript') return undefined;
    return union(this.callSites.argumentsFor(unit, def).map((arg) => this.value(arg.unit, arg.expr)));
  }

  call(type: Type | undefined, unit: FileUnit, expr: number): Type | undefined {
    return call(this, type, unit, expr);
  }

  element(type: Type | undefined, asynchronous: boolean): Type | undefined {
    return element(this, type, asynchronous);
  }

  awaited(type: Type | undefined): Type | undefined {
    return awaited(this, type);
  }

  parameterType(unit: FileUnit, fn: number, index: number): Type | undefined {
    return parameterType(this, unit, fn, index);
  }

  expected(unit: FileUnit, context: number): Type | undefined {
    return expected(this, unit, context);
  }

  expectedOf(unit: FileUnit, expr: number): Type | undefined {
    return expectedOfCall(this, unit, expr);
  }

  find(type: Type | undefined, name: string): readonly Found[] {
    if (type === undefined) return NOTHING;
    const shape = this.plainShape(type);
    if (shape === undefined) return findMembers(this, this.program, type, name);
    const known = shape.found.get(name);
    if (known !== undefined) return known;
    const before = this.unsettled;
    const found = findMembers(this, this.program, type, name);
    // What was found while something it may depend on was unknown is not the last word.
    if (this.unsettled === before) shape.found.set(name, found);
    return found;
  }

  /** Where answers for a type are kept: for instances without type arguments, which are one object each. */
  private plainShape(type: Type): Shape | undefined {
    if (type.kind !== 'instance') return undefined;
    const shape = this.shapes[type.unit.id]?.[type.scope];
    return shape?.type === type ? shape : undefined;
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
    const shape = this.plainShape(type);
    const known = shape?.members.get(name);
    if (known !== undefined) return known ?? undefined;
    const before = this.unsettled;
    const found = this.find(type, name);
    const member = found.length > 0 ? union(found.map((item) => this.ofFound(item))) : builtinMember(this, type, name);
    if (this.unsettled === before) shape?.members.set(name, member ?? null);
    return member;
  }

  private ofFound(found: Found): Type | undefined {
    const types = valueDefs(found.defs).map((ref) => {
      const type = substitute(this.ofDef(ref), found.env);
      if (type?.kind === 'builtin' && type.name === 'Self') return found.self;
      return type?.kind === 'function' ? { ...type, self: found.self } : type;
    });
    return union(types);
  }

  instance(ref: DefRef, args: readonly (Type | undefined)[] = []): Type | undefined {
    const scope = ref.unit.def(ref.def, DEF.body);
    if (scope < 0) return undefined;
    return args.length === 0 ? this.instanceOf(ref.unit, scope) : { kind: 'instance', unit: ref.unit, scope, args };
  }

  result(fn: Type & { kind: 'function' }): Type | undefined {
    const { unit } = fn;
    const declared = unit.fn(fn.fn, FUNCTION.result);
    const flags = unit.fn(fn.fn, FUNCTION.flags);
    const isAsync = (flags & FUNCTION_FLAG.async) !== 0;
    if (declared >= 0) {
      const type = substitute(this.type(unit, declared), fn.env);
      const own = (type?.kind === 'builtin' && type.name === 'Self') || this.isOfSelf(fn, type) ? fn.self : type;
      if (!unit.python && unit.expr(declared, EXPR.op) === OP.this) return fn.self ?? own;
      return unit.python && isAsync && (flags & FUNCTION_FLAG.generator) === 0 ? builtin('awaitable', own) : own;
    }
    const key = unit.fn(fn.fn, FUNCTION.scope);
    return key < 0 ? undefined : substitute(this.resultOf(unit, key, fn.fn, isAsync), fn.env);
  }

  /** Python: a result that is declared as the type variable of `self`. */
  private isOfSelf({ unit, fn, self }: Type & { kind: 'function' }, result: Type | undefined): boolean {
    if (!unit.python || self === undefined || result?.kind !== 'parameter') return false;
    const [first] = unit.list(unit.fn(fn, FUNCTION.parameters));
    const type = first === undefined ? undefined : this.type(unit, unit.def(first, DEF.type));
    return type?.kind === 'parameter' && type.unit === result.unit && type.def === result.def;
  }

  private resultOf(unit: FileUnit, scope: number, fn: number, isAsync: boolean): Type | undefined {
    const slots = this.slots(this.results, unit, unit.facts.scopes.length / SCOPE.width);
    const known = slots[scope];
    if (known !== undefined) return this.settled(known);
    return this.begin(slots, scope) ? this.end(slots, scope, this.inferredResult(unit, fn, isAsync)) : undefined;
  }

  private inferredResult(unit: FileUnit, fn: number, isAsync: boolean): Type | undefined {
    const yields = unit.list(unit.fn(fn, FUNCTION.yields));
    if (yields.length > 0) return builtin('list', union([...yields].map((expr) => this.value(unit, expr))));
    const returned = union([...unit.list(unit.fn(fn, FUNCTION.returns))].map((expr) => this.value(unit, expr)));
    return isAsync && returned !== undefined ? builtin('awaitable', returned) : returned;
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

  namedIn(unit: FileUnit, name: string): readonly DefRef[] {
    const target = this.program.exportOf(unit, name);
    return target?.kind === 'defs' ? target.defs : [];
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
