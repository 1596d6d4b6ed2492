import type { Clock } from '../adapters/runtime.ts';
import type { Logger } from '../adapters/telemetry/logger.ts';

/** Maintenance as every replica sees it. */
export interface MaintenanceState {
  readonly enabled: boolean;
  readonly message: string | null;
  /** When it is expected to end; null when nobody said. */
  readonly until: Date | null;
  readonly since: Date | null;
  readonly by: string | null;
}

const NOT_IN_MAINTENANCE: MaintenanceState = {
  enabled: false,
  message: null,
  until: null,
  since: null,
  by: null,
};

/** Answers whether the service is in maintenance without asking Postgres each time. */
export interface MaintenanceWatch {
  current(): Promise<MaintenanceState>;
  /** Makes the next `current` ask Postgres: after a change made here. */
  forget(): void;
}

export interface MaintenanceWatchOptions {
  readonly read: () => Promise<MaintenanceState>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Milliseconds an answer is kept; default 1000. */
  readonly keepMs?: number;
  /** Milliseconds Postgres has to answer; default 1000. */
  readonly timeoutMs?: number;
}

/**
 * Keeps what Postgres says for `keepMs`; one read at a time, whoever asks. When Postgres does not answer the service counts as
 * not in maintenance: calls that need the database then say themselves that it is down.
 */
export function watchMaintenance(options: MaintenanceWatchOptions): MaintenanceWatch {
  const { keepMs = 1_000, timeoutMs = 1_000 } = options;
  let known: MaintenanceState = NOT_IN_MAINTENANCE;
  let freshUntil = -Infinity;
  let reading: Promise<MaintenanceState> | null = null;

  const refresh = async (): Promise<MaintenanceState> => {
    try {
      known = await withTimeout(options.read(), timeoutMs);
    } catch (error) {
      options.log.warn({ err: error }, 'maintenance state cannot be read');
      known = NOT_IN_MAINTENANCE;
    }
    freshUntil = options.clock.now().getTime() + keepMs;
    reading = null;
    return known;
  };
  return {
    current: async () => (options.clock.now().getTime() < freshUntil ? known : (reading ??= refresh())),
    forget: () => {
      freshUntil = -Infinity;
    },
  };
}

/** The promise's outcome, or a rejection after `ms`. The work itself goes on; its late failure is swallowed. */
export function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
