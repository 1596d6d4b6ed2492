import type { SourceParser } from '../../adapters/parser/index.ts';
import type { StaticInput, StaticProblem, StaticRules, StaticServices, StaticVerdict } from '../language-checks.ts';
import { boundProblems } from './bounds.ts';
import { contractProblems } from './contract-rules.ts';
import { contractExamples, type Example, statementsOfProse } from './examples.ts';
import { contradictedExamples } from './fold/examples.ts';
import { functionsOf, type PythonFunction } from './functions.ts';
import { guardProblems } from './guards.ts';
import { idleProblems } from './idle.ts';
import { withHabits } from './habits.ts';
import { LineIndex } from './line-index.ts';
import { literalProblems } from './literals.ts';
import { loopProblems } from './loops.ts';
import { buildProbe } from './probe.ts';
import { rangeProblems } from './ranges.ts';
import { returnProblems } from './returns.ts';
import { lint, type LintProblem } from './ruff.ts';
import { skippedProblems } from './skipped.ts';
import { within } from './tree.ts';
import { typeProblems } from './types.ts';

const NO_LINTER = 'the linter (ruff) is not installed';

/** True where the linter's rule says what it is taken for here. */
function isMeant({ rule, message }: LintProblem, lines: readonly string[], text: string): boolean {
  switch (rule) {
    case 'redefined-while-unused': {
      // A function written twice; a stand-in that a definition replaces is on purpose.
      const first = lines[Number(/from line (\d+)/.exec(message)?.[1] ?? 0) - 1] ?? '';
      return /^\s*(?:async\s+)?(?:def|class)\b/.test(first);
    }
    case 'undefined-name':
      return !/\bglobals\(\)|\bexec\(/.test(text);
    case 'comparison-with-itself':
      // A value that is not itself is no number.
      return !message.includes('!=');
    default:
      return true;
  }
}

function lintProblems(text: string): StaticProblem[] | null {
  const found = lint(text, new LineIndex(text).indexAt);
  if (found === null) return null;
  const lines = text.split(/\r\n|\r|\n/);
  return found
    .filter((problem) => isMeant(problem, lines, text))
    .map((problem) => ({ ...problem, severity: 'error', suggestion: null }));
}

/** Python's static rules: linter, types, the file against its contract, and how control and data flow through it. */
export const pythonRules: StaticRules = async (parser, input, services): Promise<StaticVerdict> => {
  const tree = parser.read('python', input.text);
  if (tree === null) return { problems: [], notRun: { names: 'the file could not be parsed in time' } };
  const root = tree.rootNode;
  const functions = functionsOf([...within(root)]);
  const examples = input.contract === null ? [] : contractExamples(parser, input.contract);
  // Asked first: the type checker works while the other rules read.
  const asked = askForTypes(parser, input, functions, examples, services);
  const linted = lintProblems(input.text);
  const own = [
    ...contractProblems(parser, input.path, input.contract, root, functions),
    ...loopProblems(root),
    ...returnProblems(functions, examples),
    ...rangeProblems(root),
    ...boundProblems(functions, input.contract),
    ...skippedProblems(root),
    ...idleProblems(root),
    ...guardProblems(root, functions, examples, input.contract),
    ...contradictedExamples(parser, root, functions, examples),
    ...literalProblems(parser, input, root, functions, examples),
  ];
  const types = await asked;
  return {
    problems: withHabits(parser, input, [...(linted ?? []), ...own, ...('problems' in types ? types.problems : [])]),
    notRun: {
      ...(linted === null ? { names: NO_LINTER } : {}),
      ...('reason' in types ? { types: types.reason } : {}),
    },
  };
};

/** `f(1) == 2` as prose tells it: a use that needs nothing but the function. */
const TOLD_USE = /^\((\w+)\(.*\)\) == \(/;

function toldUses(input: StaticInput, functions: readonly PythonFunction[]): string[] {
  if (input.contract === null) return [];
  const { description, declarations } = input.contract;
  const names = new Set(
    functions.filter(({ className, isNested }) => className === null && !isNested).map(({ name }) => name),
  );
  return statementsOfProse(`${description}\n${declarations}`).filter((text) =>
    names.has(TOLD_USE.exec(text)?.[1] ?? ''),
  );
}

function askForTypes(
  parser: SourceParser,
  input: StaticInput,
  functions: readonly PythonFunction[],
  examples: readonly Example[],
  services: StaticServices,
): Promise<{ problems: StaticProblem[] } | { reason: string }> {
  if (services.pythonTypes === null) return Promise.resolve({ reason: 'nobody answers for types here' });
  const dependents = input.contract?.dependents ?? [];
  const probe = buildProbe(parser, input, functions, examples, dependents, toldUses(input, functions));
  return services
    .pythonTypes(probe.text)
    .then((answer) =>
      'unavailable' in answer
        ? { reason: answer.unavailable }
        : { problems: typeProblems(probe, answer.diagnostics, input.contract) },
    );
}
