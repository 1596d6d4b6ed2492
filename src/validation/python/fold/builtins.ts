import { sorted, type Named } from './methods.ts';
import { binary } from './operators.ts';
import {
  type Callable,
  compare,
  type Dictionary,
  dictOf,
  equal,
  float,
  integer,
  isKind,
  iterate,
  iterator,
  keyOf,
  list,
  Raised,
  setOf,
  show,
  small,
  truth,
  tuple,
  unknown,
  type Value,
} from './values.ts';

type Builtin = (args: Value[], named: Named) => Value;

const NO_NAMES: Named = new Map();
const MAX_RANGE = 20_000;

function call(value: Value, ...args: Value[]): Value {
  return isKind(value, 'function') ? value.call(args, NO_NAMES) : unknown('call');
}

function range(args: Value[]): Value {
  const numbers = args.map((arg) => integer(arg) ?? typeError());
  const [from, to, step] =
    numbers.length === 1 ? [0n, numbers[0] ?? 0n, 1n] : [numbers[0] ?? 0n, numbers[1] ?? 0n, numbers[2] ?? 1n];
  if (step === 0n) throw new Raised('ValueError');
  const items: Value[] = [];
  for (let i = from; step > 0n ? i < to : i > to; i += step) {
    if (items.length >= MAX_RANGE) return unknown('long range');
    items.push(i);
  }
  return list(items);
}

function typeError(): never {
  throw new Raised('TypeError');
}

function valueError(): never {
  throw new Raised('ValueError');
}

function toInteger(value: Value, base: Value | undefined): Value {
  if (typeof value === 'string') {
    const radix = base === undefined ? 10 : small(base);
    const digits = value
      .trim()
      .replaceAll('_', '')
      .toLowerCase()
      .replace(radix === 2 ? /^0b/ : radix === 16 ? /^0x/ : /^$/, '');
    const sign = digits.startsWith('-') ? -1n : 1n;
    const body = digits.replace(/^[+-]/, '');
    if (body === '') return valueError();
    let total = 0n;
    for (const digit of body) {
      const worth = /[0-9a-z]/.test(digit) ? parseInt(digit, 36) : NaN;
      if (!(worth < radix)) return valueError();
      total = total * BigInt(radix) + BigInt(worth);
    }
    return sign * total;
  }
  if (typeof value === 'number') return Number.isFinite(value) ? BigInt(Math.trunc(value)) : valueError();
  return integer(value) ?? typeError();
}

function toFloat(value: Value): Value {
  if (typeof value !== 'string') return float(value) ?? typeError();
  const trimmed = value.trim().toLowerCase();
  if (/^[+]?inf(?:inity)?$/.test(trimmed)) return Infinity;
  if (/^-inf(?:inity)?$/.test(trimmed)) return -Infinity;
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/.test(trimmed)
    ? Number(trimmed)
    : trimmed === 'nan'
      ? NaN
      : valueError();
}

function round(value: Value, digits: Value | undefined): Value {
  const whole = integer(value);
  if (whole !== null) return digits === undefined || small(digits) >= 0 ? whole : unknown('round');
  const number = float(value) ?? typeError();
  if (digits === undefined || digits === null) {
    const down = Math.floor(number);
    const rest = number - down;
    if (rest !== 0.5) return BigInt(Math.round(number));
    return BigInt(down % 2 === 0 ? down : down + 1);
  }
  const places = small(digits);
  if (places < 0 || places > 15 || Math.abs(number) > 1e15) return unknown('round');
  const scaled = number * 10 ** places;
  if (Math.abs(scaled - Math.floor(scaled) - 0.5) < 1e-7) return unknown('round of a half');
  return Number(number.toFixed(places));
}

function extreme(sign: 1 | -1): Builtin {
  return (args, named) => {
    const items = args.length === 1 ? iterate(args[0] ?? null, false) : args;
    const key = named.get('key') ?? null;
    const [first] = items;
    if (first === undefined) return named.get('default') ?? valueError();
    if (key !== null && args.length === 1 && isKind(args[0] ?? null, 'set') && items.length > 1)
      return unknown('order of a set');
    let best = { item: first, key: key === null ? first : call(key, first) };
    for (const item of items.slice(1)) {
      const next = { item, key: key === null ? item : call(key, item) };
      if (sign * compare(next.key, best.key) > 0) best = next;
    }
    return best.item;
  };
}

