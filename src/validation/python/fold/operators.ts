import {
  compare,
  dictOf,
  equal,
  float,
  integer,
  isKind,
  isSequence,
  iterate,
  keyOf,
  list,
  Raised,
  setOf,
  small,
  tuple,
  unknown,
  type Value,
} from './values.ts';

const MAX_BITS = 4_000n;

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

function power(a: bigint, b: bigint): Value {
  if (b < 0n) return a === 0n ? raiseZero() : Number(a) ** Number(b);
  if (a > 1n || a < -1n) {
    if (b > MAX_BITS) return unknown('large power');
  }
  return a ** b;
}

function raiseZero(): never {
  throw new Raised('ZeroDivisionError');
}

function onIntegers(operator: string, a: bigint, b: bigint): Value | undefined {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0n ? raiseZero() : Number(a) / Number(b);
    case '//':
      return b === 0n ? raiseZero() : floorDivide(a, b);
    case '%':
      return b === 0n ? raiseZero() : a - floorDivide(a, b) * b;
    case '**':
      return power(a, b);
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case '<<':
      return b > MAX_BITS || b < 0n ? unknown('shift') : a << b;
    case '>>':
      return b < 0n ? unknown('shift') : a >> b;
    default:
      return undefined;
  }
}

function onFloats(operator: string, a: number, b: number): Value | undefined {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0 ? raiseZero() : a / b;
    case '//':
      return b === 0 ? raiseZero() : Math.floor(a / b);
    case '%':
      return b === 0 ? raiseZero() : a - Math.floor(a / b) * b;
    case '**': {
      const result = a ** b;
      return Number.isNaN(result) || !Number.isFinite(result) ? unknown('power') : result;
    }
    default:
      return undefined;
  }
}

function repeated(items: readonly Value[], times: number): Value[] {
  if (items.length * times > 20_000) return unknown('large repetition');
  return Array.from({ length: Math.max(0, times) }, () => items).flat();
}

function onCollections(operator: string, a: Value, b: Value): Value | undefined {
  if (typeof a === 'string' && typeof b === 'string' && operator === '+') return a + b;
  if (isSequence(a) && isSequence(b) && a.type === b.type && operator === '+')
    return a.type === 'list' ? list([...a.items, ...b.items]) : tuple([...a.items, ...b.items]);
  if (operator === '*') {
    const [left, right] = integer(a) === null ? [a, b] : [b, a];
    if (integer(right) === null) return undefined;
    const times = Math.max(0, small(right));
    if (typeof left === 'string') return left.length * times > 100_000 ? unknown('large text') : left.repeat(times);
    if (isKind(left, 'list')) return list(repeated(left.items, times));
    if (isKind(left, 'tuple')) return tuple(repeated(left.items, times));
  }
  if (isKind(a, 'set') && isKind(b, 'set')) return onSets(operator, [...a.items], b.items);
  if (isKind(a, 'dict') && isKind(b, 'dict') && a.missing === undefined && operator === '|')
    return dictOf([...a.items.values(), ...b.items.values()]);
  return undefined;
}

function onSets(operator: string, a: (readonly [string, Value])[], b: ReadonlyMap<string, Value>): Value | undefined {
  const values = (entries: readonly (readonly [string, Value])[]): Value => setOf(entries.map(([, value]) => value));
  switch (operator) {
    case '|':
      return values([...a, ...b]);
    case '&':
      return values(a.filter(([key]) => b.has(key)));
    case '-':
      return values(a.filter(([key]) => !b.has(key)));
    case '^': {
      const own = new Set(a.map(([key]) => key));
      return values([...a.filter(([key]) => !b.has(key)), ...[...b].filter(([key]) => !own.has(key))]);
    }
    default:
      return undefined;
  }
}

/** `a operator b`. */
export function binary(operator: string, a: Value, b: Value): Value {
  const [m, n] = [integer(a), integer(b)];
  if (m !== null && n !== null) {
    if (typeof a === 'boolean' && typeof b === 'boolean' && /^[&|^]$/.test(operator))
      return operator === '&' ? a && b : operator === '|' ? a || b : a !== b;
    return onIntegers(operator, m, n) ?? unknown(operator);
  }
  const [x, y] = [float(a), float(b)];
  if (x !== null && y !== null) return onFloats(operator, x, y) ?? unknown(operator);
  if (typeof a === 'string' && operator === '%') return unknown('text format');
  const result = onCollections(operator, a, b);
  if (result !== undefined) return result;
  if (isKind(a, 'dict') || isKind(b, 'dict') || isKind(a, 'function')) return unknown(operator);
  throw new Raised('TypeError', `unsupported operand types for ${operator}`);
}

