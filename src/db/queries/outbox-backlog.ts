import { sql } from 'drizzle-orm';
import type { Tx } from '../client.ts';
import { oneRow } from './rows.ts';

export interface OutboxBacklog {
  /** Events not delivered yet. */
  readonly pending: number;
  /** Those of them whose delivery has failed more than three times. */
  readonly failing: number;
  /** Age of the oldest of them in seconds; 0 when there are none. */
  readonly oldestSeconds: number;
}

/** How far delivery is behind. */
export async function outboxBacklog(tx: Tx): Promise<OutboxBacklog> {
  const row = await oneRow<{ pending: number; failing: number; oldest: number }>(
    tx,
    sql`SELECT count(*)::int AS pending, (count(*) FILTER (WHERE retry_count > 3))::int AS failing,
          coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 AS oldest
        FROM m10_recovery.outbox WHERE processed_at IS NULL`,
  );
  return { pending: row.pending, failing: row.failing, oldestSeconds: Math.max(0, row.oldest) };
}
