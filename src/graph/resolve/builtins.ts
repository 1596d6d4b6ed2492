/** What the languages' own containers and functions do, as far as it carries types from one place of a project to another. */
import { EXPR, OP, USE } from '../facts.ts';
import { builtin, union, type Evaluator, type Type } from './model.ts';
import type { FileUnit } from './unit.ts';

const set = (names: string): ReadonlySet<string> => new Set(names.split(' '));

const SAME_LIST = set(
  'filter slice concat sort reverse splice fill toSorted toReversed toSpliced with copyWithin copy union intersection difference symmetric_difference add',
);
const ONE_OF_LIST = set('find findLast pop shift at popleft');
const STRING_RESULTS = set(
  'join toString trim toLowerCase toUpperCase slice replace replaceAll substring padStart padEnd repeat charAt strip lstrip rstrip lower upper title capitalize format encode decode removeprefix removesuffix isoformat strftime hex toISOString toFixed',
);
const LIST_CALLBACKS = set('map filter forEach find findLast findIndex findLastIndex some every flatMap sort toSorted');

/** The type of a member of a builtin value; a method is something that can be called for its result. */
export function builtinMember(e: Evaluator, type: Type, name: string): Type | undefined {
  if (type.kind === 'tuple') return builtinMember(e, builtin('list', union(type.items)), name);
  if (type.kind === 'class' && type.unit.python && name === '__members__')
    return builtin('dict', builtin('string'), e.instance(type));
  if (type.kind !== 'builtin') return undefined;
  const method = (result: Type | undefined): Type => builtin('callable', result);
  const [first, second] = type.args;
  switch (type.name) {
    case 'list':
      if (SAME_LIST.has(name)) return method(type);
      if (ONE_OF_LIST.has(name)) return method(first);
      if (name === 'values' || name === 'keys')
        return method(name === 'values' ? type : builtin('list', builtin('number')));
      if (name === 'entries') return method(builtin('list', { kind: 'tuple', items: [builtin('number'), first] }));
      return name === 'join' ? method(builtin('string')) : name === 'length' ? builtin('number') : undefined;
    case 'map':
    case 'dict': {
      if (['get', 'pop', 'setdefault', '__getitem__'].includes(name)) return method(second);
      if (name === 'values') return method(builtin('list', second));
      if (name === 'keys') return method(builtin('list', first));
      if (name === 'items' || name === 'entries')
        return method(builtin('list', { kind: 'tuple', items: [first, second] }));
      if (name === 'copy' || name === 'set') return method(type);
      return type.name === 'dict' ? second : undefined;
    }
    case 'box':
      return ['get', 'get_nowait', '__call__'].includes(name) ? method(first) : undefined;
    case 'ref':
      return name === 'current' ? first : undefined;
    case 'awaitable':
      if (name === 'catch' || name === 'finally') return method(type);
      return name === 'result' ? method(first) : undefined;
    case 'string':
      if (name === 'split' || name === 'splitlines') return method(builtin('list', builtin('string')));
      return STRING_RESULTS.has(name) ? method(builtin('string')) : undefined;
    default:
      return undefined;
  }
}

function argsOf(unit: FileUnit, call: number): Int32Array {
  return unit.list(unit.expr(call, EXPR.b));
}

/** Callee `object.name` of a call, when it has that form. */
function memberOf(unit: FileUnit, call: number): { object: number; name: string } | undefined {
  const callee = unit.expr(call, EXPR.a);
  if (unit.expr(callee, EXPR.op) !== OP.member) return undefined;
  const use = unit.expr(callee, EXPR.a);
  return { object: unit.use(use, USE.base), name: unit.name(unit.use(use, USE.name)) };
}

/** The result of a call whose callee is not of the project. */
export function builtinCall(e: Evaluator, unit: FileUnit, call: number): Type | undefined {
  const args = argsOf(unit, call);
  const value = (i: number): Type | undefined => e.value(unit, args[i] ?? -1);
  const callee = unit.expr(call, EXPR.a);
  const member = memberOf(unit, call);
  if (member !== undefined) {
    const object = e.value(unit, member.object);
    const found = object === undefined ? undefined : methodCall(e, object, member.name, value);
    if (found !== undefined) return found;
  }
  const name = e.external(unit, callee);
  if (name === undefined) return undefined;
  const explicit = [...unit.list(unit.expr(call, EXPR.c))].map((item) => e.type(unit, item));
  if (unit.python) return pythonCall(e, unit, name, args, value);
  const owner = member === undefined ? undefined : e.external(unit, member.object);
  return (
    scriptCall(e, owner === undefined ? name : `${owner}.${name}`, name, explicit, value) ??
    passedThrough(e, unit, args)
  );
}

