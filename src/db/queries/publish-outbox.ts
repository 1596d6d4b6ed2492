import { sql } from 'drizzle-orm';
import type { Tx } from '../client.ts';
import { oneRow } from './rows.ts';

/** Something that happened to one aggregate and that others must hear of. */
export interface OutboxEvent {
  /** e.g. `execution`, `review`; at most 50 characters. */
  readonly aggregateType: string;
  /** UUID of the aggregate. */
  readonly aggregateId: string;
  /** e.g. `review.decided`; at most 100 characters. */
  readonly eventType: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Writes an event that the relay delivers if, and only if, `tx` commits. Returns its id. */
export async function publishOutbox(tx: Tx, event: OutboxEvent): Promise<number> {
  const { id } = await oneRow<{ id: string }>(
    tx,
    sql`SELECT m10_recovery.publish_outbox(${event.aggregateType}, ${event.aggregateId}::uuid, ${event.eventType},
          ${JSON.stringify(event.payload)}::jsonb) AS id`,
  );
  return Number(id);
}