const TYPE_TESTS: Readonly<Record<string, (value: Value) => boolean>> = {
  int: (value) => typeof value === 'bigint' || typeof value === 'boolean',
  float: (value) => typeof value === 'number',
  bool: (value) => typeof value === 'boolean',
  str: (value) => typeof value === 'string',
  list: (value) => isKind(value, 'list'),
  tuple: (value) => isKind(value, 'tuple'),
  dict: (value) => isKind(value, 'dict'),
  set: (value) => isKind(value, 'set'),
};

function isInstance(value: Value, type: Value): boolean {
  if (isKind(type, 'tuple')) return type.items.some((one) => isInstance(value, one));
  const test = isKind(type, 'function') && Object.hasOwn(TYPE_TESTS, type.name) ? TYPE_TESTS[type.name] : undefined;
  return test === undefined ? unknown('isinstance') : test(value);
}

const inBase = (value: Value, base: number, prefix: string): string => {
  const whole = integer(value) ?? typeError();
  return (whole < 0n ? '-' : '') + prefix + (whole < 0n ? -whole : whole).toString(base);
};

function zip(args: Value[]): Value {
  const columns = args.map((arg) => [...iterate(arg)]);
  const length = columns.length === 0 ? 0 : Math.min(...columns.map((column) => column.length));
  return iterator(Array.from({ length }, (_, i) => tuple(columns.map((column) => column[i] ?? null))));
}

function map(args: Value[]): Value {
  const [fn = null, ...columns] = args;
  const rows = iterate(zip(columns));
  return iterator(rows.map((row) => call(fn, ...iterate(row))));
}

function next(value: Value, otherwise: Value | undefined): Value {
  if (!isKind(value, 'iterator')) return typeError();
  const item = value.items.shift();
  if (item !== undefined) return item;
  if (otherwise !== undefined) return otherwise;
  throw new Raised('StopIteration');
}

function length(value: Value): bigint {
  if (typeof value === 'string') return BigInt(iterate(value).length);
  if (value === null || typeof value !== 'object') return typeError();
  if (value.type === 'set' || value.type === 'dict') return BigInt(value.items.size);
  return value.type === 'list' || value.type === 'tuple' ? BigInt(value.items.length) : typeError();
}

function absolute(value: Value): Value {
  const whole = integer(value);
  if (whole !== null) return whole < 0n ? -whole : whole;
  return Math.abs(float(value) ?? typeError());
}

function powerModulo(base: Value, exponent: Value, modulus: Value | undefined): Value {
  if (modulus === undefined) return binary('**', base, exponent);
  const [b, e, m] = [integer(base), integer(exponent), integer(modulus)];
  if (b === null || e === null || m === null || m <= 0n || e < 0n) return unknown('pow');
  let [result, factor, rest] = [1n % m, ((b % m) + m) % m, e];
  for (; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * factor) % m;
    factor = (factor * factor) % m;
  }
  return result;
}

