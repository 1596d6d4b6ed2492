import type { Assembly } from './assembly.ts';
import type { SyntaxProblem } from './syntax-problem.ts';

/** The same file without the candidate's change: with the draft slice in its place, or with nothing where there is no draft. */
export interface Baseline {
  readonly assembly: Assembly;
  readonly problems: readonly SyntaxProblem[];
}

/** Where a problem lies, in a form that compares between two files that differ only in the candidate's place. */
function placeOf(problem: SyntaxProblem, { text, start, end }: Assembly): string {
  if (problem.start < start) return `before ${problem.start} ${problem.rule}`;
  if (problem.start >= end) return `after ${text.length - problem.start} ${problem.rule}`;
  return `inside ${problem.start - start} ${problem.rule}`;
}

/** True for a problem that begins inside the candidate, or at its very end (something missing after its last token). */
function isInside(problem: SyntaxProblem, { start, end }: Assembly): boolean {
  return (
    problem.start >= start &&
    (problem.start < end || (problem.start === end && problem.end === problem.start && end > start))
  );
}

/**
 * The problems that count against a candidate: those inside its range, and those elsewhere that the same file does not have
 * without the candidate's change. A problem inside that the baseline has too is the neighbours' when the candidate is right by
 * itself (`standsAlone`): an open bracket further up makes the parser stumble here.
 */
export function attributableProblems(
  assembly: Assembly,
  problems: readonly SyntaxProblem[],
  baseline: () => Baseline,
  standsAlone: () => boolean,
): SyntaxProblem[] {
  if (problems.length === 0) return [];
  const { assembly: without, problems: known } = baseline();
  const knownPlaces = new Set(known.map((problem) => placeOf(problem, without)));
  return problems.filter((problem) => {
    const isKnown = knownPlaces.has(placeOf(problem, assembly));
    return isInside(problem, assembly) ? !isKnown || !standsAlone() : !isKnown;
  });
}
