import type { SyntaxNode as Node } from '../../adapters/parser/index.ts';
import type { StaticProblem } from '../language-checks.ts';
import { problemAt } from './problem.ts';
import { bare, field, parts, textOf, within } from './tree.ts';

const squeeze = (node: Node | null): string => textOf(node).replaceAll(/\s+/g, '');

/** `for item in items: pass`: what the loop was for is missing. Running through an iterator for its effects is left alone. */
function idleLoop(node: Node): StaticProblem[] {
  if (node.type !== 'for_statement' || field(node, 'alternative') !== null) return [];
  const body = parts(field(node, 'body'));
  if (body.length === 0 || !body.every(({ type }) => type === 'pass_statement')) return [];
  if (textOf(field(node, 'left')).startsWith('_')) return [];
  const runsThrough = field(node, 'right');
  if (
    runsThrough?.type === 'call' &&
    !/^(?:range|enumerate|zip|sorted|reversed)$/.test(textOf(field(runsThrough, 'function')))
  )
    return [];
  return [problemAt(node, 'semantics', 'idle-loop', 'this loop does nothing')];
}

/** `n + 0`, `n - 0`: nothing comes of it, and another number was meant. */
function idleArithmetic(node: Node): StaticProblem[] {
  if (node.type !== 'binary_operator' || !/^[-+]$/.test(textOf(field(node, 'operator')))) return [];
  const right = field(node, 'right');
  if (right === null || squeeze(right) !== '0') return [];
  return [problemAt(node, 'semantics', 'idle-arithmetic', `"${node.text.slice(0, 80)}" changes nothing`)];
}

const PURE = /^(?:len|min|max|sum|sorted|set|abs)\(\w+\)$/;

/** `len(x) != len(x)`: both sides are one and the same. */
function sameSides(node: Node): StaticProblem[] {
  if (node.type !== 'comparison_operator') return [];
  const [left, right, more] = parts(node);
  if (left === undefined || right === undefined || more !== undefined) return [];
  if (squeeze(left) !== squeeze(right) || !PURE.test(squeeze(left))) return [];
  return [problemAt(node, 'semantics', 'same-sides', `both sides of "${node.text}" are the same`)];
}

/** The most characters that a slice with written-out bounds can hold; null where nobody knows. */
function sliceLength(node: Node): number | null {
  if (node.type !== 'subscript') return null;
  const bounds = /^(\d*):(-?\d*)$/.exec(squeeze(field(node, 'subscript')));
  const last = /^-(\d+):$/.exec(squeeze(field(node, 'subscript')));
  if (last !== null) return Number(last[1]);
  if (bounds === null || (bounds[2] ?? '') === '' || (bounds[2] ?? '').startsWith('-')) return null;
  return Number(bounds[2]) - Number(bounds[1] === '' ? 0 : bounds[1]);
}

/** `s[:2] == "abc"`: a part of a text compared with a text of another length. */
function otherLength(node: Node): StaticProblem[] {
  if (node.type !== 'comparison_operator') return [];
  const [left, right, more] = parts(node);
  if (left === undefined || right === undefined || more !== undefined) return [];
  const [, , text = ''] = /^(["'])([^"'\\]+)\1$/.exec(right.text) ?? [];
  const length = sliceLength(bare(left));
  if (text === '' || length === null || length <= 0 || text.length === length) return [];
  if (!/^(?:==|!=)$/.test(squeeze(node).slice(squeeze(left).length, -squeeze(right).length))) return [];
  const message = `"${left.text}" holds ${length} character${length === 1 ? '' : 's'}, ${right.text} ${text.length}`;
  return [problemAt(node, 'semantics', 'other-length', message)];
}

/** Statements and expressions that do nothing, or that no value can make true. */
export function idleProblems(root: Node): StaticProblem[] {
  return [...within(root)].flatMap((node) => [
    ...idleLoop(node),
    ...idleArithmetic(node),
    ...sameSides(node),
    ...otherLength(node),
  ]);
}
