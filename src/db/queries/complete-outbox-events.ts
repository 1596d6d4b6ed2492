import { sql } from 'drizzle-orm';
import type { Tx } from '../client.ts';
import { oneRow } from './rows.ts';

/** Marks many events as delivered in one round trip. Returns how many of them were still open. */
export async function completeOutboxEvents(tx: Tx, eventIds: readonly number[]): Promise<number> {
  if (eventIds.length === 0) return 0;
  const { open } = await oneRow<{ open: string }>(
    tx,
    sql`SELECT count(*) FILTER (WHERE m10_recovery.complete_outbox_event(id)) AS open
        FROM unnest(${sql.param(eventIds)}::bigint[]) AS id`,
  );
  return Number(open);
}
