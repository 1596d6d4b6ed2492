/** Types from type expressions: annotations of both languages. */
import { DEF, DEF_KIND, EXPR, FUNCTION, LITERAL, OP, SCOPE, SHAPE } from '../facts.ts';
import { builtin, parameterKey, substitute, union, type Env, type Evaluator, type Type } from './model.ts';
import type { DefRef } from './program.ts';
import type { FileUnit } from './unit.ts';

/** Names of sequences whose one argument is the element. */
const SEQUENCES = new Set(
  (
    'list List set Set frozenset FrozenSet Sequence MutableSequence Iterable Iterator Collection AbstractSet MutableSet deque Deque Generator ' +
    'AsyncIterator AsyncIterable AsyncGenerator Reversible KeysView ValuesView QuerySet ' +
    'Array ReadonlyArray ReadonlySet WeakSet IterableIterator AsyncIterableIterator ArrayLike'
  ).split(' '),
);
const MAPPINGS = new Set('dict Dict Mapping MutableMapping DefaultDict defaultdict OrderedDict ChainMap'.split(' '));
const MAPS = new Set(['Map', 'ReadonlyMap', 'WeakMap']);
const AWAITABLES = new Set('Promise PromiseLike Awaitable Future Task'.split(' '));
/** Names that stand for their first argument. */
const TRANSPARENT = new Set(
  (
    'Optional Final ClassVar Annotated Required NotRequired ReadOnly InitVar Mapped Partial Readonly NonNullable Pick Omit Exclude Extract Awaited ' +
    'DeepPartial ContextManager AsyncContextManager AbstractContextManager AbstractAsyncContextManager NoInfer WritableDeep Mutable'
  ).split(' '),
);
const PRIMITIVES: Readonly<Record<string, string>> = {
  str: 'string',
  int: 'number',
  float: 'number',
  bool: 'boolean',
  bytes: 'bytes',
  string: 'string',
  number: 'number',
  boolean: 'boolean',
  Date: 'Date',
  RegExp: 'RegExp',
};

export function evaluateType(e: Evaluator, unit: FileUnit, expr: number): Type | undefined {
  const at = (column: number): number => unit.expr(expr, column);
  const items = (list: number): (Type | undefined)[] => [...unit.list(list)].map((item) => e.type(unit, item));
  switch (at(EXPR.op)) {
    case OP.name:
    case OP.member:
      return named(e, unit, expr, []);
    case OP.generic:
      if (unit.expr(at(EXPR.a), EXPR.op) !== OP.name && unit.expr(at(EXPR.a), EXPR.op) !== OP.member)
        return e.type(unit, at(EXPR.a));
      return named(e, unit, at(EXPR.a), [...unit.list(at(EXPR.b))]);
    case OP.arrayType:
      return builtin('list', e.type(unit, at(EXPR.a)));
    case OP.tupleType:
    case OP.tuple:
      return { kind: 'tuple', items: items(at(EXPR.a)) };
    case OP.union:
    case OP.intersection:
      return union(items(at(EXPR.a)));
    case OP.binary:
      return union([e.type(unit, at(EXPR.a)), e.type(unit, at(EXPR.b))]);
    case OP.index:
      // Python: a generic in value position, as in an alias.
      return named(e, unit, at(EXPR.a), indexItems(unit, at(EXPR.b)));
    case OP.functionType:
      return { kind: 'function', unit, fn: at(EXPR.a) };
    case OP.objectType:
      return objectType(e, unit, at(EXPR.a));
    case OP.typeOf:
      return e.value(unit, at(EXPR.a));
    case OP.lookup:
      return lookup(e, unit, at(EXPR.a), at(EXPR.b));
    case OP.primitive:
      return builtin(PRIMITIVES[unit.name(at(EXPR.a))] ?? unit.name(at(EXPR.a)));
    case OP.this:
      return at(EXPR.a) < 0 ? undefined : e.ownType(unit, at(EXPR.a));
    case OP.literal:
      return unit.python ? forwardReference(e, unit, expr) : literalType(unit, expr);
    case OP.predicate:
      return builtin('boolean');
    default:
      return undefined;
  }
}

/** Python: a class named in a string, where a value stands for a type: `Alias = Union["URL", str]`. */
function forwardReference(e: Evaluator, unit: FileUnit, expr: number): Type | undefined {
  if (unit.expr(expr, EXPR.a) !== LITERAL.string) return undefined;
  const name = unit.name(unit.expr(expr, EXPR.b));
  return ofDefs(e, e.namedIn(unit, name), []);
}

/** A literal type, which keeps its value: unions are told apart by it. */
function literalType(unit: FileUnit, expr: number): Type | undefined {
  const kind = unit.expr(expr, EXPR.a);
  const value = unit.expr(expr, EXPR.b);
  if (kind === LITERAL.null) return undefined;
  const name = kind === LITERAL.string ? 'string' : kind === LITERAL.number ? 'number' : 'boolean';
  return { kind: 'builtin', name, args: [], ...(value < 0 ? {} : { literal: unit.name(value) }) };
}

