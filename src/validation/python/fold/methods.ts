import { contains } from './operators.ts';
import {
  compare,
  type Dictionary,
  equal,
  isKind,
  isSequence,
  iterate,
  keyOf,
  list,
  Raised,
  type Sequence,
  setOf,
  type SetValue,
  small,
  truth,
  tuple,
  unknown,
  type Callable,
  type Value,
} from './values.ts';

export type Named = ReadonlyMap<string, Value>;
type Method<T> = (self: T, args: Value[], named: Named) => Value;

function text(value: Value | undefined): string {
  if (typeof value !== 'string') throw new Raised('TypeError');
  return value;
}

function ascii(value: string): string {
  return /^[\x00-\x7f]*$/.test(value) ? value : unknown('letters beyond ASCII');
}

function callable(value: Value | undefined): Callable | null {
  if (value === undefined || value === null) return null;
  return isKind(value, 'function') ? value : unknown('key function');
}

/** Sorts as Python does: stable, by `key`. */
export function sorted(items: readonly Value[], named: Named): Value[] {
  const key = callable(named.get('key'));
  const keyed = items.map((item) => ({ item, key: key === null ? item : key.call([item], new Map()) }));
  const sign = truth(named.get('reverse') ?? false) ? -1 : 1;
  keyed.sort((a, b) => sign * compare(a.key, b.key));
  return keyed.map(({ item }) => item);
}

function trimmed(value: string, chars: Value | undefined, left: boolean, right: boolean): string {
  const set = chars === undefined || chars === null ? ' \t\n\r\v\f' : text(chars);
  let [from, to] = [0, value.length];
  while (left && from < to && set.includes(value[from] ?? '')) from++;
  while (right && to > from && set.includes(value[to - 1] ?? '')) to--;
  return value.slice(from, to);
}

function split(value: string, separator: Value | undefined, limit: Value | undefined): Value {
  if (limit !== undefined) return unknown('split limit');
  if (separator === undefined || separator === null)
    return list(value.split(/[ \t\n\r\v\f]+/).filter((part) => part !== ''));
  if (separator === '') throw new Raised('ValueError');
  return list(value.split(text(separator)));
}

function find(value: string, args: Value[], last: boolean): number {
  if (args.length > 2) return unknown('find range');
  const from = args[1] === undefined ? undefined : small(args[1]);
  if (from !== undefined && (from < 0 || last)) return unknown('find range');
  return last ? value.lastIndexOf(text(args[0])) : value.indexOf(text(args[0]), from);
}

function found(index: number): Value {
  if (index < 0) throw new Raised('ValueError');
  return BigInt(index);
}

function countOf(value: string, part: string): bigint {
  return part === '' ? unknown('count of nothing') : BigInt(value.split(part).length - 1);
}

function padded(value: string, args: Value[], side: 'left' | 'right'): string {
  const width = small(args[0] ?? null);
  const fill = args[1] === undefined ? ' ' : text(args[1]);
  return side === 'left' ? value.padEnd(width, fill) : value.padStart(width, fill);
}

function replaced(value: string, args: Value[]): string {
  const [from, to] = [text(args[0]), text(args[1])];
  if (from === '') return unknown('replace of nothing');
  if (args[2] === undefined) return value.replaceAll(from, () => to);
  let [out, rest] = ['', value];
  for (let n = small(args[2]); n !== 0 && rest.includes(from); n--) {
    const at = rest.indexOf(from);
    out += rest.slice(0, at) + to;
    rest = rest.slice(at + from.length);
  }
  return out + rest;
}

const matchesAny = (value: Value | undefined, test: (part: string) => boolean): boolean =>
  value !== undefined && isKind(value, 'tuple') ? value.items.some((part) => test(text(part))) : test(text(value));

const capital = (value: string): string => value.charAt(0).toUpperCase() + value.slice(1).toLowerCase();

