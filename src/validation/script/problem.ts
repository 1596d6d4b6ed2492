import type TypeScript from 'typescript';
import type { StaticKind, StaticProblem } from '../language-checks.ts';

/** An error at a node. */
export function problemAt(
  node: TypeScript.Node,
  kind: StaticKind,
  rule: string,
  message: string,
  suggestion: string | null = null,
): StaticProblem {
  return { kind, start: node.getStart(), end: node.getEnd(), rule, severity: 'error', message, suggestion };
}
