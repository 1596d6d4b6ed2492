import { sql } from 'drizzle-orm';
import { readConcurrency, type ConcurrencyView } from '../adapters/llm/concurrency/concurrency-store.ts';
import type { ExecutionStatus } from '../domain/index.ts';
import { defaultsOf, type ExecutionDeps } from './deps.ts';
import { rowsOf } from './statements/json-rows.ts';

/** An active execution and how many of its atoms run at once. */
export interface RunConcurrency {
  readonly executionId: string;
  readonly masterplanId: string;
  readonly status: ExecutionStatus;
  /** Atoms in flight at most, over all workers. */
  readonly concurrency: number;
  readonly running: number;
  readonly ready: number;
}

export interface ConcurrencyStatus {
  /** What an execution gets that asks for nothing. */
  readonly defaultConcurrency: number;
  /** One entry per key of a model API that was called within the last hour. */
  readonly providers: readonly ConcurrencyView[];
  readonly runs: readonly RunConcurrency[];
}

/** Active executions shown at most. */
const MAX_RUNS = 200;

/** How many atoms run and model calls are out at once, and what bounds them. @param userId whose executions; null = everybody's. */
export async function getConcurrency(deps: ExecutionDeps, userId: string | null): Promise<ConcurrencyStatus> {
  const [providers, runs] = await Promise.all([
    readConcurrency(deps.db),
    rowsOf<RunConcurrency>(
      deps.db,
      sql`select e.execution_id as "executionId", e.masterplan_id as "masterplanId", e.status, e.concurrency,
            (select count(*)::int from atom_queue q where q.execution_id = e.execution_id and q.state = 'running') as running,
            (select count(*)::int from atom_queue q where q.execution_id = e.execution_id and q.state = 'ready') as ready
          from executions e join masterplans m using (masterplan_id)
          where e.status in ('queued', 'running', 'paused', 'waiting') and m.deleted_at is null
            and (${userId}::text is null or m.user_id = ${userId})
          order by e.created_at limit ${MAX_RUNS}`,
    ),
  ]);
  return { defaultConcurrency: defaultsOf(deps).concurrency, providers, runs };
}
