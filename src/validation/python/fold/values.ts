import type { SyntaxNode as Node } from '../../../adapters/parser/index.ts';

/** The values that constants fold to. Integers are bigints, floats are numbers. */
export type Value = null | boolean | bigint | number | string | Sequence | SetValue | Dictionary | Callable | Module;

export interface Sequence {
  readonly type: 'list' | 'tuple' | 'iterator';
  items: Value[];
}

export interface SetValue {
  readonly type: 'set';
  readonly items: Map<string, Value>;
}

export interface Dictionary {
  readonly type: 'dict';
  readonly items: Map<string, readonly [Value, Value]>;
  /** What a missing key gives; absent: it is an error. */
  readonly missing?: () => Value;
  /** False for a counter, whose missing keys are not added. */
  readonly adds?: boolean;
}

export interface Callable {
  readonly type: 'function';
  readonly name: string;
  readonly call: (positional: Value[], named: ReadonlyMap<string, Value>) => Value;
}

export interface Module {
  readonly type: 'module';
  readonly name: string;
}

/** The text holds something that folding does not know: it says nothing about the code. */
export class NotFolded extends Error {
  override readonly name = 'NotFolded';
}

/** The code would raise this error. */
export class Raised extends Error {
  override readonly name = 'Raised';
  readonly kind: string;

  constructor(kind: string, message = '') {
    super(message);
    this.kind = kind;
  }
}

export function unknown(node: Node | string): never {
  throw new NotFolded(typeof node === 'string' ? node : node.type);
}

const MAX_ITEMS = 20_000;

export function isSequence(value: Value): value is Sequence {
  return typeof value === 'object' && value !== null && ['list', 'tuple', 'iterator'].includes(value.type);
}

export function isKind<K extends 'list' | 'tuple' | 'iterator' | 'set' | 'dict' | 'function' | 'module'>(
  value: Value,
  kind: K,
): value is Extract<Value, { type: K }> | (K extends 'list' | 'tuple' | 'iterator' ? Sequence : never) {
  return typeof value === 'object' && value !== null && value.type === kind;
}

export function list(items: Value[]): Sequence {
  if (items.length > MAX_ITEMS) unknown('too many items');
  return { type: 'list', items };
}

export const tuple = (items: Value[]): Sequence => ({ type: 'tuple', items });
export const iterator = (items: Value[]): Sequence => ({ type: 'iterator', items: [...items] });

/** A text that is the same for equal values: 1, 1.0 and True are one key. */
export function keyOf(value: Value): string {
  if (value === null) return 'n';
  if (typeof value === 'boolean') return `i${value ? 1 : 0}`;
  if (typeof value === 'bigint') return `i${value}`;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? `i${value}` : `f${value}`;
  if (typeof value === 'string') return `s${value}`;
  if (value.type === 'tuple')
    return `(${value.items
      .map(keyOf)
      .map((key) => `${key.length}:${key}`)
      .join('')})`;
  if (value.type === 'list' || value.type === 'dict' || value.type === 'set')
    throw new Raised('TypeError', 'unhashable');
  return unknown('key');
}

export function setOf(items: Iterable<Value>): SetValue {
  return { type: 'set', items: new Map([...items].map((item) => [keyOf(item), item])) };
}

export function dictOf(pairs: Iterable<readonly [Value, Value]>): Dictionary {
  return { type: 'dict', items: new Map([...pairs].map((pair) => [keyOf(pair[0]), pair])) };
}

export function truth(value: Value): boolean {
  if (value === null) return false;
  if (typeof value === 'object') {
    if (value.type === 'set' || value.type === 'dict') return value.items.size > 0;
    if (value.type === 'list' || value.type === 'tuple') return value.items.length > 0;
    return value.type === 'iterator' ? unknown('truth of an iterator') : true;
  }
  return typeof value === 'bigint' ? value !== 0n : Boolean(value) || Number.isNaN(value);
}

/** An integer value as a bigint; null for other types. */
export function integer(value: Value): bigint | null {
  if (typeof value === 'bigint') return value;
  return typeof value === 'boolean' ? (value ? 1n : 0n) : null;
}

/** A number of any kind as a float; null for other types. */
export function float(value: Value): number | null {
  if (typeof value === 'number') return value;
  const whole = integer(value);
  return whole === null ? null : Number(whole);
}