function methodCall(
  e: Evaluator,
  object: Type,
  name: string,
  value: (i: number) => Type | undefined,
): Type | undefined {
  if (object.kind === 'union') return union(object.items.map((item) => methodCall(e, item, name, value)));
  const callback = (i: number): Type | undefined => {
    const fn = value(i);
    return fn?.kind === 'function' ? e.result(fn) : undefined;
  };
  if (object.kind === 'tuple') return methodCall(e, builtin('list', union(object.items)), name, value);
  if (object.kind !== 'builtin') return undefined;
  if (object.name === 'list') {
    if (name === 'map') return builtin('list', callback(0));
    if (name === 'flatMap') return builtin('list', e.element(callback(0), false) ?? callback(0));
    if (name === 'flat') return builtin('list', e.element(object.args[0], false) ?? object.args[0]);
    if (name === 'reduce' || name === 'reduceRight') return value(1) ?? callback(0) ?? object.args[0];
  }
  if (object.name === 'awaitable' && name === 'then') return builtin('awaitable', e.awaited(callback(0)));
  return undefined;
}

/** Functions from elsewhere that take an object literal tend to give back something with its keys: tables, stores, styles. */
function passedThrough(e: Evaluator, unit: FileUnit, args: Int32Array): Type | undefined {
  for (const arg of args) if (unit.expr(arg, EXPR.op) === OP.object) return e.value(unit, arg);
  return undefined;
}

function scriptCall(
  e: Evaluator,
  path: string,
  name: string,
  explicit: readonly (Type | undefined)[],
  value: (i: number) => Type | undefined,
): Type | undefined {
  const result = (i: number): Type | undefined => {
    const fn = value(i);
    return fn?.kind === 'function' ? e.result(fn) : undefined;
  };
  switch (path) {
    case 'Promise.all':
    case 'Promise.allSettled': {
      const given = value(0);
      if (given?.kind === 'tuple')
        return builtin('awaitable', { kind: 'tuple', items: given.items.map((item) => e.awaited(item)) });
      return builtin('awaitable', builtin('list', e.awaited(e.element(given, false))));
    }
    case 'Promise.race':
    case 'Promise.any':
      return builtin('awaitable', e.awaited(e.element(value(0), false)));
    case 'Promise.resolve':
      return builtin('awaitable', e.awaited(value(0)));
    case 'Object.values':
      return builtin('list', valuesOf(e, value(0)));
    case 'Object.entries':
      return builtin('list', { kind: 'tuple', items: [builtin('string'), valuesOf(e, value(0))] });
    case 'Object.keys':
      return builtin('list', builtin('string'));
    case 'Object.freeze':
    case 'Object.seal':
      return value(0);
    case 'Object.assign':
      return union([value(0), value(1)]);
    case 'Object.fromEntries': {
      const entry = e.element(value(0), false);
      return builtin('dict', builtin('string'), entry?.kind === 'tuple' ? entry.items[1] : undefined);
    }
    case 'Array.from':
      return builtin('list', result(1) ?? e.element(value(0), false));
    case 'Array.of':
      return builtin('list', value(0));
    default:
      break;
  }
  switch (name) {
    case 'Array':
    case 'Set':
    case 'WeakSet':
      return builtin('list', explicit[0] ?? e.element(value(0), false));
    case 'Map':
    case 'WeakMap': {
      if (explicit.length > 0) return builtin('map', explicit[0], explicit[1]);
      const entry = e.element(value(0), false);
      return entry?.kind === 'tuple' ? builtin('map', entry.items[0], entry.items[1]) : builtin('map');
    }
    case 'Promise':
      return builtin('awaitable', explicit[0]);
    case 'structuredClone':
      return value(0);
    case 'useState': {
      const initial = value(0);
      const state = explicit[0] ?? (initial?.kind === 'function' ? e.result(initial) : initial);
      return { kind: 'tuple', items: [state, builtin('setter', state)] };
    }
    case 'useReducer': {
      const reducer = value(0);
      const state = reducer?.kind === 'function' ? (e.result(reducer) ?? value(1)) : value(1);
      return { kind: 'tuple', items: [state, undefined] };
    }
    case 'useRef':
    case 'createRef':
      return builtin('ref', explicit[0] ?? value(0));
    case 'useMemo':
      return explicit[0] ?? result(0);
    case 'useCallback':
      return value(0);
    case 'createContext':
      return builtin('context', explicit[0] ?? value(0));
    case 'useContext':
    case 'use': {
      const context = value(0);
      return context?.kind === 'builtin' && context.name === 'context' ? context.args[0] : e.awaited(context);
    }
    case 'memo':
    case 'observer':
      return value(0);
    case 'forwardRef':
      return explicit[1] === undefined ? value(0) : builtin('component', explicit[1]);
    default:
      return undefined;
  }
}

function valuesOf(e: Evaluator, type: Type | undefined): Type | undefined {
  if (type?.kind === 'builtin' && type.name === 'dict') return type.args[1];
  if (type?.kind === 'builtin' && type.name === 'list') return type.args[0];
  if (type?.kind === 'instance') {
    const names = type.unit.namesIn(type.scope);
    if (names.length > 0) return union(names.slice(0, 12).map((name) => e.member(type, name)));
  }
  return type?.kind === 'class' ? e.instance(type) : undefined;
}

