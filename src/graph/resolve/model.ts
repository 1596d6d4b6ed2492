/** What is known of a value. Unknown is `undefined`: nothing is concluded from it. */
import type { DefRef } from './program.ts';
import type { FileUnit } from './unit.ts';

/** Type parameters, by unit and definition (see `parameterKey`), and what they stand for. */
export type Env = ReadonlyMap<string, Type>;

export type Type =
  /** A value with the members of that scope: an instance of a class, an interface, an object literal, an enum member. */
  | {
      readonly kind: 'instance';
      readonly unit: FileUnit;
      readonly scope: number;
      readonly args: readonly (Type | undefined)[];
      readonly literal?: string;
    }
  /** A class or enum itself. */
  | {
      readonly kind: 'class';
      readonly unit: FileUnit;
      readonly def: number;
      readonly args?: readonly (Type | undefined)[];
    }
  | {
      readonly kind: 'function';
      readonly unit: FileUnit;
      readonly fn: number;
      readonly env?: Env;
      readonly self?: Type;
    }
  | { readonly kind: 'module'; readonly unit: FileUnit }
  | { readonly kind: 'package'; readonly folder: string }
  | { readonly kind: 'namespace'; readonly unit: FileUnit; readonly scope: number }
  /** Containers and primitives of the language: `list`, `dict`, `awaitable`, `callable`, `string`, … */
  | {
      readonly kind: 'builtin';
      readonly name: string;
      readonly args: readonly (Type | undefined)[];
      readonly literal?: string;
    }
  | { readonly kind: 'tuple'; readonly items: readonly (Type | undefined)[] }
  | { readonly kind: 'union'; readonly items: readonly Type[] }
  | { readonly kind: 'parameter'; readonly unit: FileUnit; readonly def: number }
  /** A member of a type parameter's type, to be looked up once that is known. */
  | { readonly kind: 'lookup'; readonly of: Type; readonly resolve: (of: Type) => Type | undefined }
  /** What `super` gives: members of the bases only. */
  | { readonly kind: 'super'; readonly unit: FileUnit; readonly scope: number; readonly isClass: boolean };

/** A member that was found: its definitions, and what the type parameters of its owner stand for. */
export interface Found {
  readonly defs: readonly DefRef[];
  readonly env: Env | undefined;
  readonly self: Type;
}

export function parameterKey(unit: FileUnit, def: number): string {
  return `${unit.id}:${def}`;
}

export function builtin(name: string, ...args: (Type | undefined)[]): Type {
  return { kind: 'builtin', name, args };
}

/** One of several; what is unknown is left out. */
export function union(items: readonly (Type | undefined)[]): Type | undefined {
  const flat: Type[] = [];
  for (const item of items) {
    if (item === undefined) continue;
    if (flat.length === 0 && item.kind !== 'union') flat.push(item);
    else for (const part of alternatives(item)) if (!flat.some((other) => same(other, part))) flat.push(part);
  }
  if (flat.length === 0) return undefined;
  return flat.length === 1 ? flat[0] : { kind: 'union', items: flat.slice(0, MAX_UNION) };
}

/** More alternatives than this say nothing. */
const MAX_UNION = 200;

function same(a: Type, b: Type): boolean {
  if (a === b) return true;
  if (a.kind === 'instance' && b.kind === 'instance')
    return (
      a.unit === b.unit && a.scope === b.scope && a.args.length === 0 && b.args.length === 0 && a.literal === b.literal
    );
  if (a.kind === 'class' && b.kind === 'class') return a.unit === b.unit && a.def === b.def;
  if (a.kind === 'function' && b.kind === 'function') return a.unit === b.unit && a.fn === b.fn;
  if (a.kind === 'builtin' && b.kind === 'builtin')
    return a.name === b.name && a.args.length === 0 && b.args.length === 0 && a.literal === b.literal;
  return false;
}

/** Replaces type parameters by what they stand for; those not in `env` stay. */
export function substitute(type: Type | undefined, env: Env | undefined, depth = 0): Type | undefined {
  if (type === undefined || env === undefined || env.size === 0 || depth > 8) return type;
  const inner = (item: Type | undefined): Type | undefined => substitute(item, env, depth + 1);
  switch (type.kind) {
    case 'parameter': {
      const known = env.get(parameterKey(type.unit, type.def));
      return known ?? type;
    }
    case 'lookup': {
      const of = inner(type.of);
      if (of === undefined || of === type.of) return type;
      return of.kind === 'parameter' || of.kind === 'lookup' ? { ...type, of } : type.resolve(of);
    }
    case 'instance':
      return type.args.length === 0 ? type : { ...type, args: type.args.map(inner) };
    case 'class':
      return type.args === undefined ? type : { ...type, args: type.args.map(inner) };
    case 'builtin':
      return type.args.length === 0 ? type : { ...type, args: type.args.map(inner) };
    case 'tuple':
      return { ...type, items: type.items.map(inner) };
    case 'union':
      return union(type.items.map(inner));
    case 'function': {
      const merged = new Map(type.env ?? []);
      for (const [key, value] of merged) merged.set(key, substitute(value, env, depth + 1) ?? value);
      for (const [key, value] of env) if (!merged.has(key)) merged.set(key, value);
      return { ...type, env: merged };
    }
    default:
      return type;
  }
}

/** The alternatives of a type; none for unknown. */
export function alternatives(type: Type | undefined): readonly Type[] {
  if (type === undefined) return [];
  return type.kind === 'union' ? type.items : [type];
}

/** What the parts of the evaluation ask of each other. Expressions and definitions are rows of the unit. */
export interface Evaluator {
  /** Object literals, by unit, shape and name, whose spread objects the search under way has been through. */
  readonly spreading: Set<string>;
  value(unit: FileUnit, expr: number): Type | undefined;
  type(unit: FileUnit, expr: number): Type | undefined;
  ofDef(ref: DefRef): Type | undefined;
  /** The definitions of a name at the top of a file. */
  namedIn(unit: FileUnit, name: string): readonly DefRef[];
  /** The definitions that a name or member expression stands for. */
  defsOf(unit: FileUnit, expr: number): readonly DefRef[];
  member(type: Type | undefined, name: string): Type | undefined;
  find(type: Type | undefined, name: string): readonly Found[];
  call(type: Type | undefined, unit: FileUnit, expr: number): Type | undefined;
  result(fn: Type & { kind: 'function' }): Type | undefined;
  element(type: Type | undefined, asynchronous: boolean): Type | undefined;
  awaited(type: Type | undefined): Type | undefined;
  /** An instance of a shape without type arguments: one object per shape. */
  instanceOf(unit: FileUnit, scope: number): Type;
  /** The same with the shape's own type parameters as its arguments. */
  ownType(unit: FileUnit, scope: number): Type;
  /** An instance of a class, interface or enum, with its type arguments. */
  instance(ref: DefRef, args?: readonly (Type | undefined)[]): Type | undefined;
  /** The name by which something outside of the project is known: `Optional` for `t.Optional`; undefined for what is inside. */
  external(unit: FileUnit, expr: number): string | undefined;
  parameterType(unit: FileUnit, fn: number, index: number): Type | undefined;
  /** What the place where a literal stands expects of it; `context` is a row of the unit's contexts. */
  expected(unit: FileUnit, context: number): Type | undefined;
  /** The same for the result of a call. */
  expectedOf(unit: FileUnit, call: number): Type | undefined;
}
