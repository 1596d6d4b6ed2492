import type pg from 'pg';
import type { Redis } from 'ioredis';
import type { Clock } from '../adapters/runtime.ts';
import { currentRevision, listRevisions } from '../db/migrations.ts';
import { withTimeout } from './maintenance.ts';

export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy';

/** The outcome of looking at one part. */
export interface HealthCheck {
  readonly status: HealthStatus;
  /** What was done, or why it failed; never a secret. */
  readonly detail: string;
  readonly duration_ms: number;
}

export type HealthPart =
  'database' | 'redis' | 'chromadb' | 'migrations' | 'atoms' | 'graphs' | 'validation' | 'execution' | 'review';

/** Milliseconds a part has to answer, and for how long its answer is kept. */
const TIMEOUT_MS = 1_000;
const KEEP_MS = 1_000;

/** Tables that each area cannot work without. */
const TABLES = {
  atoms: ['atomic_units', 'masterplan_tasks'],
  graphs: ['dependency_graphs', 'atom_dependencies', 'execution_waves'],
  validation: ['validation_results'],
  execution: ['executions', 'atom_retry_history', 'm10_recovery.outbox'],
  review: ['human_review_queue'],
} as const satisfies Partial<Record<HealthPart, readonly string[]>>;

export interface HealthOptions {
  readonly pool: pg.Pool;
  readonly redis: Redis;
  /** Null where no vector store runs: the service is degraded, not down. */
  readonly chromaUrl: string | null;
  readonly clock: Clock;
}

/** Looks at parts; each is asked at most once a second, however many ask. */
export interface HealthMonitor {
  check(part: HealthPart): Promise<HealthCheck>;
}

export function createHealthMonitor(options: HealthOptions): HealthMonitor {
  const probes = probesOf(options);
  const kept = new Map<HealthPart, { readonly at: number; readonly answer: Promise<HealthCheck> }>();
  return {
    check: (part) => {
      const now = options.clock.now().getTime();
      const last = kept.get(part);
      if (last && now - last.at < KEEP_MS) return last.answer;
      const answer = look(probes[part]);
      kept.set(part, { at: now, answer });
      return answer;
    },
  };
}

async function look(probe: () => Promise<string>): Promise<HealthCheck> {
  const started = performance.now();
  const since = (): number => Math.round(performance.now() - started);
  try {
    const detail = await withTimeout(probe(), TIMEOUT_MS);
    return { status: 'healthy', detail, duration_ms: since() };
  } catch (error) {
    return { status: 'unhealthy', detail: reasonOf(error), duration_ms: since() };
  }
}

/** Why a probe failed, in words that give away neither addresses nor credentials. */
function reasonOf(error: unknown): string {
  if (error instanceof UnhealthyError) return error.message;
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof message === 'string' && message.startsWith('no answer within')) return message;
  return typeof code === 'string' ? `failed (${code})` : 'does not answer';
}

/** A part answers, but not as it should; the message is fit for clients. */
class UnhealthyError extends Error {}

function probesOf({ pool, redis, chromaUrl }: HealthOptions): Record<HealthPart, () => Promise<string>> {
  const tables = (part: keyof typeof TABLES) => async (): Promise<string> => {
    for (const table of TABLES[part]) await pool.query(`SELECT 1 FROM ${table} LIMIT 1`);
    return `read from ${TABLES[part].join(', ')}`;
  };
  return {
    database: async () => {
      await pool.query('SELECT 1');
      return 'SELECT 1 answered';
    },
    redis: async () => {
      await redis.ping();
      // Answering is not enough: a server without memory left answers PING and refuses work.
      await redis.set('health:probe', '1', 'EX', 60);
      return 'PING answered, a key was written';
    },
    chromadb: async () => {
      if (chromaUrl === null)
        throw new UnhealthyError('there is none: CHROMA_URL is not set and none could be started');
      const answer = await fetch(new URL('/api/v2/heartbeat', chromaUrl), { signal: AbortSignal.timeout(TIMEOUT_MS) });
      await answer.body?.cancel();
      if (!answer.ok) throw new UnhealthyError(`heartbeat answered ${answer.status}`);
      return 'heartbeat answered';
    },
    migrations: async () => {
      const [current, head] = [await currentRevision(pool), listRevisions().at(-1)?.revision ?? null];
      if (current !== head)
        throw new UnhealthyError(`the schema is at ${current ?? 'nothing'}, this version needs ${head ?? 'nothing'}`);
      return `at ${current ?? 'nothing'}`;
    },
    atoms: tables('atoms'),
    graphs: tables('graphs'),
    validation: tables('validation'),
    execution: tables('execution'),
    review: tables('review'),
  };
}
