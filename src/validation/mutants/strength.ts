import type { TakenWays } from './mark-branches.ts';
import type { Mutant, MutationKind } from './mutant.ts';

/**
 * What a mutant counts that no test notices, beside one that is noticed. Those that decide which way the code goes count most: wrong
 * answers that pass their tests are wrong there.
 */
const SURVIVOR: Readonly<Record<MutationKind, number>> = {
  guard: 2,
  boundary: 2,
  condition: 2,
  arithmetic: 2,
  logic: 1,
  literal: 0.5,
  statement: 0.5,
  result: 0.5,
  argument: 0.5,
};
/** What each border of a parameter takes off that no test passes and no condition asks about, and how many count. */
const UNCONSIDERED = 0.02;
const MOST_UNCONSIDERED = 6;

/** What was found when tests were judged. */
export interface JudgedTests {
  readonly killed: number;
  readonly survivors: readonly Mutant[];
  /** Null where it is not known which ways the tests take. */
  readonly ways: TakenWays | null;
}

/**
 * How much it means to pass tests, 0 to 1: the share of mutants that they notice, survivors weighed by what they change, times the share of
 * ways through the code that they take, less a little for input that nobody thought of.
 */
export function strengthOf({ killed, survivors, ways }: JudgedTests): number {
  const unnoticed = survivors.reduce((sum, { kind }) => sum + SURVIVOR[kind], 0);
  const noticed = killed + unnoticed === 0 ? 1 : killed / (killed + unnoticed);
  const taken = ways === null || ways.all === 0 ? 1 : (ways.all - ways.missed.length) / ways.all;
  const forgotten = ways?.untried.filter(({ parameter }) => !parameter.isAsked).length ?? 0;
  const considered = 1 - UNCONSIDERED * Math.min(MOST_UNCONSIDERED, forgotten);
  return Math.round(10_000 * noticed * taken * considered) / 10_000;
}
