/** How often and how boldly an atom is tried. Pure. */

const TEMPERATURES = [0.7, 0.5, 0.3, 0.3] as const;

/** Temperature of the n-th attempt (1-based); further ones stay at the lowest. */
export function temperatureOf(attempt: number): number {
  return TEMPERATURES[Math.min(Math.max(attempt, 1), TEMPERATURES.length) - 1] ?? 0.3;
}

/** Seed of an attempt: the same plan and seed give the same calls; each attempt gets another. */
export function seedOf(executionSeed: number, atomNumber: number, attempt: number): number {
  return (executionSeed * 1_000_003 + atomNumber * 31 + attempt) % 2_147_483_647;
}

/** Milliseconds before a provider that failed is asked again: 1, 2, 4 ... 60 s, or what it asked for. */
export function providerDelayMs(failures: number, askedMs: number | undefined): number {
  return askedMs ?? Math.min(60_000, 1_000 * 2 ** Math.max(0, failures - 1));
}

/** Claims in a row that end without a result of the provider before the atom is given up. */
export const MAX_POSTPONEMENTS = 8;
