import type TypeScript from 'typescript';
import type { StaticProblem } from '../../language-checks.ts';
import type { ScriptContext } from '../context.ts';
import { announcedCheck } from './announced.ts';
import { boundProblems } from './bounds.ts';
import { CONDITION_RULES } from './conditions.ts';
import { documentedProblems } from './documented.ts';
import { VALUE_RULES } from './expressions.ts';
import { functionProblems, statementProblems } from './functions.ts';
import { GUARD_RULES } from './guards.ts';
import { loopProblems } from './loops.ts';
import { MISMATCH_RULES } from './mismatches.ts';
import { rangeProblems } from './ranges.ts';
import { TABLE_RULES } from './tables.ts';
import { usagesOf } from './usage.ts';
import { variableProblems } from './variables.ts';

const RULES = [...VALUE_RULES, ...CONDITION_RULES, ...MISMATCH_RULES, ...TABLE_RULES, ...GUARD_RULES, announcedCheck];

/** Every pattern that signals a bug, over one walk of the file. */
export function patternProblems(context: ScriptContext): StaticProblem[] {
  const usages = usagesOf(context);
  const problems: StaticProblem[] = [
    ...variableProblems(context, usages),
    ...functionProblems(context),
    ...documentedProblems(context),
    ...rangeProblems(context),
    ...boundProblems(context),
  ];
  const visit = (node: TypeScript.Node): void => {
    problems.push(
      ...RULES.flatMap((rule) => rule(context, node)),
      ...statementProblems(context, node),
      ...loopProblems(context, usages, node),
    );
    context.ts.forEachChild(node, visit);
  };
  visit(context.source);
  return problems;
}