export const STRING_METHODS: Readonly<Record<string, Method<string>>> = {
  lower: (self) => ascii(self).toLowerCase(),
  casefold: (self) => ascii(self).toLowerCase(),
  upper: (self) => ascii(self).toUpperCase(),
  capitalize: (self) => capital(ascii(self)),
  title: (self) => ascii(self).replaceAll(/[A-Za-z]+/g, capital),
  swapcase: (self) =>
    ascii(self).replaceAll(/[A-Za-z]/g, (c) => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase())),
  strip: (self, [chars]) => trimmed(self, chars, true, true),
  lstrip: (self, [chars]) => trimmed(self, chars, true, false),
  rstrip: (self, [chars]) => trimmed(self, chars, false, true),
  split: (self, [separator, limit], named) =>
    split(self, separator ?? named.get('sep'), limit ?? named.get('maxsplit')),
  splitlines: (self) => list(self === '' ? [] : self.replace(/\n$/, '').split('\n')),
  join: (self, [items]) =>
    iterate(items ?? null)
      .map(text)
      .join(self),
  replace: (self, args) => replaced(self, args),
  startswith: (self, args) =>
    args.length > 1 ? unknown('range') : matchesAny(args[0], (part) => self.startsWith(part)),
  endswith: (self, args) => (args.length > 1 ? unknown('range') : matchesAny(args[0], (part) => self.endsWith(part))),
  find: (self, args) => BigInt(find(self, args, false)),
  rfind: (self, args) => BigInt(find(self, args, true)),
  index: (self, args) => found(find(self, args, false)),
  rindex: (self, args) => found(find(self, args, true)),
  count: (self, args) => (args.length > 1 ? unknown('range') : countOf(self, text(args[0]))),
  isalpha: (self) => /^[A-Za-z]+$/.test(ascii(self)),
  isdigit: (self) => /^\d+$/.test(ascii(self)),
  isnumeric: (self) => /^\d+$/.test(ascii(self)),
  isdecimal: (self) => /^\d+$/.test(ascii(self)),
  isalnum: (self) => /^[A-Za-z\d]+$/.test(ascii(self)),
  isspace: (self) => /^[ \t\n\r\v\f]+$/.test(ascii(self)),
  isupper: (self) => /[A-Z]/.test(ascii(self)) && !/[a-z]/.test(self),
  islower: (self) => /[a-z]/.test(ascii(self)) && !/[A-Z]/.test(self),
  zfill: (self, [width]) => (/^[+-]/.test(self) ? unknown('sign') : self.padStart(small(width ?? null), '0')),
  ljust: (self, args) => padded(self, args, 'left'),
  rjust: (self, args) => padded(self, args, 'right'),
};

function remove(items: Value[], value: Value): null {
  const at = items.findIndex((item) => equal(item, value));
  if (at < 0) throw new Raised('ValueError');
  items.splice(at, 1);
  return null;
}

function pop(items: Value[], index: Value | undefined): Value {
  const at = index === undefined ? items.length - 1 : small(index);
  const real = at < 0 ? at + items.length : at;
  if (real < 0 || real >= items.length) throw new Raised('IndexError');
  return items.splice(real, 1)[0] ?? null;
}

function insert(items: Value[], index: Value, value: Value): null {
  const at = small(index);
  items.splice(at < 0 ? Math.max(0, at + items.length) : at, 0, value);
  return null;
}

const nothing = (_: unknown): null => null;

export const LIST_METHODS: Readonly<Record<string, Method<Sequence>>> = {
  append: ({ items }, [value = null]) => {
    if (items.length > 20_000) unknown('too many items');
    return nothing(items.push(value));
  },
  extend: ({ items }, [more = null]) => nothing(items.push(...iterate(more))),
  insert: ({ items }, [index = null, value = null]) => insert(items, index, value),
  pop: ({ items }, [index]) => pop(items, index),
  popleft: ({ items }) => pop(items, 0n),
  appendleft: ({ items }, [value = null]) => nothing(items.unshift(value)),
  remove: ({ items }, [value = null]) => remove(items, value),
  index: ({ items }, [value = null, from]) =>
    from === undefined ? found(items.findIndex((item) => equal(item, value))) : unknown('range'),
  count: ({ items }, [value = null]) => BigInt(items.filter((item) => equal(item, value)).length),
  sort: (self, _, named) => {
    self.items.splice(0, self.items.length, ...sorted([...self.items], named));
    return null;
  },
  reverse: ({ items }) => nothing(items.reverse()),
  copy: ({ items }) => list([...items]),
  clear: ({ items }) => nothing(items.splice(0)),
};

