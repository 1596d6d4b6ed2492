import type { SourceParser } from '../../adapters/parser/index.ts';
import type { StaticInput, StaticProblem } from '../language-checks.ts';
import { stubProblems } from './contract-rules.ts';
import { functionsOf } from './functions.ts';
import { idleProblems } from './idle.ts';
import { LineIndex } from './line-index.ts';
import { returnProblems } from './returns.ts';
import { lint } from './ruff.ts';
import { within } from './tree.ts';

/**
 * Rules whose findings are faults of an answer to a task, but habits in code at large: interfaces have unused parameters and empty
 * methods, and some functions do something and return only to say that they did not. Without a task they are warnings.
 */
const HABITS: ReadonlySet<string> = new Set([
  'unused-function-argument',
  'unused-method-argument',
  'stub-body',
  'self-assigning-variable',
  'path-without-value',
  'forgotten-result',
  'dropped-value',
  'printed-result',
  'odd-key',
  'idle-loop',
  'idle-arithmetic',
  'comparison-with-itself',
  'announced-check',
  'first-skipped',
  'last-skipped',
]);

/** Parameters that somebody else's call prescribes. */
const PRESCRIBED =
  /[`"'](?:args|kwargs|request|event|context|sender|signum|frame|exc\w*|loop|app|session|parser|namespace|option_string|instance|owner)[`"']/;

function keyOf({ rule, message }: StaticProblem): string {
  return `${rule} ${message}`;
}

/** What the declared text does itself, where it is more than a stub. */
function habitsOf(parser: SourceParser, declarations: string): Set<string> {
  const tree = declarations.trim() === '' ? null : parser.read('python', declarations);
  if (tree === null) return new Set();
  if (tree.rootNode.hasError) return new Set();
  const functions = functionsOf([...within(tree.rootNode)]);
  const stubs = stubProblems(tree.rootNode, functions, () => true);
  const linted = (lint(declarations, new LineIndex(declarations).indexAt) ?? []).map((problem) => ({
    ...problem,
    severity: 'error' as const,
    suggestion: null,
  }));
  const own = [...linted, ...returnProblems(functions, []), ...idleProblems(tree.rootNode)];
  // A text of stubs alone declares what is to be written; one with bodies shows how it is meant.
  const written = functions.length > stubs.length ? stubs : [];
  return new Set([...own, ...written].map(keyOf));
}

/** Turns habits into warnings: all of them without a task, and those that the declared text has too. */
export function withHabits(
  parser: SourceParser,
  input: StaticInput,
  problems: readonly StaticProblem[],
): StaticProblem[] {
  const soft = problems.filter(({ rule }) => HABITS.has(rule));
  if (soft.length === 0) return [...problems];
  const declared = input.contract === null ? null : habitsOf(parser, input.contract.declarations);
  const isHabit = (problem: StaticProblem): boolean =>
    HABITS.has(problem.rule) &&
    (declared === null ||
      declared.has(keyOf(problem)) ||
      (problem.rule.endsWith('-argument') && PRESCRIBED.test(problem.message)));
  return problems.map((problem) => (isHabit(problem) ? { ...problem, severity: 'warning' as const } : problem));
}
