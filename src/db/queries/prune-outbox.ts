import { sql } from 'drizzle-orm';
import type { Tx } from '../client.ts';

/** Forgets delivered events older than `olderThanSeconds`. Returns how many. */
export async function pruneOutbox(tx: Tx, olderThanSeconds: number): Promise<number> {
  const { rowCount } = await tx.execute(
    sql`DELETE FROM m10_recovery.outbox
        WHERE processed_at < clock_timestamp() - make_interval(secs => ${olderThanSeconds}::float8)`,
  );
  return rowCount ?? 0;
}
