import type { SyntaxNode as Node } from '../../adapters/parser/index.ts';
import type { StaticKind, StaticProblem } from '../language-checks.ts';

/** An error at a node. */
export function problemAt(
  node: Node,
  kind: StaticKind,
  rule: string,
  message: string,
  suggestion: string | null = null,
): StaticProblem {
  return { kind, start: node.startIndex, end: node.endIndex, rule, severity: 'error', message, suggestion };
}
