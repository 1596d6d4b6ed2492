import type { StaticInput, StaticProblem, StaticRules, StaticServices, StaticVerdict } from '../language-checks.ts';
import { LineIndex } from './line-index.ts';
import { lint } from './ruff.ts';
import { typeProblems } from './types.ts';

const NO_LINTER = 'the linter (ruff) is not installed';

function lintProblems(text: string): StaticProblem[] | null {
  const found = lint(text, new LineIndex(text).indexAt);
  return found === null ? null : found.map((problem) => ({ ...problem, severity: 'error', suggestion: null }));
}

/** Python's static rules: linter, types, the file against its contract, and how control and data flow through it. */
export const pythonRules: StaticRules = async (parser, input, services): Promise<StaticVerdict> => {
  const linted = lintProblems(input.text);
  const types = await typesOf(input, services);
  return {
    problems: [...(linted ?? []), ...('problems' in types ? types.problems : [])],
    notRun: {
      ...(linted === null ? { names: NO_LINTER } : {}),
      ...('reason' in types ? { types: types.reason } : {}),
    },
  };
};

async function typesOf(
  input: StaticInput,
  services: StaticServices,
): Promise<{ problems: StaticProblem[] } | { reason: string }> {
  if (services.pythonTypes === null) return { reason: 'nobody answers for types here' };
  const answer = await services.pythonTypes(input.text);
  return 'unavailable' in answer
    ? { reason: answer.unavailable }
    : { problems: typeProblems(input, answer.diagnostics) };
}
