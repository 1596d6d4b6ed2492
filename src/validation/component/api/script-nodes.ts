import type TypeScript from 'typescript';
import { compiler } from '../../script/compiler.ts';
import { pathOf } from '../../script/project.ts';
import type { Place } from './shape.ts';

export type FunctionNode = TypeScript.FunctionLikeDeclaration & { readonly body: TypeScript.ConciseBody };

export function placeOf(node: TypeScript.Node): Place {
  const source = node.getSourceFile();
  return { path: pathOf(source.fileName) ?? '', text: source.text, position: node.getStart(source) };
}

/** Without brackets and assertions. */
export function bare(node: TypeScript.Expression): TypeScript.Expression {
  const ts = compiler();
  return ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isAwaitExpression(node)
    ? bare(node.expression)
    : node;
}

/** What a name stands for, through imports: the declarations that have a value. */
export function declarationOf(node: TypeScript.Node, checker: TypeScript.TypeChecker): TypeScript.Declaration | null {
  const ts = compiler();
  const isShorthand = ts.isShorthandPropertyAssignment(node.parent) && node.parent.name === node;
  let symbol = isShorthand ? checker.getShorthandAssignmentValueSymbol(node.parent) : checker.getSymbolAtLocation(node);
  if (symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0) symbol = checker.getAliasedSymbol(symbol);
  return symbol?.valueDeclaration ?? null;
}

export function isFunctionNode(node: TypeScript.Node | undefined): node is FunctionNode {
  return node !== undefined && compiler().isFunctionLike(node) && 'body' in node && node.body !== undefined;
}

/** The function that a declaration holds, also behind `useCallback(...)`; null when it holds none. */
export function functionOf(declaration: TypeScript.Declaration | null): FunctionNode | null {
  const ts = compiler();
  if (declaration === null) return null;
  if (isFunctionNode(declaration)) return declaration;
  if (
    !ts.isVariableDeclaration(declaration) &&
    !ts.isPropertyAssignment(declaration) &&
    !ts.isPropertyDeclaration(declaration)
  )
    return null;
  const value = declaration.initializer === undefined ? undefined : bare(declaration.initializer);
  return isFunctionNode(value) ? value : null;
}

/** What a function's own `return` statements give, not those of functions in it. */
export function returnsOf(fn: FunctionNode): TypeScript.Expression[] {
  const ts = compiler();
  if (!ts.isBlock(fn.body)) return [fn.body];
  const found: TypeScript.Expression[] = [];
  const visit = (node: TypeScript.Node): void => {
    if (ts.isReturnStatement(node) && node.expression !== undefined) found.push(node.expression);
    if (!ts.isFunctionLike(node)) ts.forEachChild(node, visit);
  };
  ts.forEachChild(fn.body, visit);
  return found;
}

/** The value of an object's key; null where it is not written out. */
export function propertyOf(object: TypeScript.Expression | undefined, name: string): TypeScript.Expression | null {
  const ts = compiler();
  const literal = object === undefined ? undefined : bare(object);
  if (literal === undefined || !ts.isObjectLiteralExpression(literal)) return null;
  for (const part of literal.properties) {
    if (part.name === undefined || ts.isComputedPropertyName(part.name) || part.name.text !== name) continue;
    if (ts.isPropertyAssignment(part)) return part.initializer;
    if (ts.isShorthandPropertyAssignment(part)) return part.name;
  }
  return null;
}

/** The literal that an expression means, through constants of the project. */
export function valueOf(
  node: TypeScript.Expression,
  checker: TypeScript.TypeChecker,
  depth = 0,
): TypeScript.Expression {
  const ts = compiler();
  const plain = bare(node);
  if (!ts.isIdentifier(plain) || depth > 5) return plain;
  const declaration = declarationOf(plain, checker);
  const isConstant =
    declaration !== null &&
    ts.isVariableDeclaration(declaration) &&
    declaration.initializer !== undefined &&
    (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) !== 0;
  return isConstant ? valueOf(declaration.initializer, checker, depth + 1) : plain;
}

/** Every node of one kind. */
export function nodesIn<Kind extends TypeScript.Node>(
  root: TypeScript.Node,
  is: (node: TypeScript.Node) => node is Kind,
): Kind[] {
  const found: Kind[] = [];
  const visit = (node: TypeScript.Node): void => {
    if (is(node)) found.push(node);
    compiler().forEachChild(node, visit);
  };
  visit(root);
  return found;
}
