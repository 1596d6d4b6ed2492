import type TypeScript from 'typescript';
import { compiler } from '../../script/compiler.ts';
import { ANY, NUMBER } from './route.ts';
import { bare, declarationOf, functionOf, returnsOf } from './script-nodes.ts';

/** Part of a path: text, a parameter of a function around it, or something that is known at run time only. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'parameter'; readonly parameter: TypeScript.ParameterDeclaration; readonly isNumber: boolean }
  | { readonly kind: 'hole'; readonly isNumber: boolean; readonly isQuery: boolean };

const HOLE: Piece = { kind: 'hole', isNumber: false, isQuery: false };
const QUERY: Piece = { kind: 'hole', isNumber: false, isQuery: true };
const QUERY_NAME = /quer|search|params|filter|suffix|\bqs\b/i;

/** Puts pieces for the parameters of a function that is called. */
export function substitute(
  pieces: readonly Piece[],
  given: ReadonlyMap<TypeScript.Node, readonly Piece[]>,
): readonly Piece[] {
  return pieces.flatMap((piece) => (piece.kind === 'parameter' ? (given.get(piece.parameter) ?? [piece]) : [piece]));
}

/** Reads what expressions of a client put together as a path. */
export class PathReader {
  private readonly checker: TypeScript.TypeChecker;

  constructor(checker: TypeScript.TypeChecker) {
    this.checker = checker;
  }

  read(node: TypeScript.Expression, depth = 0): readonly Piece[] {
    const ts = compiler();
    const plain = bare(node);
    if (depth > 10) return [HOLE];
    if (ts.isStringLiteralLike(plain)) return [{ kind: 'text', text: plain.text }];
    if (ts.isTemplateExpression(plain))
      return [
        { kind: 'text', text: plain.head.text },
        ...plain.templateSpans.flatMap(({ expression, literal }): readonly Piece[] => [
          ...this.read(expression, depth + 1),
          { kind: 'text', text: literal.text },
        ]),
      ];
    if (ts.isBinaryExpression(plain)) return this.binary(plain, depth);
    if (ts.isIdentifier(plain) || ts.isPropertyAccessExpression(plain)) return this.name(plain, depth);
    if (ts.isConditionalExpression(plain)) return [this.choice([plain.whenTrue, plain.whenFalse], depth)];
    if (ts.isCallExpression(plain)) return this.call(plain, depth);
    if (ts.isNewExpression(plain) && plain.expression.getText() === 'URL' && plain.arguments?.[0] !== undefined)
      return this.read(plain.arguments[0], depth + 1);
    return [this.hole(plain)];
  }

  private binary(node: TypeScript.BinaryExpression, depth: number): readonly Piece[] {
    const ts = compiler();
    const kind = node.operatorToken.kind;
    if (kind === ts.SyntaxKind.PlusToken)
      return [...this.read(node.left, depth + 1), ...this.read(node.right, depth + 1)];
    // `import.meta.env.VITE_API ?? ''`: what holds where nothing else is set.
    if (kind === ts.SyntaxKind.QuestionQuestionToken || kind === ts.SyntaxKind.BarBarToken) {
      const fallback = this.read(node.right, depth + 1);
      if (fallback.every((piece) => piece.kind === 'text')) return fallback;
    }
    return [this.hole(node)];
  }

  private name(node: TypeScript.Identifier | TypeScript.PropertyAccessExpression, depth: number): readonly Piece[] {
    const ts = compiler();
    const declaration = declarationOf(ts.isIdentifier(node) ? node : node.name, this.checker);
    if (declaration === null) return [this.hole(node)];
    if (ts.isParameter(declaration) && ts.isIdentifier(declaration.name) && ts.isIdentifier(node))
      return [{ kind: 'parameter', parameter: declaration, isNumber: this.isNumber(node) }];
    const isConstant =
      ts.isPropertyAssignment(declaration) ||
      (ts.isVariableDeclaration(declaration) && (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) !== 0);
    return isConstant && declaration.initializer !== undefined
      ? this.read(declaration.initializer, depth + 1)
      : [this.hole(node)];
  }

