import type { SyntaxNode as Node } from '../../adapters/parser/index.ts';
import type { TaskContract } from '../contract/task-contract.ts';
import type { StaticProblem } from '../language-checks.ts';
import { sideOfEqual, statedBounds } from '../stated-bounds.ts';
import type { PythonFunction } from './functions.ts';
import { problemAt } from './problem.ts';
import { bare, field, parts, textOf, within } from './tree.ts';

const MIRRORED: Readonly<Record<string, string>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=' };

/** `value > n`, from the side of `n`; null for other comparisons, and with what is written out or another parameter. */
function operatorAt(node: Node, name: string, names: readonly string[]): string | null {
  const [left, right, more] = parts(node);
  if (left === undefined || right === undefined || more !== undefined) return null;
  const operator = textOf(node.child(1));
  const isOther = (part: Node): boolean => !names.includes(textOf(bare(part))) && !/^-?[\d.]+$/.test(textOf(part));
  if (textOf(bare(right)) === name && isOther(left)) return operator;
  return textOf(bare(left)) === name && isOther(right) ? (MIRRORED[operator] ?? operator) : null;
}

/** Where each use of a parameter as a bound puts what is equal to it: in comparisons, and as the end of a range. */
function sidesIn(fn: PythonFunction, name: string): (readonly [at: Node, side: 'above' | 'below' | null])[] {
  const names = fn.parameters.map((parameter) => parameter.name);
  return [...within(fn.body)].flatMap((node): [Node, 'above' | 'below' | null][] => {
    if (node.type === 'comparison_operator') {
      const operator = operatorAt(node, name, names);
      return operator === null ? [] : [[node, sideOfEqual(operator)]];
    }
    if (node.type !== 'call' || textOf(field(node, 'function')) !== 'range') return [];
    const [from, to] = parts(field(node, 'arguments'));
    const end = to ?? from;
    if (end === undefined || !new RegExp(`\\b${name}\\b`).test(end.text)) return [];
    return [[node, textOf(end) === name ? 'above' : null]];
  });
}

/** Comparisons with a parameter that draw the line on the other side of it than the task says. */
export function boundProblems(functions: readonly PythonFunction[], contract: TaskContract | null): StaticProblem[] {
  if (contract === null) return [];
  const asked = functions.filter(
    ({ name, isNested, className }) => name === contract.entry && !isNested && className === null,
  );
  return asked.flatMap((fn) => {
    const names = fn.parameters.map(({ name }) => name);
    return statedBounds(contract.description, names).flatMap(({ name, equalLies, words }): StaticProblem[] => {
      const own = sidesIn(fn, name);
      const [first] = own;
      if (first === undefined || own.some(([, side]) => side === null || side === equalLies)) return [];
      const message = `the task says "${words}", and "${first[0].text}" draws the line on the other side of ${name}`;
      return [problemAt(first[0], 'semantics', 'other-bound', message)];
    });
  });
}
