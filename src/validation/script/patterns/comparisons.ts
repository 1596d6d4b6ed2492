import type TypeScript from 'typescript';
import type { ScriptContext } from '../context.ts';

type Ts = ScriptContext['ts'];

/** A comparison of something with something, as it is written: `x > 3` and `3 < x` are the same. */
export interface Comparison {
  readonly of: string;
  readonly operator: string;
  readonly with: TypeScript.Expression;
  /** It decides alone whether an error is thrown. */
  readonly throws: boolean;
  readonly node: TypeScript.Node;
}

const MIRRORED: Readonly<Record<string, string>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' };

function throwsOn(ts: Ts, condition: TypeScript.Node): boolean {
  let at = condition;
  while (
    ts.isParenthesizedExpression(at.parent) ||
    (ts.isBinaryExpression(at.parent) && at.parent.operatorToken.kind === ts.SyntaxKind.BarBarToken)
  )
    at = at.parent;
  const { parent } = at;
  if (!ts.isIfStatement(parent) || parent.expression !== at) return false;
  const [first] = ts.isBlock(parent.thenStatement) ? parent.thenStatement.statements : [parent.thenStatement];
  return first !== undefined && ts.isThrowStatement(first);
}

/** Every comparison below a node, once from each side. */
export function comparisonsIn(ts: Ts, body: TypeScript.Node): Comparison[] {
  const found: Comparison[] = [];
  const visit = (node: TypeScript.Node): void => {
    if (ts.isBinaryExpression(node)) {
      const operator = node.operatorToken.getText().replace('===', '==').replace('!==', '!=');
      if (/^(?:[<>]=?|[!=]=)$/.test(operator)) {
        const throws = throwsOn(ts, node);
        found.push({ of: node.left.getText(), operator, with: node.right, throws, node });
        found.push({
          of: node.right.getText(),
          operator: MIRRORED[operator] ?? operator,
          with: node.left,
          throws,
          node,
        });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(body);
  return found;
}