  private call(node: TypeScript.CallExpression, depth: number): readonly Piece[] {
    const fn = functionOf(declarationOf(node.expression, this.checker));
    const [only, other] = fn === null ? [] : returnsOf(fn);
    if (fn === null || only === undefined) return [this.hole(node)];
    if (other !== undefined) return [this.choice(returnsOf(fn), depth)];
    const pieces = this.read(only, depth + 1);
    const given = new Map<TypeScript.Node, readonly Piece[]>();
    fn.parameters.forEach((parameter, i) => {
      const argument = node.arguments[i];
      given.set(parameter, argument === undefined ? [HOLE] : this.read(argument, depth + 1));
    });
    const found = substitute(pieces, given);
    return found.some((piece) => piece.kind === 'text') || found.some((piece) => piece.kind === 'hole' && piece.isQuery)
      ? found
      : [this.hole(node)];
  }

  /** A query string, where each choice is one or nothing. */
  private choice(parts: readonly TypeScript.Expression[], depth: number): Piece {
    const isQuery = parts.every((part) => {
      const [first] = this.read(part, depth + 1);
      if (first?.kind === 'text') return first.text === '' || first.text.startsWith('?');
      return first?.kind === 'hole' && first.isQuery;
    });
    return isQuery ? QUERY : HOLE;
  }

  private hole(node: TypeScript.Expression): Piece {
    const isNumber = this.isNumber(node);
    return { kind: 'hole', isNumber, isQuery: !isNumber && QUERY_NAME.test(node.getText()) };
  }

  private isNumber(node: TypeScript.Expression): boolean {
    const ts = compiler();
    const plain = bare(node);
    if (ts.isCallExpression(plain) && /^(?:String|encodeURIComponent)$/.test(plain.expression.getText()))
      return plain.arguments[0] !== undefined && this.isNumber(plain.arguments[0]);
    return (this.checker.getTypeAtLocation(plain).flags & ts.TypeFlags.NumberLike) !== 0;
  }
}

const [MARK_ANY, MARK_NUMBER, MARK_QUERY] = ['\u0001', '\u0002', '\u0003'];

export interface RequestPath {
  readonly segments: readonly string[];
  /** What it begins with: `/`, something unknown, or the name of a parameter that is no address. */
  readonly start: 'root' | 'unknown' | 'parameter';
}

/** The segments of a path; null for what leads elsewhere or says nothing. */
export function requestPath(written: readonly Piece[]): RequestPath | null {
  const pieces = written.filter((piece) => piece.kind !== 'text' || piece.text !== '');
  const text = pieces
    .map((piece, i) => {
      if (piece.kind === 'text') return piece.text;
      if (piece.kind === 'hole' && piece.isQuery && i > 0) return MARK_QUERY;
      return piece.isNumber ? MARK_NUMBER : MARK_ANY;
    })
    .join('')
    .replace(/^https?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::\d+)?/, '');
  const path = text.split(/[?#\u0003]/)[0] ?? '';
  const [first] = pieces;
  const begins = first !== undefined && /^[\u0001\u0002]/.test(path);
  if (!begins && (!path.startsWith('/') || path.startsWith('//') || /\s/.test(path))) return null;
  const named =
    first?.kind === 'parameter' &&
    /^(?:path|route|endpoint|resource|collection|prefix)$/.test(first.parameter.name.getText());
  const segments = path
    .slice(begins ? 1 : 0)
    .split('/')
    .filter((part) => part !== '')
    .map((part) => (part === MARK_NUMBER ? NUMBER : /[\u0001\u0002]/.test(part) ? ANY : part));
  return { segments, start: begins ? (named ? 'parameter' : 'unknown') : 'root' };
}
