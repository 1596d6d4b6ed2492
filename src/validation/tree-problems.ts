import type { SyntaxNode as Node, SyntaxTree as Tree } from '../adapters/parser/index.ts';
import { MAX_PROBLEMS, type SyntaxProblem } from './syntax-problem.ts';

function excerpt(text: string): string {
  const line = text.trim().split(/\r\n|\r|\n/, 1)[0] ?? '';
  return line.length > 40 ? `${line.slice(0, 40)}…` : line;
}

function problemOf(node: Node): SyntaxProblem {
  if (node.isMissing) {
    const message = `"${node.type}" is missing here`;
    return { start: node.startIndex, end: node.endIndex, rule: 'missing-token', message };
  }
  const near = excerpt(node.text);
  const message = near === '' ? 'this is not valid syntax' : `this is not valid syntax, near "${near}"`;
  return { start: node.startIndex, end: node.endIndex, rule: 'syntax-error', message };
}

/** The topmost error nodes and the missing tokens of a tree, in text order. */
export function treeProblems(tree: Tree): SyntaxProblem[] {
  const problems: SyntaxProblem[] = [];
  const open: Node[] = [tree.rootNode];
  for (let node = open.pop(); node !== undefined && problems.length < MAX_PROBLEMS; node = open.pop()) {
    if (node.isError || node.isMissing) {
      problems.push(problemOf(node));
      continue;
    }
    if (!node.hasError) continue;
    for (const child of node.children.toReversed()) if (child !== null) open.push(child);
  }
  return problems;
}