/** The length or an index as a number. */
export function small(value: Value): number {
  const whole = integer(value);
  if (whole === null) throw new Raised('TypeError', 'an integer is needed');
  if (whole > 1_000_000n || whole < -1_000_000n) unknown('large index');
  return Number(whole);
}

/** The items of a value, in order. A set has no order that the text tells. */
export function iterate(value: Value, needsOrder = true): Value[] {
  if (typeof value === 'string') {
    if (/[\ud800-\udfff]/.test(value)) unknown('surrogates');
    return [...value];
  }
  if (value === null || typeof value !== 'object') throw new Raised('TypeError', 'not iterable');
  switch (value.type) {
    case 'list':
    case 'tuple':
      return value.items;
    case 'iterator':
      return value.items.splice(0);
    case 'set':
      return needsOrder && value.items.size > 1 ? unknown('order of a set') : [...value.items.values()];
    case 'dict':
      return [...value.items.values()].map(([key]) => key);
    default:
      return unknown('iteration');
  }
}

/** Python's `==`; floats within `tolerance` (relative) count as equal. */
export function equal(a: Value, b: Value, tolerance = 0): boolean {
  const [x, y] = [float(a), float(b)];
  if (x !== null && y !== null) {
    if (typeof a === 'bigint' && typeof b === 'bigint') return a === b;
    return x === y || (tolerance > 0 && Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(x), Math.abs(y)));
  }
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b;
  if (isSequence(a) && isSequence(b)) {
    const other = b.items;
    if (a.type === 'iterator' || b.type === 'iterator') return unknown('comparison of iterators');
    return (
      a.type === b.type &&
      a.items.length === other.length &&
      a.items.every((item, i) => equal(item, other[i] ?? null, tolerance))
    );
  }
  if (a.type === 'set' && b.type === 'set')
    return a.items.size === b.items.size && [...a.items.keys()].every((key) => b.items.has(key));
  if (a.type === 'dict' && b.type === 'dict') {
    return (
      a.items.size === b.items.size &&
      [...a.items].every(([key, [, value]]) => {
        const other = b.items.get(key);
        return other !== undefined && equal(value, other[1], tolerance);
      })
    );
  }
  if (a.type === 'function' || b.type === 'function' || a.type === 'module' || b.type === 'module')
    return unknown('identity');
  return false;
}

/** Negative, zero or positive as Python orders two values. */
export function compare(a: Value, b: Value): number {
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0;
  const [x, y] = [float(a), float(b)];
  if (x !== null && y !== null) return Number.isNaN(x) || Number.isNaN(y) ? unknown('nan') : x - y;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  if (isSequence(a) && isSequence(b) && a.type === b.type) {
    for (let i = 0; i < Math.min(a.items.length, b.items.length); i++) {
      const [left, right] = [a.items[i] ?? null, b.items[i] ?? null];
      if (!equal(left, right)) return compare(left, right);
    }
    return a.items.length - b.items.length;
  }
  if (isKind(a, 'set') || isKind(b, 'set') || isKind(a, 'dict')) return unknown('order of sets');
  throw new Raised('TypeError', 'not ordered');
}

/** `str(value)`, or `repr(value)` inside collections. */
export function show(value: Value, quoted = false): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return showFloat(value);
  if (typeof value === 'string') return quoted ? showString(value) : value;
  if (value.type === 'list') return `[${value.items.map((item) => show(item, true)).join(', ')}]`;
  if (value.type === 'tuple')
    return `(${value.items.map((item) => show(item, true)).join(', ')}${value.items.length === 1 ? ',' : ''})`;
  if (value.type === 'dict' && value.missing === undefined)
    return `{${[...value.items.values()].map(([key, item]) => `${show(key, true)}: ${show(item, true)}`).join(', ')}}`;
  return unknown('text of a value');
}

function showString(text: string): string {
  if (/[^\x20-\x7e]|\\/.test(text)) return unknown('escapes');
  return text.includes("'") ? (text.includes('"') ? unknown('quotes') : `"${text}"`) : `'${text}'`;
}

function showFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e16 || size < 1e-4)) return unknown('text of a float');
  if (Object.is(value, -0)) return '-0.0';
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
