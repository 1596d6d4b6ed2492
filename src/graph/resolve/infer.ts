import {
  COMPREHENSION,
  DEF,
  DEF_FLAG,
  DEF_KIND,
  EXPR,
  FUNCTION,
  FUNCTION_FLAG,
  IMPORT,
  LITERAL,
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
  private readonly callSites: CallSites;
  private depth = 0;

  constructor(program: Program) {
    this.program = program;
    this.callSites = new CallSites(program);
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
        return call(this, this.value(unit, a), unit, expr) ?? builtinCall(this, unit, expr);
      case OP.new:
        return construct(this, unit, expr);
      case OP.await:
        return awaited(this, this.value(unit, a));
      case OP.index:
        return indexed(this, unit, expr);
      case OP.item:
        return item(this, this.value(unit, a), at(EXPR.b));
      case OP.element:
        return element(this, this.value(unit, a), at(EXPR.b) === 1);
      case OP.entered:
        return entered(this, this.value(unit, a), at(EXPR.b) === 1);
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
        return element(this, this.value(unit, a), false);
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
        return narrowed(this, unit, a, at(EXPR.b)) ?? this.value(unit, a);
      case OP.discriminated:
        return discriminated(this, unit, expr);
      case OP.guarded:
        return guarded(this, unit, at(EXPR.b)) ?? this.value(unit, a);
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
    return context < 0 ? undefined : element(this, expected(this, unit, context), false);
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

function literal(kind: number): Type | undefined {
  if (kind === LITERAL.string || kind === LITERAL.template) return builtin('string');
  if (kind === LITERAL.number) return builtin('number');
  if (kind === LITERAL.boolean) return builtin('boolean');
  return undefined;
}