/** `item in container`. */
export function contains(container: Value, item: Value): boolean {
  if (typeof container === 'string') {
    if (typeof item !== 'string') throw new Raised('TypeError');
    return container.includes(item);
  }
  if (isKind(container, 'set') || isKind(container, 'dict')) return container.items.has(keyOf(item));
  return iterate(container).some((other) => equal(other, item));
}

/** One comparison of a chain. */
export function compared(operator: string, a: Value, b: Value): boolean {
  switch (operator) {
    case '==':
      return equal(a, b);
    case '!=':
      return !equal(a, b);
    case '<':
      return compare(a, b) < 0;
    case '<=':
      return compare(a, b) <= 0;
    case '>':
      return compare(a, b) > 0;
    case '>=':
      return compare(a, b) >= 0;
    case 'in':
      return contains(b, a);
    case 'not in':
      return !contains(b, a);
    case 'is':
    case 'is not': {
      const same =
        a === null || b === null || typeof a === 'boolean' || typeof b === 'boolean' ? a === b : unknown('is');
      return operator === 'is' ? same : !same;
    }
    default:
      return unknown(operator);
  }
}

function position(index: Value, length: number): number {
  const at = small(index);
  const real = at < 0 ? at + length : at;
  if (real < 0 || real >= length) throw new Raised('IndexError');
  return real;
}

/** `container[index]`. */
export function itemAt(container: Value, index: Value): Value {
  if (typeof container === 'string') return [...container][position(index, [...container].length)] ?? '';
  if (isKind(container, 'list') || isKind(container, 'tuple'))
    return container.items[position(index, container.items.length)] ?? null;
  if (isKind(container, 'dict')) {
    const found = container.items.get(keyOf(index));
    if (found !== undefined) return found[1];
    if (container.missing === undefined) throw new Raised('KeyError');
    const value = container.missing();
    if (container.adds !== false) container.items.set(keyOf(index), [index, value]);
    return value;
  }
  if (container === null || typeof container !== 'object' || container.type === 'set') throw new Raised('TypeError');
  return unknown('subscript');
}

/** `container[from:to:step]`. */
export function slice(container: Value, from: Value, to: Value, step: Value): Value {
  const items = typeof container === 'string' ? [...container] : isSequence(container) ? container.items : null;
  if (items === null || (isSequence(container) && container.type === 'iterator')) throw new Raised('TypeError');
  const by = step === null ? 1 : small(step);
  if (by === 0) throw new Raised('ValueError');
  const clamp = (value: Value, otherwise: number): number => {
    if (value === null) return otherwise;
    const at = small(value);
    const real = at < 0 ? at + items.length : at;
    return by > 0 ? Math.min(Math.max(real, 0), items.length) : Math.min(Math.max(real, -1), items.length - 1);
  };
  const [start, end] =
    by > 0 ? [clamp(from, 0), clamp(to, items.length)] : [clamp(from, items.length - 1), clamp(to, -1)];
  const taken: Value[] = [];
  for (let i = start; by > 0 ? i < end : i > end; i += by) taken.push(items[i] ?? null);
  if (typeof container === 'string')
    return taken.map((part) => (typeof part === 'string' ? part : unknown('slice'))).join('');
  return isKind(container, 'tuple') ? tuple(taken) : list(taken);
}

/** `container[index] = value`. */
export function setItem(container: Value, index: Value, value: Value): void {
  if (isKind(container, 'list')) container.items[position(index, container.items.length)] = value;
  else if (isKind(container, 'dict')) {
    const key = keyOf(index);
    container.items.set(key, [container.items.get(key)?.[0] ?? index, value]);
  } else if (typeof container === 'string' || isKind(container, 'tuple')) throw new Raised('TypeError');
  else unknown('assignment');
}
