import type TypeScript from 'typescript';
import type { ScriptContext } from '../context.ts';

/** How one variable is used in its file. */
export interface Usage {
  readonly symbol: TypeScript.Symbol;
  readonly declaration: TypeScript.VariableDeclaration | TypeScript.ParameterDeclaration | TypeScript.BindingElement;
  /** Places where it gets another value after its declaration. */
  readonly writes: TypeScript.Identifier[];
  /** Places where its value is read for anything but its own update. */
  readonly reads: TypeScript.Identifier[];
  /** Reads that may change what it holds: a call of its method, an assignment into it, handing it on. */
  readonly touches: TypeScript.Identifier[];
}

export type Usages = ReadonlyMap<TypeScript.Symbol, Usage>;

type Ts = ScriptContext['ts'];

/** The expression of which a chain of accesses begins at `node`: `a.b[0].c` for `a`. */
export function chainOf(ts: Ts, node: TypeScript.Node): TypeScript.Node {
  let at = node;
  for (;;) {
    const { parent } = at;
    const continues =
      (ts.isPropertyAccessExpression(parent) || ts.isElementAccessExpression(parent)) && parent.expression === at;
    if (
      !continues &&
      !(ts.isNonNullExpression(parent) || ts.isParenthesizedExpression(parent) || ts.isAsExpression(parent))
    )
      return at;
    at = parent;
  }
}

function isAssignment(ts: Ts, node: TypeScript.Node): node is TypeScript.BinaryExpression {
  return (
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind >= ts.SyntaxKind.FirstAssignment &&
    node.operatorToken.kind <= ts.SyntaxKind.LastAssignment
  );
}

function isUpdate(
  ts: Ts,
  node: TypeScript.Node,
): node is TypeScript.PrefixUnaryExpression | TypeScript.PostfixUnaryExpression {
  const { PlusPlusToken, MinusMinusToken } = ts.SyntaxKind;
  return (
    (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) &&
    (node.operator === PlusPlusToken || node.operator === MinusMinusToken)
  );
}

/** True when the node is what an assignment, a destructuring, a loop head or `++` writes to. */
export function isWritten(ts: Ts, node: TypeScript.Node): boolean {
  const { parent } = node;
  if (isAssignment(ts, parent)) return parent.left === node;
  if (isUpdate(ts, parent)) return true;
  if (ts.isForOfStatement(parent) || ts.isForInStatement(parent)) return parent.initializer === node;
  if (ts.isParenthesizedExpression(parent) || ts.isSpreadElement(parent)) return isWritten(ts, parent);
  const isPattern = (at: TypeScript.Node): boolean =>
    ts.isArrayLiteralExpression(at) ||
    ts.isObjectLiteralExpression(at) ||
    ts.isPropertyAssignment(at) ||
    ts.isShorthandPropertyAssignment(at);
  return isPattern(parent) && isWritten(ts, parent);
}

/** `x += 1` and `x++` whose value nobody takes: they read the variable only to change it. */
function isOnlyUpdated(ts: Ts, node: TypeScript.Identifier): boolean {
  const { parent } = node;
  if (isUpdate(ts, parent))
    return (
      ts.isExpressionStatement(parent.parent) ||
      (ts.isForStatement(parent.parent) && parent.parent.incrementor === parent)
    );
  return isAssignment(ts, parent) && parent.left === node && ts.isExpressionStatement(parent.parent);
}

function isTouched(ts: Ts, node: TypeScript.Identifier): boolean {
  const chain = chainOf(ts, node);
  const { parent } = chain;
  if (chain !== node && (isWritten(ts, chain) || (ts.isCallExpression(parent) && parent.expression === chain)))
    return true;
  if (ts.isDeleteExpression(parent)) return true;
  return (
    (ts.isCallExpression(parent) || ts.isNewExpression(parent)) &&
    (parent.arguments?.some((argument) => argument === chain) ?? false)
  );
}

function symbolOf({ ts, checker }: ScriptContext, node: TypeScript.Identifier): TypeScript.Symbol | undefined {
  if (ts.isShorthandPropertyAssignment(node.parent)) return checker.getShorthandAssignmentValueSymbol(node.parent);
  if (ts.isExportSpecifier(node.parent)) return checker.getExportSpecifierLocalTargetSymbol(node.parent);
  return checker.getSymbolAtLocation(node);
}

/** Every variable and parameter of the file, and what is done with it. */
export function usagesOf(context: ScriptContext): Usages {
  const { ts, source } = context;
  const usages = new Map<TypeScript.Symbol, Usage>();
  const known = (symbol: TypeScript.Symbol): Usage | undefined => {
    const found = usages.get(symbol);
    if (found !== undefined) return found;
    const declaration = symbol.valueDeclaration;
    if (declaration === undefined || declaration.getSourceFile() !== source) return undefined;
    if (!ts.isVariableDeclaration(declaration) && !ts.isParameter(declaration) && !ts.isBindingElement(declaration))
      return undefined;
    const usage: Usage = { symbol, declaration, writes: [], reads: [], touches: [] };
    usages.set(symbol, usage);
    return usage;
  };
  const visit = (node: TypeScript.Node): void => {
    if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node) && !ts.isTypeQueryNode(node)) return;
    if (ts.isIdentifier(node)) {
      const symbol = symbolOf(context, node);
      const usage = symbol === undefined ? undefined : known(symbol);
      if (usage !== undefined && node.parent !== usage.declaration) record(ts, usage, node);
      else if (usage !== undefined && usage.declaration.name !== node) record(ts, usage, node);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return usages;
}

function record(ts: Ts, usage: Usage, node: TypeScript.Identifier): void {
  const isTheName =
    (ts.isVariableDeclaration(node.parent) || ts.isParameter(node.parent) || ts.isBindingElement(node.parent)) &&
    node.parent.name === node;
  if (isTheName) {
    usage.writes.push(node);
    return;
  }
  const written = isWritten(ts, node);
  if (written) usage.writes.push(node);
  const isPlainWrite =
    written && isAssignment(ts, node.parent) && node.parent.operatorToken.kind === ts.SyntaxKind.EqualsToken;
  const isLoopHead =
    (ts.isForOfStatement(node.parent) || ts.isForInStatement(node.parent)) && node.parent.initializer === node;
  if (!isPlainWrite && !isLoopHead && !isOnlyUpdated(ts, node)) usage.reads.push(node);
  if (!written && isTouched(ts, node)) usage.touches.push(node);
}

/** The nearest function, or the file, that a node stands in. */
export function functionOf(ts: Ts, node: TypeScript.Node): TypeScript.Node {
  let at = node.parent;
  while (at !== undefined && !ts.isFunctionLike(at) && !ts.isSourceFile(at) && !ts.isClassStaticBlockDeclaration(at))
    at = at.parent;
  return at;
}

/** True when `inner` stands inside `outer`. */
export function contains(outer: TypeScript.Node, inner: TypeScript.Node): boolean {
  return inner.pos >= outer.pos && inner.end <= outer.end;
}