export const BUILTINS: Readonly<Record<string, Builtin>> = {
  abs: ([value = null]) => absolute(value),
  all: ([items = null]) => iterate(items, false).every(truth),
  any: ([items = null]) => iterate(items, false).some(truth),
  bin: ([value = null]) => inBase(value, 2, '0b'),
  oct: ([value = null]) => inBase(value, 8, '0o'),
  hex: ([value = null]) => inBase(value, 16, '0x'),
  bool: ([value = false]) => truth(value),
  chr: ([value = null]) =>
    small(value) < 128 && small(value) >= 0 ? String.fromCharCode(small(value)) : unknown('chr'),
  ord: ([value = null]) =>
    typeof value === 'string' && value.length === 1 ? BigInt(value.charCodeAt(0)) : typeError(),
  dict: ([source], named) => {
    const pairs =
      source === undefined ? [] : isKind(source, 'dict') ? [...source.items.values()] : iterate(source).map(pairOf);
    return dictOf([...pairs, ...[...named].map(([key, value]) => [key, value] as const)]);
  },
  divmod: ([a = null, b = null]) => tuple([binary('//', a, b), binary('%', a, b)]),
  enumerate: ([items = null, start], named) => {
    const first = integer(start ?? named.get('start') ?? 0n) ?? typeError();
    return iterator(iterate(items).map((item, i) => tuple([first + BigInt(i), item])));
  },
  filter: ([fn = null, items = null]) =>
    iterator(iterate(items).filter((item) => truth(fn === null ? item : call(fn, item)))),
  float: ([value = 0n]) => toFloat(value),
  frozenset: ([items]) => setOf(items === undefined ? [] : iterate(items, false)),
  int: ([value = 0n, base]) => toInteger(value, base),
  isinstance: ([value = null, type = null]) => isInstance(value, type),
  iter: ([items = null]) => iterator(iterate(items)),
  len: ([value = null]) => length(value),
  list: ([items]) => list(items === undefined ? [] : [...iterate(items)]),
  map,
  max: extreme(1),
  min: extreme(-1),
  next: ([value = null, otherwise]) => next(value, otherwise),
  pow: ([base = null, exponent = null, modulus]) => powerModulo(base, exponent, modulus),
  print: () => null,
  range: (args) => range(args),
  repr: ([value = null]) => show(value, true),
  reversed: ([items = null]) => iterator([...iterate(items)].reverse()),
  round: ([value = null, digits], named) => round(value, digits ?? named.get('ndigits')),
  set: ([items]) => setOf(items === undefined ? [] : iterate(items, false)),
  sorted: ([items = null], named) => {
    const isSet = isKind(items, 'set') && named.has('key') && items.items.size > 1;
    return isSet ? unknown('order of a set') : list(sorted([...iterate(items, false)], named));
  },
  str: ([value = '']) => show(value),
  sum: ([items = null, start = 0n]) => iterate(items, false).reduce((total, item) => binary('+', total, item), start),
  tuple: ([items]) => tuple(items === undefined ? [] : [...iterate(items)]),
  zip,
};

function pairOf(value: Value): readonly [Value, Value] {
  const [key, item, more] = iterate(value);
  return key === undefined || item === undefined || more !== undefined ? valueError() : [key, item];
}

const onNumber =
  (fn: (x: number) => number): Builtin =>
  ([value = null]) => {
    const result = fn(float(value) ?? typeError());
    return Number.isNaN(result) ? valueError() : result;
  };

const toWhole =
  (fn: (x: number) => number): Builtin =>
  ([value = null]) =>
    integer(value) ?? BigInt(fn(float(value) ?? typeError()));

function factorial([value = null]: Value[]): Value {
  const n = integer(value) ?? unknown('factorial');
  if (n < 0n) return valueError();
  if (n > 500n) return unknown('large factorial');
  let product = 1n;
  for (let i = 2n; i <= n; i++) product *= i;
  return product;
}

function gcd(args: Value[]): Value {
  return args.reduce<bigint>((found, arg) => {
    let [a, b] = [found, integer(arg) ?? typeError()];
    while (b !== 0n) [a, b] = [b, a % b];
    return a < 0n ? -a : a;
  }, 0n);
}

function isqrt([value = null]: Value[]): Value {
  const n = integer(value) ?? typeError();
  if (n < 0n) return valueError();
  let root = BigInt(Math.floor(Math.sqrt(Number(n))));
  while (root * root > n) root--;
  while ((root + 1n) * (root + 1n) <= n) root++;
  return root;
}

function counter([items]: Value[]): Dictionary {
  const counts: Dictionary = { type: 'dict', items: new Map(), missing: () => 0n, adds: false };
  if (items !== undefined && isKind(items, 'dict')) return unknown('counter of a dict');
  for (const item of items === undefined ? [] : iterate(items)) {
    const known = counts.items.get(keyOf(item));
    counts.items.set(keyOf(item), [known?.[0] ?? item, binary('+', known?.[1] ?? 0n, 1n)]);
  }
  return counts;
}

function combinations(items: readonly Value[], size: number): Value[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, i) => combinations(items.slice(i + 1), size - 1).map((rest) => [item, ...rest]));
}

