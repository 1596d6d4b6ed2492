import type { SyntaxNode as Node } from '../../adapters/parser/index.ts';
import { bare, field, parts, textOf } from './tree.ts';

export type LiteralKind =
  'int' | 'float' | 'complex' | 'str' | 'bytes' | 'bool' | 'None' | 'list' | 'set' | 'tuple' | 'dict' | 'any';

/** The type of a value that is written out. `items`: of a list or set its element, of a tuple each, of a dict key and value. */
export interface LiteralType {
  readonly kind: LiteralKind;
  readonly items: readonly LiteralType[];
}

export const ANY: LiteralType = { kind: 'any', items: [] };
const of = (kind: LiteralKind, ...items: LiteralType[]): LiteralType => ({ kind, items });
const NUMBERS: readonly LiteralKind[] = ['bool', 'int', 'float', 'complex'];

/** What two examples of the same thing have in common; `any` where that is nothing. */
export function merge(a: LiteralType, b: LiteralType): LiteralType {
  const ranks = [NUMBERS.indexOf(a.kind), NUMBERS.indexOf(b.kind)] as const;
  if (ranks[0] >= 0 && ranks[1] >= 0) return ranks[0] >= ranks[1] ? a : b;
  if (a.kind !== b.kind) return ANY;
  // An empty collection says nothing about what the other holds.
  if (a.items.length === 0 && a.kind !== 'tuple') return b;
  if (b.items.length === 0 && b.kind !== 'tuple') return a;
  if (a.items.length !== b.items.length) return of('tuple', ANY);
  return of(a.kind, ...a.items.map((item, i) => merge(item, b.items[i] ?? ANY)));
}

function mergeAll(types: readonly LiteralType[]): readonly LiteralType[] {
  const [first, ...rest] = types;
  return first === undefined ? [] : [rest.reduce(merge, first)];
}

function numberKind(text: string): LiteralKind {
  if (/j$/i.test(text)) return 'complex';
  return /^0[xob]/i.test(text) || !/[.e]/i.test(text) ? 'int' : 'float';
}

function ofCall(node: Node): LiteralType {
  const name = textOf(field(node, 'function'));
  const [argument] = parts(field(node, 'arguments'));
  if (name === 'set' && argument === undefined) return of('set');
  if (name === 'float') return of('float');
  if (name === 'str' || name === 'int' || name === 'bool') return of(name);
  return ANY;
}

function ofDictionary(node: Node): LiteralType {
  const pairs = parts(node);
  if (pairs.some(({ type }) => type !== 'pair')) return of('dict', ANY, ANY);
  const types = (name: string): readonly LiteralType[] =>
    mergeAll(
      pairs.map((pair) => {
        const value = field(pair, name);
        return value === null ? ANY : literalType(value);
      }),
    );
  return of('dict', ...types('key'), ...types('value'));
}

/** The type of an expression as far as it is written out; `any` where it is computed. */
export function literalType(expression: Node): LiteralType {
  const node = bare(expression);
  switch (node.type) {
    case 'integer':
    case 'float':
      return of(numberKind(node.text));
    case 'true':
    case 'false':
      return of('bool');
    case 'none':
      return of('None');
    case 'string':
    case 'concatenated_string':
      return of(/^[rf]?b/i.test(node.text) ? 'bytes' : 'str');
    case 'unary_operator': {
      const operand = field(node, 'argument');
      const type = operand === null ? ANY : literalType(operand);
      return NUMBERS.includes(type.kind) ? type : ANY;
    }
    case 'not_operator':
    case 'comparison_operator':
      return of('bool');
    case 'list':
    case 'set':
      return of(node.type, ...mergeAll(parts(node).map(literalType)));
    case 'tuple':
      return of('tuple', ...parts(node).map(literalType));
    case 'dictionary':
      return ofDictionary(node);
    case 'call':
      return ofCall(node);
    default:
      return ANY;
  }
}

/** As an annotation, with `any` written as the given name. */
export function annotationOf({ kind, items }: LiteralType, any: string): string {
  const inner = (index: number): string => {
    const item = items[index];
    return item === undefined ? any : annotationOf(item, any);
  };
  switch (kind) {
    case 'any':
      return any;
    case 'list':
    case 'set':
      return `${kind}[${inner(0)}]`;
    case 'dict':
      return `dict[${inner(0)}, ${inner(1)}]`;
    case 'tuple':
      return items.length === 0 || items[0]?.kind === 'any'
        ? `tuple[${any}, ...]`
        : `tuple[${items.map((_, i) => inner(i)).join(', ')}]`;
    default:
      return kind;
  }
}