function pythonCall(
  e: Evaluator,
  unit: FileUnit,
  name: string,
  args: Int32Array,
  value: (i: number) => Type | undefined,
): Type | undefined {
  const element = (i: number): Type | undefined => e.element(value(i), false);
  const result = (i: number): Type | undefined => {
    const fn = value(i);
    return e.call(fn, unit, -1);
  };
  const keyword = (wanted: string): number => {
    for (const arg of args) {
      if (unit.expr(arg, EXPR.op) === OP.keyword && unit.name(unit.expr(arg, EXPR.a)) === wanted)
        return unit.expr(arg, EXPR.b);
    }
    return -1;
  };
  switch (name) {
    case 'list':
    case 'set':
    case 'frozenset':
    case 'sorted':
    case 'reversed':
    case 'tuple':
    case 'deque':
    case 'iter':
      return builtin('list', element(0));
    case 'chain':
      return builtin('list', union([...args].map((_, i) => element(i))));
    case 'filter':
      return builtin('list', element(1));
    case 'map':
      return builtin('list', result(0));
    case 'enumerate':
      return builtin('list', { kind: 'tuple', items: [builtin('number'), element(0)] });
    case 'zip':
      return builtin('list', { kind: 'tuple', items: [...args].map((_, i) => element(i)) });
    case 'next':
      return element(0);
    case 'min':
    case 'max':
      return args.length > 1 && unit.expr(args[1] ?? -1, EXPR.op) !== OP.keyword ? value(0) : element(0);
    case 'dict':
    case 'OrderedDict': {
      const given = value(0);
      return given?.kind === 'builtin' && given.name === 'dict' ? given : builtin('dict');
    }
    case 'defaultdict':
      return builtin('dict', undefined, result(0));
    case 'str':
    case 'repr':
      return builtin('string');
    case 'int':
    case 'float':
    case 'len':
    case 'sum':
      return builtin('number');
    case 'copy':
    case 'deepcopy':
    case 'replace':
    case 'wraps':
      return value(0);
    case 'cast':
      return e.type(unit, args[0] ?? -1);
    case 'type': {
      const given = value(0);
      const def = given?.kind === 'instance' ? given.unit.scope(given.scope, 4) : -1;
      return given?.kind === 'instance' && def >= 0 ? { kind: 'class', unit: given.unit, def } : undefined;
    }
    case 'field':
    case 'Field':
    case 'attrib':
    case 'ib': {
      const factory = keyword('default_factory');
      return factory >= 0 ? e.call(e.value(unit, factory), unit, -1) : e.value(unit, keyword('default'));
    }
    case 'ref':
    case 'proxy':
      return name === 'ref' ? builtin('callable', value(0)) : value(0);
    case 'partial': {
      const made = value(0);
      return made?.kind === 'class'
        ? builtin('callable', e.instance(made))
        : made?.kind === 'function'
          ? builtin('callable', e.result(made))
          : undefined;
    }
    case 'gather': {
      const items = [...args].map((_, i) => e.awaited(value(i)));
      return builtin('awaitable', { kind: 'tuple', items });
    }
    case 'create_task':
    case 'ensure_future':
      return value(0);
    case 'run':
    case 'wait_for':
      return name === 'run' ? e.awaited(value(0)) : value(0);
    case 'Depends':
      return e.awaited(result(0));
    default:
      return undefined;
  }
}

/** What a function of the language passes to parameter `parameter` of its callback, which is argument `index` of the call. */
export function callbackParameter(
  e: Evaluator,
  unit: FileUnit,
  call: number,
  index: number,
  parameter: number,
): Type | undefined {
  const member = memberOf(unit, call);
  const first = (): Type | undefined => e.value(unit, argsOf(unit, call)[0] ?? -1);
  if (member === undefined) {
    const callee = e.value(unit, unit.expr(call, EXPR.a));
    return callee?.kind === 'builtin' && callee.name === 'setter' && index === 0 && parameter === 0
      ? callee.args[0]
      : undefined;
  }
  const { name } = member;
  if (index === 1 && name === 'from' && parameter === 0) return e.element(first(), false);
  const object = e.value(unit, member.object);
  const container = object?.kind === 'tuple' ? builtin('list', union(object.items)) : object;
  if (container?.kind !== 'builtin' || index !== 0) return undefined;
  const [a, b] = container.args;
  if (container.name === 'list') {
    if (name === 'sort' || name === 'toSorted') return a;
    if (LIST_CALLBACKS.has(name)) return parameter === 0 ? a : parameter === 1 ? builtin('number') : container;
    if (name === 'reduce' || name === 'reduceRight') {
      if (parameter === 0) return e.value(unit, argsOf(unit, call)[1] ?? -1) ?? a;
      return parameter === 1 ? a : undefined;
    }
  }
  if (container.name === 'map' && name === 'forEach') return parameter === 0 ? b : a;
  if (container.name === 'awaitable' && name === 'then') return e.awaited(a);
  return undefined;
}