function indexItems(unit: FileUnit, expr: number): number[] {
  return unit.expr(expr, EXPR.op) === OP.tuple ? [...unit.list(unit.expr(expr, EXPR.a))] : [expr];
}

const NONE: readonly (Type | undefined)[] = [];

/** The type parameters of a shape as arguments: what it is inside of itself. */
export function ownParameters(unit: FileUnit, scope: number): readonly (Type | undefined)[] {
  const parameters = unit.list(unit.shape(unit.scope(scope, SCOPE.detail), SHAPE.typeParameters));
  return parameters.length === 0 ? NONE : Array.from(parameters, (def) => ({ kind: 'parameter', unit, def }));
}

function objectType(e: Evaluator, unit: FileUnit, scope: number): Type | undefined {
  const index = unit.shape(unit.scope(scope, SCOPE.detail), SHAPE.index);
  if (unit.expr(index, EXPR.op) === OP.mapped) {
    const keys = unit.expr(index, EXPR.b);
    // `{ [K in keyof T]: … }` has the members of T.
    if (unit.expr(keys, EXPR.op) === OP.keyOf) return e.type(unit, unit.expr(keys, EXPR.a));
    return builtin('dict', undefined, e.type(unit, unit.expr(index, EXPR.a)));
  }
  return e.instanceOf(unit, scope);
}

function lookup(e: Evaluator, unit: FileUnit, object: number, index: number): Type | undefined {
  const of = e.type(unit, object);
  if (unit.expr(index, EXPR.op) === OP.literal && unit.expr(index, EXPR.a) === LITERAL.string) {
    const name = unit.name(unit.expr(index, EXPR.b));
    // Of a type parameter it is known once that is.
    if (of?.kind === 'parameter' || of?.kind === 'lookup') {
      return { kind: 'lookup', of, resolve: (known) => e.member(known, name) };
    }
    return e.member(of, name);
  }
  if (unit.expr(index, EXPR.op) === OP.primitive) return e.element(of, false);
  return undefined;
}

/** A named type with its arguments. */
function named(e: Evaluator, unit: FileUnit, expr: number, args: readonly number[]): Type | undefined {
  const external = e.external(unit, expr);
  if (external !== undefined) return externalType(e, unit, external, args);
  const evaluated = args.map((arg) => e.type(unit, arg));
  return ofDefs(e, e.defsOf(unit, expr), evaluated);
}

/** An instance, from the value of a name that stands for a class. */
function asType(e: Evaluator, value: Type | undefined, args: readonly (Type | undefined)[]): Type | undefined {
  if (value === undefined) return undefined;
  switch (value.kind) {
    case 'class':
      return e.instance({ unit: value.unit, def: value.def }, args.length > 0 ? args : value.args);
    case 'union':
      return union(value.items.map((item) => asType(e, item, args)));
    case 'parameter':
    case 'builtin':
      return value;
    default:
      return undefined;
  }
}

function ofDefs(e: Evaluator, defs: readonly DefRef[], args: readonly (Type | undefined)[]): Type | undefined {
  const kinds = defs.filter(({ unit, def }) => TYPE_KINDS.has(unit.def(def, DEF.kind)));
  const chosen = kinds.length > 0 ? kinds.slice(0, 1) : defs;
  return union(chosen.map((ref) => ofDef(e, ref, args)));
}

const TYPE_KINDS = new Set<number>([
  DEF_KIND.class,
  DEF_KIND.interface,
  DEF_KIND.alias,
  DEF_KIND.enum,
  DEF_KIND.typeParameter,
]);

function ofDef(e: Evaluator, ref: DefRef, args: readonly (Type | undefined)[]): Type | undefined {
  const { unit, def } = ref;
  switch (unit.def(def, DEF.kind)) {
    case DEF_KIND.class:
    case DEF_KIND.interface:
    case DEF_KIND.enum:
      return e.instance(ref, args);
    case DEF_KIND.typeParameter:
      return { kind: 'parameter', unit, def };
    case DEF_KIND.alias: {
      const parameters = unit.list(unit.def(def, DEF.extra));
      if (unit.def(def, DEF.type) < 0) return asType(e, e.value(unit, unit.def(def, DEF.value)), args);
      return substitute(e.type(unit, unit.def(def, DEF.type)), environment(e, unit, parameters, args));
    }
    case DEF_KIND.enumMember:
      return { kind: 'instance', unit, scope: unit.def(def, DEF.scope), args: [], literal: unit.defName(def) };
    case DEF_KIND.variable:
    case DEF_KIND.field:
      return ofVariable(e, ref, args);
    default:
      return undefined;
  }
}

