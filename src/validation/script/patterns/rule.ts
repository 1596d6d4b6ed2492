import type TypeScript from 'typescript';
import type { StaticProblem } from '../../language-checks.ts';
import type { ScriptContext } from '../context.ts';

/** Looks at one node. */
export type Rule = (context: ScriptContext, node: TypeScript.Node) => StaticProblem[];

/** The number that a literal is, with its sign; null for anything else. */
export function numberOf(ts: ScriptContext['ts'], node: TypeScript.Expression): number | null {
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken) {
    const value = numberOf(ts, node.operand);
    return value === null ? null : -value;
  }
  return null;
}
