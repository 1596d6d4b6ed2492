import { sql } from 'drizzle-orm';
import type { Tx } from '../client.ts';
import type { OutboxEvent } from './publish-outbox.ts';

export interface ClaimedEvent extends OutboxEvent {
  readonly eventId: number;
  /** How often delivering it has failed so far. */
  readonly retryCount: number;
  readonly createdAt: Date;
}

/**
 * Leases up to `limit` due events to `claimer`, oldest first. Nobody else gets them for `leaseSeconds`; after that they are given
 * out again, unless `completeOutboxEvent` has been called.
 */
export async function claimOutboxEvents(
  tx: Tx,
  claimer: string,
  limit: number,
  leaseSeconds: number,
): Promise<ClaimedEvent[]> {
  const { rows } = await tx.execute<{
    event_id: string;
    aggregate_type: string;
    aggregate_id: string;
    event_type: string;
    payload: Record<string, unknown>;
    retry_count: number;
    created_ms: number;
  }>(
    sql`SELECT event_id, aggregate_type, aggregate_id, event_type, payload, retry_count,
          (extract(epoch FROM created_at) * 1000)::float8 AS created_ms
        FROM m10_recovery.claim_outbox_events(${claimer}, ${limit}::int, ${leaseSeconds}::int)`,
  );
  return rows.map((row) => ({
    eventId: Number(row.event_id),
    aggregateType: row.aggregate_type,
    aggregateId: row.aggregate_id,
    eventType: row.event_type,
    payload: row.payload,
    retryCount: row.retry_count,
    createdAt: new Date(row.created_ms),
  }));
}