/** Python: `Alias = Union[A, B]`, `T = TypeVar("T", bound=Base)`, `UserId = NewType("UserId", int)`, `Cls = make()`. */
function ofVariable(e: Evaluator, ref: DefRef, args: readonly (Type | undefined)[]): Type | undefined {
  const { unit, def } = ref;
  if (unit.def(def, DEF.type) >= 0 && unit.expr(unit.def(def, DEF.type), EXPR.op) === OP.generic) {
    return e.type(unit, unit.def(def, DEF.type));
  }
  const value = unit.def(def, DEF.value);
  if (value < 0) return undefined;
  if (unit.expr(value, EXPR.op) === OP.call) {
    const maker = e.external(unit, unit.expr(value, EXPR.a));
    if (maker === 'TypeVar') return { kind: 'parameter', unit, def };
    if (maker === 'NewType') return e.type(unit, unit.list(unit.expr(value, EXPR.b))[1] ?? -1);
    return asType(e, e.value(unit, value), args);
  }
  return e.type(unit, value);
}

export function environment(
  e: Evaluator,
  unit: FileUnit,
  parameters: ArrayLike<number>,
  args: readonly (Type | undefined)[],
): Env | undefined {
  if (parameters.length === 0) return undefined;
  const env = new Map<string, Type>();
  for (let i = 0; i < parameters.length; i += 1) {
    const parameter = parameters[i] ?? -1;
    const arg = args[i] ?? defaultOf(e, unit, parameter, env);
    if (arg !== undefined) env.set(parameterKey(unit, parameter), arg);
  }
  return env;
}

/** TypeScript: what a type parameter stands for when nothing is given for it. */
export function defaultOf(e: Evaluator, unit: FileUnit, parameter: number, env: Env): Type | undefined {
  const fallback = unit.python ? -1 : unit.def(parameter, DEF.value);
  return fallback < 0 ? undefined : substitute(e.type(unit, fallback), env);
}

function externalType(e: Evaluator, unit: FileUnit, name: string, args: readonly number[]): Type | undefined {
  const first = (): Type | undefined => e.type(unit, args[0] ?? -1);
  if (SEQUENCES.has(name)) return builtin('list', first());
  if (MAPPINGS.has(name)) return builtin('dict', first(), e.type(unit, args[1] ?? -1));
  if (MAPS.has(name)) return builtin('map', first(), e.type(unit, args[1] ?? -1));
  if (AWAITABLES.has(name)) return builtin('awaitable', first());
  if (TRANSPARENT.has(name)) return first();
  const primitive = PRIMITIVES[name];
  if (primitive !== undefined) return builtin(primitive);
  switch (name) {
    case 'ContextVar':
    case 'Queue':
    case 'LifoQueue':
    case 'PriorityQueue':
    case 'SimpleQueue':
    case 'ReferenceType':
    case 'ref':
      return builtin('box', first());
    case 'Self':
      return builtin('Self');
    case 'Union':
      return union(args.map((arg) => e.type(unit, arg)));
    case 'tuple':
    case 'Tuple': {
      const last = args.at(-1);
      const variadic = last !== undefined && args.length === 2 && unit.expr(last, EXPR.c) === 1;
      return variadic ? builtin('list', first()) : { kind: 'tuple', items: args.map((arg) => e.type(unit, arg)) };
    }
    case 'type':
    case 'Type':
    case 'InstanceType': {
      const instance = first();
      if (name === 'InstanceType') return instance?.kind === 'class' ? e.instance(instance) : undefined;
      return classOf(instance);
    }
    case 'Record':
      return builtin('dict', undefined, e.type(unit, args[1] ?? -1));
    case 'Coroutine':
      return builtin('awaitable', e.type(unit, args[2] ?? -1));
    case 'Callable':
      return builtin('callable', e.type(unit, args[1] ?? -1));
    case 'ReturnType': {
      const fn = first();
      return fn?.kind === 'function' ? e.result(fn) : undefined;
    }
    case 'Parameters': {
      const fn = first();
      if (fn?.kind !== 'function') return undefined;
      const count = fn.unit.list(fn.unit.fn(fn.fn, FUNCTION.parameters)).length;
      return { kind: 'tuple', items: Array.from({ length: count }, (_, i) => e.parameterType(fn.unit, fn.fn, i)) };
    }
    default:
      return undefined;
  }
}

/** The class of an instance. */
export function classOf(type: Type | undefined): Type | undefined {
  if (type === undefined) return undefined;
  if (type.kind === 'union') return union(type.items.map(classOf));
  if (type.kind !== 'instance') return type.kind === 'parameter' ? type : undefined;
  const def = type.unit.scope(type.scope, SCOPE.owner);
  return def < 0 ? undefined : { kind: 'class', unit: type.unit, def, args: type.args };
}
