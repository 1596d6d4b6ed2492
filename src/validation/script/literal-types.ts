import type TypeScript from 'typescript';
import { compiler } from './compiler.ts';

/** The shape of a value as far as its literal shows it. `any` where it does not. */
export type Shape =
  | { readonly kind: 'any' | 'string' | 'number' | 'boolean' | 'null' | 'undefined' | 'function' | 'bigint' | 'regexp' }
  | { readonly kind: 'array'; readonly element: Shape }
  | { readonly kind: 'object'; readonly keys: ReadonlyMap<string, Shape>; readonly isOpen: boolean };

export const ANY: Shape = { kind: 'any' };

/** Values of names that are assigned once, so that `const expected = 3` reads as `3`. */
export type Bindings = ReadonlyMap<string, TypeScript.Expression>;

const MAX_DEPTH = 6;

function objectShape(node: TypeScript.ObjectLiteralExpression, bindings: Bindings, depth: number): Shape {
  const ts = compiler();
  const keys = new Map<string, Shape>();
  let isOpen = false;
  for (const property of node.properties) {
    const name = property.name;
    const isPlain = name !== undefined && (ts.isIdentifier(name) || ts.isStringLiteral(name));
    if (ts.isPropertyAssignment(property) && isPlain) {
      keys.set(name.text, shapeOf(property.initializer, bindings, depth + 1));
    } else if (ts.isShorthandPropertyAssignment(property)) {
      keys.set(property.name.text, shapeOf(property.name, bindings, depth + 1));
    } else isOpen = true;
  }
  return { kind: 'object', keys, isOpen };
}

function namedShape(name: string, bindings: Bindings, depth: number): Shape {
  if (name === 'undefined') return { kind: 'undefined' };
  if (name === 'NaN' || name === 'Infinity') return { kind: 'number' };
  const value = bindings.get(name);
  return value === undefined ? ANY : shapeOf(value, bindings, depth + 1);
}

function unaryShape(node: TypeScript.PrefixUnaryExpression): Shape {
  const ts = compiler();
  if (node.operator === ts.SyntaxKind.ExclamationToken) return { kind: 'boolean' };
  return ts.isBigIntLiteral(node.operand) ? { kind: 'bigint' } : { kind: 'number' };
}

function wordShape(node: TypeScript.Expression): Shape {
  const { SyntaxKind } = compiler();
  switch (node.kind) {
    case SyntaxKind.StringLiteral:
    case SyntaxKind.NoSubstitutionTemplateLiteral:
    case SyntaxKind.TemplateExpression:
      return { kind: 'string' };
    case SyntaxKind.NumericLiteral:
      return { kind: 'number' };
    case SyntaxKind.BigIntLiteral:
      return { kind: 'bigint' };
    case SyntaxKind.TrueKeyword:
    case SyntaxKind.FalseKeyword:
      return { kind: 'boolean' };
    case SyntaxKind.NullKeyword:
      return { kind: 'null' };
    case SyntaxKind.ArrowFunction:
    case SyntaxKind.FunctionExpression:
      return { kind: 'function' };
    default:
      return ANY;
  }
}

/** What a literal expression is. Calls and everything computed are `any`: nothing is evaluated. */
export function shapeOf(node: TypeScript.Expression, bindings: Bindings, depth = 0): Shape {
  const ts = compiler();
  if (depth > MAX_DEPTH) return ANY;
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node))
    return shapeOf(node.expression, bindings, depth);
  if (ts.isIdentifier(node)) return namedShape(node.text, bindings, depth);
  if (ts.isPrefixUnaryExpression(node)) return unaryShape(node);
  if (ts.isObjectLiteralExpression(node)) return objectShape(node, bindings, depth);
  if (ts.isArrayLiteralExpression(node)) {
    if (node.elements.some((element) => ts.isSpreadElement(element))) return { kind: 'array', element: ANY };
    return { kind: 'array', element: joinAll(node.elements.map((element) => shapeOf(element, bindings, depth + 1))) };
  }
  return wordShape(node);
}

function joinObjects(a: Extract<Shape, { kind: 'object' }>, b: Extract<Shape, { kind: 'object' }>): Shape {
  const keys = new Map<string, Shape>();
  for (const key of new Set([...a.keys.keys(), ...b.keys.keys()])) {
    const [left, right] = [a.keys.get(key), b.keys.get(key)];
    keys.set(key, left !== undefined && right !== undefined ? join(left, right) : ANY);
  }
  const isSame = a.keys.size === b.keys.size && a.keys.size === keys.size;
  return { kind: 'object', keys, isOpen: a.isOpen || b.isOpen || !isSame };
}

/** What both are; `any` where they differ. */
export function join(a: Shape, b: Shape): Shape {
  if (a.kind === 'array' && b.kind === 'array') return { kind: 'array', element: join(a.element, b.element) };
  if (a.kind === 'object' && b.kind === 'object') return joinObjects(a, b);
  return a.kind === b.kind ? a : ANY;
}

export function joinAll(shapes: readonly Shape[]): Shape {
  const [first, ...rest] = shapes;
  return first === undefined ? ANY : rest.reduce(join, first);
}

/** The shape as a TypeScript type. */
export function typeText(shape: Shape): string {
  switch (shape.kind) {
    case 'array':
      return `Array<${typeText(shape.element)}>`;
    case 'object': {
      if (shape.isOpen || shape.keys.size === 0) return 'any';
      const members = [...shape.keys].map(([key, value]) => `${JSON.stringify(key)}: ${typeText(value)}`);
      return `{ ${members.join('; ')} }`;
    }
    case 'string':
    case 'number':
    case 'boolean':
    case 'bigint':
      return shape.kind;
    default:
      return 'any';
  }
}
