import { Give } from './signals.ts';

export function isNullish(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

type Operator = (left: never, right: never) => unknown;

/** The engine's own operators: their conversions are part of what the code means. */
const BINARY: Readonly<Record<string, Operator>> = {
  '+': (a: number, b: number) => a + b,
  '-': (a: number, b: number) => a - b,
  '*': (a: number, b: number) => a * b,
  '/': (a: number, b: number) => a / b,
  '%': (a: number, b: number) => a % b,
  '**': (a: number, b: number) => a ** b,
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
  '==': (a: unknown, b: unknown) => a == b,
  '!=': (a: unknown, b: unknown) => a != b,
  '===': (a: unknown, b: unknown) => a === b,
  '!==': (a: unknown, b: unknown) => a !== b,
  '&': (a: number, b: number) => a & b,
  '|': (a: number, b: number) => a | b,
  '^': (a: number, b: number) => a ^ b,
  '<<': (a: number, b: number) => a << b,
  '>>': (a: number, b: number) => a >> b,
  '>>>': (a: number, b: number) => a >>> b,
  in: (a: string, b: object) => a in b,
};

export function binary(operator: string, left: unknown, right: unknown): unknown {
  const operate = BINARY[operator];
  if (operate === undefined) throw new Give(`operator ${operator}`);
  return operate(left as never, right as never);
}

export function unary(operator: string, value: unknown): unknown {
  if (operator === '!') return !value;
  if (operator === '-') return typeof value === 'bigint' ? -value : -(value as number);
  if (operator === '+') return +(value as number);
  if (operator === '~') return ~(value as number);
  throw new Give(`operator ${operator}`);
}
