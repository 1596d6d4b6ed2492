import { Give } from './signals.ts';

/** Longest text or list that a reckoning may build. */
export const MAX_SIZE = 200_000;

/** Names of values that lead out of the data: to the engine's own constructors, and from there to anything. */
const FORBIDDEN: ReadonlySet<string> = new Set([
  'constructor',
  '__proto__',
  'prototype',
  'caller',
  'callee',
  '__defineGetter__',
  '__defineSetter__',
  '__lookupGetter__',
  '__lookupSetter__',
]);

export function checkKey(key: unknown): string | number | symbol {
  const name = typeof key === 'symbol' || typeof key === 'number' ? key : String(key);
  if (typeof name === 'string' && FORBIDDEN.has(name)) throw new Give(`"${name}" is not followed`);
  return name;
}

/** Globals that give the same for the same and reach nothing outside: no clock, no chance, no files, no code from text. */
export const GLOBALS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['undefined', undefined],
  ['NaN', NaN],
  ['Infinity', Infinity],
  [
    'Math',
    Object.freeze({
      ...Object.fromEntries(
        Object.entries(Object.getOwnPropertyDescriptors(Math)).map(([key, { value }]) => [key, value as unknown]),
      ),
      random: () => {
        throw new Give('chance');
      },
    }),
  ],
  [
    'JSON',
    Object.freeze({
      stringify: (...of: Parameters<typeof JSON.stringify>) => JSON.stringify(...of),
      parse: (text: string) => JSON.parse(text) as unknown,
    }),
  ],
  ['Object', Object],
  ['Array', Array],
  ['String', String],
  ['Number', Number],
  ['Boolean', Boolean],
  ['Map', Map],
  ['Set', Set],
  ['WeakMap', WeakMap],
  ['BigInt', BigInt],
  ['RegExp', RegExp],
  ['Error', Error],
  ['TypeError', TypeError],
  ['RangeError', RangeError],
  ['SyntaxError', SyntaxError],
  ['parseInt', parseInt],
  ['parseFloat', parseFloat],
  ['isNaN', isNaN],
  ['isFinite', isFinite],
  ['Symbol', Symbol],
  ['Uint8Array', Uint8Array],
  ['Int32Array', Int32Array],
  ['Float64Array', Float64Array],
  [
    'console',
    Object.freeze(
      Object.fromEntries(
        'log error warn info debug table assert group groupEnd trace count dir time timeEnd clear'
          .split(' ')
          .map((key) => [key, () => undefined]),
      ),
    ),
  ],
  ['structuredClone', (value: unknown) => structuredClone(value)],
]);

const HOST_CONSTRUCTORS: ReadonlySet<unknown> = new Set([
  Array,
  Map,
  Set,
  WeakMap,
  RegExp,
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  Number,
  String,
  Boolean,
  Object,
  Uint8Array,
  Int32Array,
  Float64Array,
]);

export function isHostConstructor(value: unknown): value is new (...of: unknown[]) => object {
  return HOST_CONSTRUCTORS.has(value);
}

const STATIC: ReadonlyMap<unknown, ReadonlySet<string>> = new Map<unknown, ReadonlySet<string>>([
  [
    Object,
    new Set(
      'keys values entries assign freeze fromEntries is hasOwn create seal isFrozen groupBy getOwnPropertyNames'.split(
        ' ',
      ),
    ),
  ],
  [Array, new Set(['from', 'isArray', 'of'])],
  [String, new Set(['fromCharCode', 'fromCodePoint', 'raw'])],
  [
    Number,
    new Set(
      'isInteger isFinite isNaN isSafeInteger parseInt parseFloat MAX_SAFE_INTEGER MIN_SAFE_INTEGER MAX_VALUE MIN_VALUE EPSILON POSITIVE_INFINITY NEGATIVE_INFINITY NaN'.split(
        ' ',
      ),
    ),
  ],
  [Map, new Set(['groupBy'])],
  [Symbol, new Set(['iterator'])],
  [BigInt, new Set(['asUintN', 'asIntN'])],
]);

/** Whether a property of a function of the host may be read. */
export function isAllowedStatic(owner: unknown, key: string | number | symbol): boolean {
  return typeof key === 'string' && (STATIC.get(owner)?.has(key) ?? false);
}

/** Keeps calls of the host's own functions small: what they build in one step, no step count sees. */
export function checkCall(receiver: unknown, callee: unknown, given: readonly unknown[]): void {
  const [first, second] = given;
  if (typeof receiver === 'string') {
    if (callee === String.prototype.repeat && receiver.length * Number(first) > MAX_SIZE)
      throw new Give('too long a text');
    if ((callee === String.prototype.padStart || callee === String.prototype.padEnd) && Number(first) > MAX_SIZE)
      throw new Give('too long a text');
    if (receiver.length > 20_000) throw new Give('too long a text');
  }
  const length =
    callee === Array.from && typeof first === 'object' && first !== null && 'length' in first
      ? Number(first.length)
      : 0;
  if (length > MAX_SIZE || (callee === Array && typeof first === 'number' && first > MAX_SIZE))
    throw new Give('too long a list');
  if (Array.isArray(receiver) && receiver.length > MAX_SIZE) throw new Give('too long a list');
  for (const value of [first, second])
    if (value instanceof RegExp && typeof receiver === 'string' && receiver.length > 2_000)
      throw new Give('too long a text for a pattern');
  if (callee === RegExp.prototype.test || callee === RegExp.prototype.exec)
    if (String(first).length > 2_000) throw new Give('too long a text for a pattern');
}
