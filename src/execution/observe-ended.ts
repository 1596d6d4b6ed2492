import { sql } from 'drizzle-orm';
import type { ExecutionDeps } from './deps.ts';
import { rowsOf } from './statements/json-rows.ts';

/**
 * Counts an execution that has just ended, and the waves that ended in it since it ended the last time (one that is revived ends
 * more than once). Figures of a run are not worth failing it: an error is logged.
 */
export async function observeEnded(
  deps: Pick<ExecutionDeps, 'db' | 'log' | 'metrics'>,
  executionId: string,
): Promise<void> {
  const { db, log, metrics } = deps;
  if (!metrics) return;
  try {
    const [run] = await rowsOf<{ status: string; seconds: number }>(
      db,
      sql`select status, active_seconds as seconds from executions where execution_id = ${executionId}::uuid`,
    );
    if (run) metrics.runDuration.observe({ outcome: run.status }, run.seconds);
    const waves = await rowsOf<{ seconds: number }>(
      db,
      sql`with ends as (
            select created_at from execution_events where execution_id = ${executionId}::uuid and type = 'execution.ended'
            order by event_id desc limit 1 offset 1
          )
          select extract(epoch from w.completed_at - w.started_at)::float8 as seconds
          from execution_waves w join executions e on e.graph_id = w.graph_id
          where e.execution_id = ${executionId}::uuid and w.started_at is not null
            and w.completed_at > coalesce((select created_at from ends), e.created_at)`,
    );
    for (const { seconds } of waves) metrics.waveDuration.observe(Math.max(0, seconds));
  } catch (error) {
    log.warn({ err: error, executionId }, 'the durations of an execution could not be counted');
  }
}
