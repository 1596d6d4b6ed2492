import type TypeScript from 'typescript';
import { compiler } from '../../script/compiler.ts';
import { bare, type FunctionNode, nodesIn, returnsOf, isFunctionNode } from './script-nodes.ts';

/** Around `await response.json()`: brackets, `await`, and the type that it is said to be. */
function saidType(call: TypeScript.CallExpression, checker: TypeScript.TypeChecker): TypeScript.Type | null {
  const ts = compiler();
  let node: TypeScript.Node = call;
  while (ts.isAwaitExpression(node.parent) || ts.isParenthesizedExpression(node.parent)) node = node.parent;
  const { parent } = node;
  if (ts.isAsExpression(parent)) return checker.getTypeFromTypeNode(parent.type);
  return ts.isVariableDeclaration(parent) && parent.type !== undefined
    ? checker.getTypeFromTypeNode(parent.type)
    : null;
}

/**
 * The type that the function around a request gives to the body of its answer, where it reads one body as JSON: by an assertion, an
 * annotation, or as what it returns. Null where that is not so.
 */
export function answerIn(request: TypeScript.CallExpression, checker: TypeScript.TypeChecker): TypeScript.Type | null {
  const ts = compiler();
  let scope: TypeScript.Node = request.parent;
  while (!isFunctionNode(scope) && !ts.isSourceFile(scope)) scope = scope.parent;
  if (!isFunctionNode(scope)) return null;
  const read = nodesIn(scope, ts.isCallExpression).filter(
    ({ expression }) => ts.isPropertyAccessExpression(expression) && expression.name.text === 'json',
  );
  const responses = nodesIn(scope, ts.isCallExpression).filter(isResponse(checker));
  const [only, other] = read;
  if (only === undefined || other !== undefined || responses.length > 1) return null;
  const said = saidType(only, checker);
  if (said !== null) return said;
  const isReturned = returnsOf(scope).some(
    (value) => value.pos <= only.pos && only.end <= value.end && only.end >= value.end - 1,
  );
  return isReturned && scope.type !== undefined ? checker.getTypeFromTypeNode(scope.type) : null;
}

/** Calls that give a response, those left out that only handle one (`fetch(...).catch(...)`). */
function isResponse(checker: TypeScript.TypeChecker): (call: TypeScript.CallExpression) => boolean {
  const ts = compiler();
  return (call) => {
    const { expression } = call;
    if (ts.isPropertyAccessExpression(expression) && /^(?:catch|then|finally|clone)$/.test(expression.name.text))
      return false;
    return checker.getAwaitedType(checker.getTypeAtLocation(call))?.symbol?.name === 'Response';
  };
}

/** True when a function gives the body of its request's answer as it is: what calls it have the type of the body then. */
export function returnsBody(fn: FunctionNode, request: TypeScript.CallExpression): boolean {
  return returnsOf(fn).some((value) => isBody(value, request, fn));
}

function isBody(value: TypeScript.Expression, request: TypeScript.CallExpression, fn: FunctionNode): boolean {
  const ts = compiler();
  const plain = bare(value);
  if (plain === request) return true;
  if (ts.isConditionalExpression(plain))
    return isBody(plain.whenTrue, request, fn) || isBody(plain.whenFalse, request, fn);
  if (ts.isIdentifier(plain)) {
    const declared = nodesIn(fn, ts.isVariableDeclaration).find(
      ({ name }) => ts.isIdentifier(name) && name.text === plain.text,
    );
    return (
      declared?.initializer !== undefined &&
      !ts.isIdentifier(bare(declared.initializer)) &&
      isBody(declared.initializer, request, fn)
    );
  }
  if (!ts.isCallExpression(plain) || !ts.isPropertyAccessExpression(plain.expression)) return false;
  if (plain.expression.name.text === 'json') return true;
  // `fetch(path).then((response) => response.json())`
  const [handler] = plain.arguments;
  return (
    plain.expression.name.text === 'then' && handler !== undefined && /=>\s*\w+\.json\(\)$/.test(handler.getText())
  );
}
