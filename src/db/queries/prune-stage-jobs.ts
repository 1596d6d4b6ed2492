import { sql } from 'drizzle-orm';
import type { Tx } from '../client.ts';

/** Forgets stage jobs that ended more than `olderThanSeconds` ago. Returns how many. */
export async function pruneStageJobs(tx: Tx, olderThanSeconds: number): Promise<number> {
  const { rowCount } = await tx.execute(
    sql`DELETE FROM stage_jobs WHERE status IN ('completed', 'failed')
          AND updated_at < clock_timestamp() - make_interval(secs => ${olderThanSeconds}::float8)`,
  );
  return rowCount ?? 0;
}
