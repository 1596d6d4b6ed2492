import type { SyntaxNode as Node } from '../../adapters/parser/index.ts';
import type { StaticProblem } from '../language-checks.ts';
import { problemAt } from './problem.ts';
import { around, field, parts, textOf, within } from './tree.ts';

const squeeze = (node: Node | null): string => textOf(node).replaceAll(/\s+/g, '');
const SCOPES: ReadonlySet<string> = new Set(['function_definition', 'lambda', 'module']);

/** A loop over the positions of one sequence, and how its body uses the counter. */
interface Walk {
  readonly loop: Node;
  readonly from: number;
  /** `less` of `range(len(sequence) - less)`. */
  readonly less: number;
  readonly sequence: string;
  readonly limit: Node;
  /** `k` of each `sequence[i + k]`. */
  readonly offsets: readonly number[];
}

/** The offsets of all uses of a counter; null where it is used for anything but an index of the sequence. */
function offsetsOf(loop: Node, counter: string, sequence: string): number[] | null {
  const offsets: number[] = [];
  const outside = [field(loop, 'left'), field(loop, 'right')];
  for (const node of within(loop)) {
    if (node.type !== 'identifier' || node.text !== counter) continue;
    if (outside.some((part) => part !== null && node.startIndex >= part.startIndex && node.endIndex <= part.endIndex))
      continue;
    const place = node.parent?.type === 'binary_operator' ? node.parent : node;
    const [, sign = '+', amount = '0'] = new RegExp(`^${counter}(?:([+-])(\\d+))?$`).exec(squeeze(place)) ?? [, '?'];
    const owner = place.parent;
    const isIndex =
      owner?.type === 'subscript' &&
      textOf(field(owner, 'value')) === sequence &&
      field(owner, 'subscript')?.id === place.id &&
      !(owner.parent?.type === 'assignment' && field(owner.parent, 'left')?.id === owner.id);
    if (!isIndex || sign === '?') return null;
    offsets.push(Number(`${sign}${amount}`));
  }
  return offsets;
}

function walkOf(loop: Node): Walk | null {
  const right = field(loop, 'right');
  const counter = field(loop, 'left');
  if (right?.type !== 'call' || textOf(field(right, 'function')) !== 'range' || counter?.type !== 'identifier')
    return null;
  const bounds = parts(field(right, 'arguments'));
  const limit = bounds.length === 1 ? bounds[0] : bounds.length === 2 ? bounds[1] : undefined;
  const start = bounds.length === 2 ? squeeze(bounds[0] ?? null) : '0';
  const [, sequence = '', less = '0'] = /^len\((\w+)\)(?:-(\d+))?$/.exec(squeeze(limit ?? null)) ?? [];
  if (limit === undefined || sequence === '' || !/^\d+$/.test(start)) return null;
  const offsets = offsetsOf(loop, counter.text, sequence);
  if (offsets === null || offsets.length === 0) return null;
  return { loop, from: Number(start), less: Number(less), sequence, limit, offsets };
}

/** The text of the function around a loop, before and after it. */
function textAround({ loop }: Walk): [before: string, after: string] {
  const owner = around(loop, SCOPES);
  const body = owner === null ? null : (field(owner, 'body') ?? owner);
  if (body === null) return ['', ''];
  const [start, end] = [loop.startIndex - body.startIndex, loop.endIndex - body.startIndex];
  return [body.text.slice(0, start), body.text.slice(end)];
}

/** The last element of a sequence that a loop runs along, which nothing looks at. */
function lastSkipped(walk: Walk): StaticProblem[] {
  const { loop, less, sequence, limit, offsets } = walk;
  if (less <= Math.max(...offsets)) return [];
  const [before, after] = textAround(walk);
  const mention = new RegExp(`\\b${sequence}\\b`);
  const body = textOf(field(loop, 'body'));
  if (mention.test(after) || new RegExp(`\\blen\\(${sequence}\\)|\\b${sequence}\\.|\\b${sequence}\\[-`).test(body))
    return [];
  if (new RegExp(`\\b${sequence}\\[-|\\b${sequence}\\.pop`).test(before)) return [];
  return [problemAt(limit, 'semantics', 'last-skipped', `the last element of ${sequence} is never looked at`)];
}

/** The first element of a sequence that a loop runs along from its second one, which nothing looks at. */
function firstSkipped(walk: Walk): StaticProblem[] {
  const { loop, from, less, sequence, offsets } = walk;
  if (from === 0 || less > 0 || from + Math.min(...offsets) <= 0) return [];
  const [before, after] = textAround(walk);
  const other = new RegExp(`\\b${sequence}\\b(?!\\))`);
  const first = new RegExp(`\\b${sequence}(?:\\[(?:0|:)|\\.)`);
  const body = textOf(field(loop, 'body'));
  if (other.test(before) || first.test(after) || first.test(body)) return [];
  if (new RegExp(`\\b${sequence}\\b(?!\\[)`).test(body.replaceAll(`len(${sequence})`, ''))) return [];
  const message = `the loop begins at ${from}, and nothing looks at ${sequence}[0]`;
  return [problemAt(field(loop, 'right') ?? loop, 'semantics', 'first-skipped', message)];
}

/** Loops along a sequence that leave out its first or last element, which nothing else looks at. */
export function skippedProblems(root: Node): StaticProblem[] {
  return [...within(root)].flatMap((node) => {
    const walk = node.type === 'for_statement' ? walkOf(node) : null;
    return walk === null ? [] : [...lastSkipped(walk), ...firstSkipped(walk)];
  });
}
