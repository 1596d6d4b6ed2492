import type TypeScript from 'typescript';
import { compiler } from '../../script/compiler.ts';
import type { Piece } from './client-path.ts';
import { bare, declarationOf, nodesIn, propertyOf } from './script-nodes.ts';

/** What a request is made with. */
export interface FetchOptions {
  readonly method: Piece;
  /** What is sent as JSON; null where nothing is, or it is not known. */
  readonly body: TypeScript.Expression | null;
  /** A parameter that holds, or may change, the options. */
  readonly parameter: TypeScript.ParameterDeclaration | null;
  /** True when the method is written beside such a parameter, and wins over it. */
  readonly isMethodSaid?: boolean;
}

const UNSAID: Piece = { kind: 'hole', isNumber: false, isQuery: false };
const GET: Piece = { kind: 'text', text: 'get' };

/** Reads the options of `fetch`, or of a function that hands them on. */
export function readOptions(
  node: TypeScript.Expression | undefined,
  checker: TypeScript.TypeChecker,
  depth = 0,
): FetchOptions {
  const ts = compiler();
  if (node === undefined) return { method: GET, body: null, parameter: null };
  const plain = bare(node);
  const unknown: FetchOptions = { method: UNSAID, body: null, parameter: null };
  if (depth > 4) return unknown;
  if (ts.isObjectLiteralExpression(plain)) return readLiteral(plain, checker, depth);
  if (ts.isIdentifier(plain)) {
    const declaration = declarationOf(plain, checker);
    if (declaration !== null && ts.isParameter(declaration)) return { ...unknown, parameter: declaration };
    const value = declaration !== null && ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined;
    return value === undefined ? unknown : readOptions(value, checker, depth + 1);
  }
  // `withToken(init)`: a function of the project that adds to the options.
  const inner = ts.isCallExpression(plain)
    ? plain.arguments.map((argument) => readOptions(argument, checker, depth + 1))
    : [];
  const handed = inner.filter(({ method, parameter }) => parameter !== null || method.kind !== 'hole');
  return handed.length === 1 ? (handed[0] ?? unknown) : unknown;
}

function readLiteral(
  literal: TypeScript.ObjectLiteralExpression,
  checker: TypeScript.TypeChecker,
  depth: number,
): FetchOptions {
  const ts = compiler();
  const spreads = literal.properties.filter(ts.isSpreadAssignment).map(({ expression }) => expression);
  const handed = spreads.map((spread) => readOptions(spread, checker, depth + 1));
  const parameter = handed.map((options) => options.parameter).find((found) => found !== null) ?? null;
  const written = propertyOf(literal, 'method');
  const method =
    written === null
      ? (handed.find((options) => options.method.kind === 'text' && spreads.length > 0)?.method ?? null)
      : methodOf(written, checker);
  const data = propertyOf(literal, 'body');
  const isUnsaid = written === null && (parameter !== null || spreads.length > 0);
  return {
    method: method === null || (isUnsaid && written === null) ? (spreads.length > 0 ? UNSAID : GET) : method,
    body: data === null ? (spreads.length > 0 ? onlyJson(literal) : null) : jsonOf(data),
    parameter,
    ...(written === null ? {} : { isMethodSaid: true }),
  };
}

function methodOf(node: TypeScript.Expression, checker: TypeScript.TypeChecker): Piece {
  const ts = compiler();
  const plain = bare(node);
  if (ts.isStringLiteralLike(plain)) return { kind: 'text', text: plain.text };
  const declaration = ts.isIdentifier(plain) ? declarationOf(plain, checker) : null;
  if (declaration !== null && ts.isParameter(declaration))
    return { kind: 'parameter', parameter: declaration, isNumber: false };
  return UNSAID;
}

/** What `JSON.stringify` is given; a choice with nothing else counts as it. */
function jsonOf(node: TypeScript.Expression): TypeScript.Expression | null {
  const ts = compiler();
  const plain = bare(node);
  if (ts.isConditionalExpression(plain)) return jsonOf(plain.whenTrue) ?? jsonOf(plain.whenFalse);
  if (!ts.isCallExpression(plain) || plain.expression.getText() !== 'JSON.stringify') return null;
  return plain.arguments.length === 1 && plain.arguments[0] !== undefined ? bare(plain.arguments[0]) : null;
}

/** The one value that the function around some options writes as JSON: it is put together before. */
function onlyJson(node: TypeScript.Node): TypeScript.Expression | null {
  const ts = compiler();
  let scope: TypeScript.Node = node;
  while (!ts.isFunctionLike(scope) && !ts.isSourceFile(scope)) scope = scope.parent;
  if (ts.isSourceFile(scope)) return null;
  const found = nodesIn(scope, ts.isCallExpression).filter((call) => call.expression.getText() === 'JSON.stringify');
  return found.length === 1 && found[0] !== undefined ? jsonOf(found[0]) : null;
}
