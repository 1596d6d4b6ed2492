import type { SyntaxNode as Node } from '../../adapters/parser/index.ts';

/** The named children of a node, without comments. */
export function parts(node: Node | null): Node[] {
  if (node === null) return [];
  return node.namedChildren.filter((child): child is Node => child !== null && child.type !== 'comment');
}

/** Named nodes below (and including) `node`, in text order; `enter` decides whether to look inside. */
export function* within(node: Node, enter: (node: Node) => boolean = () => true): Generator<Node> {
  const { nodes } = node.tree;
  for (let at = node.entry; at < node.after;) {
    const next = nodes[at];
    if (next === undefined) return;
    if (next !== node && !next.isNamed) {
      at = next.after;
      continue;
    }
    yield next;
    at = next === node || enter(next) ? at + 1 : next.after;
  }
}

const SCOPES: ReadonlySet<string> = new Set(['function_definition', 'class_definition', 'lambda']);

/** Nodes below `node` that run as part of it: not the insides of functions, classes and lambdas that it defines. */
export function ownNodes(node: Node): Generator<Node> {
  return within(node, ({ type }) => !SCOPES.has(type));
}

/** The nearest node around `node` of one of the types; null where there is none. */
export function around(node: Node, types: ReadonlySet<string>): Node | null {
  for (let up = node.parent; up !== null; up = up.parent) if (types.has(up.type)) return up;
  return null;
}

export function field(node: Node, name: string): Node | null {
  return node.childForFieldName(name);
}

/** A node's text without space around it. */
export function textOf(node: Node | null): string {
  return node?.text.trim() ?? '';
}

/** Takes parentheses off an expression. */
export function bare(node: Node): Node {
  let inner = node;
  while (inner.type === 'parenthesized_expression') {
    const [only] = parts(inner);
    if (only === undefined) return inner;
    inner = only;
  }
  return inner;
}

/** True for a text that stands alone as a statement: a docstring where it comes first. */
export function isStringStatement(node: Node): boolean {
  return (
    node.type === 'expression_statement' && ['string', 'concatenated_string'].includes(node.namedChild(0)?.type ?? '')
  );
}
