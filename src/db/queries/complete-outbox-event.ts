import { sql } from 'drizzle-orm';
import type { Tx } from '../client.ts';
import { oneRow } from './rows.ts';

/**
 * Ends a claim: without `error` the event is delivered; with one it becomes due again after 2, 4, 8 ... seconds, at most 5 minutes.
 * With `claimer` nothing happens when another relay has claimed the event since.
 * @returns whether the event was still open (and, with `claimer`, still theirs).
 */
export async function completeOutboxEvent(tx: Tx, eventId: number, error?: string, claimer?: string): Promise<boolean> {
  const { open } = await oneRow<{ open: boolean }>(
    tx,
    sql`SELECT m10_recovery.complete_outbox_event(${eventId}::bigint, ${error ?? null}::text, ${claimer ?? null}::text) AS open`,
  );
  return open;
}