function permutations(items: readonly Value[], size: number): Value[][] {
  if (size === 0) return [[]];
  return items.flatMap((item, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)], size - 1).map((rest) => [item, ...rest]),
  );
}

function chosen(choose: (items: readonly Value[], size: number) => Value[][]): Builtin {
  return ([items = null, size]) => {
    const all = iterate(items);
    if (all.length > 8) return unknown('many combinations');
    return iterator(choose(all, size === undefined ? all.length : small(size)).map(tuple));
  };
}

/** What the modules hold that folds: functions, and constants. */
export const MODULES: Readonly<Record<string, Readonly<Record<string, Builtin | Value>>>> = {
  math: {
    pi: Math.PI,
    e: Math.E,
    inf: Infinity,
    sqrt: onNumber(Math.sqrt),
    fabs: onNumber(Math.abs),
    sin: onNumber(Math.sin),
    cos: onNumber(Math.cos),
    tan: onNumber(Math.tan),
    exp: onNumber(Math.exp),
    radians: onNumber((x) => (x * Math.PI) / 180),
    floor: toWhole(Math.floor),
    ceil: toWhole(Math.ceil),
    trunc: toWhole(Math.trunc),
    log2: onNumber((x) => (x <= 0 ? NaN : Math.log2(x))),
    log10: onNumber((x) => (x <= 0 ? NaN : Math.log10(x))),
    pow: ([a = null, b = null]) => (float(a) ?? typeError()) ** (float(b) ?? typeError()),
    hypot: (args) => Math.hypot(...args.map((arg) => float(arg) ?? typeError())),
    prod: ([items = null]) => iterate(items, false).reduce<Value>((total, item) => binary('*', total, item), 1n),
    factorial,
    gcd,
    isqrt,
    isclose: ([a = null, b = null], named) => (named.size > 0 ? unknown('isclose') : equal(a, b, 1e-9)),
  },
  string: {
    ascii_lowercase: 'abcdefghijklmnopqrstuvwxyz',
    ascii_uppercase: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    ascii_letters: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ',
    digits: '0123456789',
    punctuation: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
  },
  collections: {
    Counter: counter,
    OrderedDict: (args, named) => BUILTINS['dict']?.(args, named) ?? null,
    deque: ([items]) => list(items === undefined ? [] : [...iterate(items)]),
    defaultdict: ([factory = null]) => ({ type: 'dict', items: new Map(), missing: () => call(factory) }),
  },
  functools: {
    reduce: ([fn = null, items = null, start]) => {
      const all = [...iterate(items)];
      const first = start ?? all.shift();
      return first === undefined ? typeError() : all.reduce((total, item) => call(fn, total, item), first);
    },
  },
  itertools: {
    combinations: chosen(combinations),
    permutations: chosen(permutations),
    chain: (args) => iterator(args.flatMap((arg) => iterate(arg))),
    product: (args, named) => {
      if (named.size > 0) return unknown('product');
      const rows = args.reduce<Value[][]>(
        (all, arg) => all.flatMap((row) => iterate(arg).map((item) => [...row, item])),
        [[]],
      );
      return iterator(rows.map(tuple));
    },
  },
  heapq: {
    nlargest: ([count = null, items = null], named) =>
      list(sorted([...iterate(items)], new Map([...named, ['reverse', true]])).slice(0, small(count))),
    nsmallest: ([count = null, items = null], named) => list(sorted([...iterate(items)], named).slice(0, small(count))),
  },
};

/** A builtin under its name; null where there is none that folds. */
export function builtin(name: string): Callable | null {
  const fn = Object.hasOwn(BUILTINS, name) ? BUILTINS[name] : undefined;
  return fn === undefined ? null : { type: 'function', name, call: fn };
}

/** What a module holds under a name. */
export function memberOf(module: string, name: string): Value {
  const members = Object.hasOwn(MODULES, module) ? MODULES[module] : undefined;
  const member = members !== undefined && Object.hasOwn(members, name) ? members[name] : undefined;
  if (member === undefined) return unknown(`${module}.${name}`);
  return typeof member === 'function' ? { type: 'function', name, call: member } : member;
}
