import type { CheckTimes } from './schedule-run.ts';

export interface AttemptTimes {
  /** The execution it belongs to. */
  readonly run: string;
  /** Seconds since the epoch. */
  readonly ended: number;
  /** Seconds from its begin to its verdict. */
  readonly seconds: number;
  /** Seconds of its calls; null where none was booked. */
  readonly called: number | null;
}

/**
 * Attempts in a row whose pace counts: few enough to find a time when there was always something to check, enough for what is stored
 * together to weigh little. Short runs are taken by halves.
 */
const WINDOW = 100;
const SMALLEST_WINDOW = 25;
/** Of the paces and of the remaining times this share is lower: single lucky ones are left out. */
const FAST = 0.1;

/**
 * What checks take, from attempts of earlier runs: the checkers' own time is the fastest pace at which attempts of one run ended (100 in a
 * row; when all slots were busy, that is what the checkers can do), the rest is what the quickest attempts took beside call and checkers.
 * Null where no run had attempts enough.
 */
export function checkTimesOf(attempts: readonly AttemptTimes[]): CheckTimes | null {
  const runs = new Map<string, number[]>();
  for (const { run, ended } of attempts) runs.set(run, [...(runs.get(run) ?? []), ended]);
  const paces = [...runs.values()].flatMap((ends) => pacesOf(ends.toSorted((a, b) => a - b)));
  if (paces.length === 0) return null;
  const busySeconds = lowOf(paces);
  const rest = attempts.flatMap(({ seconds, called }) => (called === null ? [] : [Math.max(0, seconds - called)]));
  return { busySeconds, ownSeconds: rest.length === 0 ? 0 : Math.max(0, lowOf(rest) - busySeconds) };
}

function pacesOf(ends: readonly number[]): number[] {
  const window = Math.max(SMALLEST_WINDOW, Math.min(WINDOW, Math.floor(ends.length / 2)));
  return ends.slice(window).map((end, n) => (end - (ends[n] ?? end)) / window);
}

function lowOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * FAST)] ?? 0;
}
