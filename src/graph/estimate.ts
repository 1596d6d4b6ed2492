/** How long a plan will take, from how long atoms took before. */
import type { DependencyEdge } from '../domain/index.ts';
import { at } from './components.ts';
import { MIN_SAMPLES, type Duration, type History } from './history.ts';
import { planWaves, type PlannedWaves } from './waves.ts';

export interface EstimatedAtom {
  readonly language: string;
  readonly role: string;
}

export interface Estimate {
  /** `no history`: too few atoms were ever done with this provider, and nothing is estimated. */
  readonly basis: 'history' | 'no history';
  readonly provider: string;
  readonly concurrency: number;
  /** Atoms behind the estimate. */
  readonly samples: number;
  /**
   * Bounds for any order of work that keeps `concurrency` atoms under way while that many can be: max(T∞, T1 / c) and T1 / c + T∞,
   * where T1 is the time of all atoms and T∞ that of the longest chain (Graham 1966, Brent 1974). Null without history.
   */
  readonly secondsAtLeast: number | null;
  readonly secondsAtMost: number | null;
  /** Per wave, wave 1 first: the longest atom, or all of them over `concurrency`, whichever is more. Empty without history. */
  readonly waveSeconds: readonly number[];
}

/** The median of the same language and role; where fewer than five atoms say it, of the language; then of all. */
function secondsOf(atom: EstimatedAtom, durations: readonly Duration[]): number | undefined {
  const enough = durations.filter((duration) => duration.atoms >= MIN_SAMPLES);
  const found =
    enough.find((duration) => duration.language === atom.language && duration.role === atom.role) ??
    enough.find((duration) => duration.language === atom.language && duration.role === null) ??
    enough.find((duration) => duration.language === null);
  return found?.seconds;
}

/** Estimates waves and the whole. Pure. */
export function estimateTime(
  atoms: readonly EstimatedAtom[],
  edges: readonly DependencyEdge[],
  plan: PlannedWaves,
  history: History,
): Estimate {
  const { provider, concurrency, durations } = history;
  const samples = durations.find((duration) => duration.language === null)?.atoms ?? 0;
  const known = new Map<string, number | undefined>();
  const seconds = Float64Array.from(atoms, (atom) => {
    const key = `${atom.language} ${atom.role}`;
    if (!known.has(key)) known.set(key, secondsOf(atom, durations));
    return known.get(key) ?? NaN;
  });
  if (atoms.length === 0 || seconds.some(Number.isNaN))
    return {
      basis: 'no history',
      provider,
      concurrency,
      samples,
      secondsAtLeast: null,
      secondsAtMost: null,
      waveSeconds: [],
    };
  const total = seconds.reduce((sum, n) => sum + n, 0);
  const longest = planWaves(atoms.length, edges, seconds).criticalPath.reduce((most, n) => Math.max(most, n), 0);
  return {
    basis: 'history',
    provider,
    concurrency,
    samples,
    secondsAtLeast: rounded(Math.max(longest, total / concurrency)),
    secondsAtMost: rounded(total / concurrency + longest),
    waveSeconds: wavesOf(seconds, plan, concurrency),
  };
}

function wavesOf(seconds: Float64Array, plan: PlannedWaves, concurrency: number): number[] {
  const sums = new Float64Array(plan.totalWaves);
  const longest = new Float64Array(plan.totalWaves);
  seconds.forEach((value, atom) => {
    const wave = at(plan.waveOf, atom) - 1;
    sums[wave] = at(sums, wave) + value;
    longest[wave] = Math.max(at(longest, wave), value);
  });
  return Array.from(sums, (sum, wave) => rounded(Math.max(at(longest, wave), sum / concurrency)));
}

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;
