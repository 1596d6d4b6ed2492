import { sql } from 'drizzle-orm';
import type { Tx } from '../client.ts';

/**
 * Forgets the live events of executions that ended more than `olderThanSeconds` ago: those of one execution all or none, over
 * several calls. At most `limit` rows, so that no call holds locks for long. Returns how many.
 */
export async function pruneExecutionEvents(tx: Tx, olderThanSeconds: number, limit: number): Promise<number> {
  const { rowCount } = await tx.execute(
    sql`DELETE FROM execution_events WHERE event_id IN (
          SELECT v.event_id FROM executions e JOIN execution_events v ON v.execution_id = e.execution_id
          WHERE e.status IN ('completed', 'partial', 'failed', 'cancelled')
            AND e.completed_at < clock_timestamp() - make_interval(secs => ${olderThanSeconds}::float8)
          ORDER BY e.completed_at, v.event_id LIMIT ${limit})`,
  );
  return rowCount ?? 0;
}