function popKey(self: Dictionary, key: Value, otherwise: Value | undefined): Value {
  const entry = self.items.get(keyOf(key));
  if (entry === undefined) {
    if (otherwise === undefined) throw new Raised('KeyError');
    return otherwise;
  }
  self.items.delete(keyOf(key));
  return entry[1];
}

function setDefault(self: Dictionary, key: Value, value: Value): Value {
  const known = self.items.get(keyOf(key));
  if (known !== undefined) return known[1];
  self.items.set(keyOf(key), [key, value]);
  return value;
}

function mostCommon(self: Dictionary, count: Value | undefined): Value {
  const pairs = [...self.items.values()].sort(([, a], [, b]) => compare(b, a));
  return list(
    pairs.slice(0, count === undefined || count === null ? pairs.length : small(count)).map(([k, v]) => tuple([k, v])),
  );
}

export const DICT_METHODS: Readonly<Record<string, Method<Dictionary>>> = {
  get: ({ items }, [key = null, otherwise = null]) => items.get(keyOf(key))?.[1] ?? otherwise,
  keys: ({ items }) => list([...items.values()].map(([key]) => key)),
  values: ({ items }) => list([...items.values()].map(([, value]) => value)),
  items: ({ items }) => list([...items.values()].map(([key, value]) => tuple([key, value]))),
  pop: (self, [key = null, otherwise]) => popKey(self, key, otherwise),
  setdefault: (self, [key = null, value = null]) => setDefault(self, key, value),
  update: (self, [other = null]) => {
    if (!isKind(other, 'dict') || self.adds === false) return unknown('update');
    for (const [key, pair] of other.items) self.items.set(key, pair);
    return null;
  },
  copy: (self) => ({ ...self, items: new Map(self.items) }),
  clear: ({ items }) => nothing(items.clear()),
  most_common: (self, [count]) => (self.adds === false ? mostCommon(self, count) : unknown('most_common')),
};

const members = (value: Value): Value[] => iterate(value, false);

export const SET_METHODS: Readonly<Record<string, Method<SetValue>>> = {
  add: ({ items }, [value = null]) => nothing(items.set(keyOf(value), value)),
  discard: ({ items }, [value = null]) => nothing(items.delete(keyOf(value))),
  remove: ({ items }, [value = null]) => {
    if (!items.delete(keyOf(value))) throw new Raised('KeyError');
    return null;
  },
  union: ({ items }, others) => setOf([...items.values(), ...others.flatMap(members)]),
  intersection: ({ items }, others) =>
    setOf([...items.values()].filter((item) => others.every((o) => contains(o, item)))),
  difference: ({ items }, others) =>
    setOf([...items.values()].filter((item) => !others.some((o) => contains(o, item)))),
  issubset: ({ items }, [other = null]) => [...items.values()].every((item) => contains(other, item)),
  issuperset: ({ items }, [other = null]) => members(other).every((item) => items.has(keyOf(item))),
  isdisjoint: ({ items }, [other = null]) => !members(other).some((item) => items.has(keyOf(item))),
  update: ({ items }, others) => {
    for (const item of others.flatMap(members)) items.set(keyOf(item), item);
    return null;
  },
  copy: ({ items }) => setOf(items.values()),
};

/** `self.name` as something to call; null where the value has no such method that folds. */
export function methodOf(self: Value, name: string): Callable | null {
  const bound = <T>(methods: Readonly<Record<string, Method<T>>>, value: T): Callable | null => {
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
    return method === undefined ? null : { type: 'function', name, call: (args, named) => method(value, args, named) };
  };
  if (typeof self === 'string') return bound(STRING_METHODS, self);
  if (isKind(self, 'list')) return bound(LIST_METHODS, self);
  if (isSequence(self))
    return self.type === 'tuple' && /^(?:index|count)$/.test(name) ? bound(LIST_METHODS, self) : null;
  if (isKind(self, 'dict')) return bound(DICT_METHODS, self);
  return isKind(self, 'set') ? bound(SET_METHODS, self) : null;
}
