import type { StaticProblem } from '../../language-checks.ts';
import { sideOfEqual, statedBounds } from '../../stated-bounds.ts';
import { callables } from '../augment.ts';
import type { ScriptContext } from '../context.ts';
import { problemAt } from '../problem.ts';
import { comparisonsIn } from './comparisons.ts';

/** Comparisons with a parameter that draw the line on the other side of it than the task says. */
export function boundProblems(context: ScriptContext): StaticProblem[] {
  const { ts, contract } = context;
  if (contract === null) return [];
  const entry =
    contract.entry === null ? [] : [...callables(context.source)].filter(([name]) => name === contract.entry);
  return entry.flatMap(([, node]) => {
    if (node.body === undefined) return [];
    const names = node.parameters.map(({ name }) => name.getText());
    const all = comparisonsIn(ts, node.body);
    return statedBounds(contract.description, names).flatMap(({ name, equalLies, words }): StaticProblem[] => {
      // Both sides were turned round: what is compared with the parameter stands on the other side.
      const own = all.filter(
        ({ of, with: other }) => other.getText() === name && !names.includes(of) && !/^[-+]?[\d.]+$/.test(of),
      );
      const sides = own.map(({ operator }) => sideOfEqual(operator));
      const [first] = own;
      if (first === undefined || sides.some((side) => side === null || side === equalLies)) return [];
      const message = `the task says "${words}", and "${first.node.getText()}" draws the line on the other side of ${name}`;
      return [problemAt(first.node, 'semantics', 'other-bound', message)];
    });
  });
}
