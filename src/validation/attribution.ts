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

/** Whether a text is right by itself, outside its file. */
export interface StandsAlone {
  candidate(): boolean;
  /** False where there is no draft. */
  draft(): boolean;
}

function overlaps(problem: SyntaxProblem, { start, end }: Assembly): boolean {
  return problem.start < end && problem.end > start;
}

/** A neighbour's fault that covers the candidate hides the candidate's own: it shows when the slice was whole before and is not now. */
function hiddenProblem(
  assembly: Assembly,
  problems: readonly SyntaxProblem[],
  standsAlone: StandsAlone,
): SyntaxProblem[] {
  const covering = problems.filter((problem) => overlaps(problem, assembly));
  if (covering.length === 0) return [];
  if (standsAlone.candidate() || !standsAlone.draft()) return [];
  const message = 'this is not valid syntax; a fault of a neighbour hides where exactly';
  const certain = covering.some((problem) => problem.certain !== false);
  return [{ start: assembly.start, end: assembly.end, rule: 'syntax-error', message, certain }];
}

/**
 * The problems that count against a candidate: those inside its range, and those elsewhere that the same file does not have
 * without the candidate's change. A problem inside that the baseline has too is the neighbours' when the candidate is right by
 * itself: an open bracket further up makes the parser stumble here.
 */
export function attributableProblems(
  assembly: Assembly,
  problems: readonly SyntaxProblem[],
  baseline: () => Baseline,
  standsAlone: StandsAlone,
): SyntaxProblem[] {
  if (problems.length === 0) return [];
  const { assembly: without, problems: known } = baseline();
  const knownPlaces = new Set(known.map((problem) => placeOf(problem, without)));
  const counted = problems.filter((problem) => {
    const isKnown = knownPlaces.has(placeOf(problem, assembly));
    return isInside(problem, assembly) ? !isKnown || !standsAlone.candidate() : !isKnown;
  });
  return counted.length > 0 ? counted : hiddenProblem(assembly, problems, standsAlone);
}
