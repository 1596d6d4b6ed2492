import type pg from 'pg';
import type { StageDeps } from '../adapters/runtime.ts';
import type { Metrics } from '../adapters/telemetry/metrics.ts';
import type { Queues } from '../adapters/queue/index.ts';
import type { PatternLibrary } from '../masterplan/index.ts';

/** What a masterplan that sets nothing itself runs with. */
export interface ExecutionDefaults {
  readonly provider: string;
  readonly model: string | null;
  /** Atoms in flight at once per execution; default 100. */
  readonly concurrency: number;
  /** Attempts per atom; default 4. */
  readonly maxAttempts: number;
  /** US dollars per masterplan; default 200. */
  readonly budgetUsd: number;
}

export const EXECUTION_DEFAULTS: ExecutionDefaults = {
  provider: 'blueprint',
  model: null,
  concurrency: 100,
  maxAttempts: 4,
  budgetUsd: 200,
};

/** What starting, steering and reading executions needs. */
export interface ExecutionDeps extends StageDeps {
  readonly defaults?: Partial<ExecutionDefaults>;
  readonly metrics?: Metrics;
}

/** What the parts of a worker process share. */
export interface WorkerBase extends ExecutionDeps {
  readonly pool: pg.Pool;
  readonly queues: Queues;
  /** Unique per process and start. */
  readonly workerId: string;
  /** Examples for prompts, and where approved atoms are kept as such; without it there are none. */
  readonly patterns?: PatternLibrary;
}

/** The defaults of a deployment over those of the product. */
export function defaultsOf(deps: Pick<ExecutionDeps, 'defaults'>): ExecutionDefaults {
  return { ...EXECUTION_DEFAULTS, ...deps.defaults };
}
