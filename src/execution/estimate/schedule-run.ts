import { Heap } from './heap.ts';

/** What it takes to judge an answer, beside the answer itself. */
export interface CheckTimes {
  /** Seconds that one check keeps the checkers busy: all checks of a deployment share them, one after the other. */
  readonly busySeconds: number;
  /** Seconds of an attempt that are neither the call nor the checkers: reading context, storing what came of it. */
  readonly ownSeconds: number;
}

export const NO_CHECKS: CheckTimes = { busySeconds: 0, ownSeconds: 0 };

/**
 * Wall seconds of greedy list scheduling by longest remaining chain. `calls` has the seconds of each call of each atom, in order; after each
 * the atom waits for the checkers. Circular dependencies are taken as met.
 */
export function scheduleSeconds(
  calls: readonly (readonly number[])[],
  dependencies: readonly (readonly number[])[],
  slots: number,
  checks: CheckTimes = NO_CHECKS,
): number {
  const { dependents, unmet } = graphOf(dependencies);
  const perAttempt = checks.busySeconds + checks.ownSeconds;
  const chain = remainingChains(
    calls.map((of) => of.reduce((sum, one) => sum + one + perAttempt, 0)),
    dependents,
    Int32Array.from(unmet),
  );
  const ready = new Heap((a, b) => (chain[b] ?? 0) - (chain[a] ?? 0));
  const next = new Float64Array(calls.length);
  const running = new Heap((a, b) => (next[a] ?? 0) - (next[b] ?? 0));
  /** Calls that have come back so far. */
  const answered = new Int32Array(calls.length);
  const checking = new Uint8Array(calls.length);
  let checkersFree = 0;
  let now = 0;
  unmet.forEach((count, atom) => {
    if (count === 0) ready.push(atom);
  });
  for (;;) {
    while (running.size < slots && ready.size > 0) {
      const atom = ready.pop();
      next[atom] = now + (calls[atom]?.[0] ?? 0);
      running.push(atom);
    }
    if (running.size === 0) return now;
    const atom = running.pop();
    now = next[atom] ?? now;
    if (checking[atom] === 0) {
      checkersFree = Math.max(now, checkersFree) + checks.busySeconds;
      next[atom] = checkersFree + checks.ownSeconds;
      checking[atom] = 1;
      running.push(atom);
      continue;
    }
    checking[atom] = 0;
    answered[atom] = (answered[atom] ?? 0) + 1;
    const again = calls[atom]?.[answered[atom] ?? 0];
    if (again !== undefined) {
      next[atom] = now + again;
      running.push(atom);
      continue;
    }
    for (const dependent of dependents[atom] ?? []) {
      unmet[dependent] = (unmet[dependent] ?? 0) - 1;
      if (unmet[dependent] === 0) ready.push(dependent);
    }
  }
}

function graphOf(dependencies: readonly (readonly number[])[]) {
  const dependents: number[][] = dependencies.map(() => []);
  const unmet = new Int32Array(dependencies.length);
  dependencies.forEach((on, atom) => {
    unmet[atom] = on.length;
    for (const dependency of on) dependents[dependency]?.push(atom);
  });
  return { dependents, unmet };
}

/** Seconds from the start of each atom to the end of its longest chain of dependents. */
function remainingChains(
  seconds: readonly number[],
  dependents: readonly (readonly number[])[],
  unmet: Int32Array,
): Float64Array {
  const order: number[] = [];
  unmet.forEach((count, atom) => {
    if (count === 0) order.push(atom);
  });
  for (let at = 0; at < order.length; at += 1)
    for (const next of dependents[order[at] ?? 0] ?? []) {
      unmet[next] = (unmet[next] ?? 0) - 1;
      if (unmet[next] === 0) order.push(next);
    }
  const chain = new Float64Array(seconds.length);
  for (const atom of order.toReversed()) {
    let longest = 0;
    for (const next of dependents[atom] ?? []) longest = Math.max(longest, chain[next] ?? 0);
    chain[atom] = (seconds[atom] ?? 0) + longest;
  }
  return chain;
}
