import { sql } from 'drizzle-orm';
import type { Tx } from '../client.ts';
import type { OutboxEvent } from './publish-outbox.ts';

/** `publishOutbox` for many events in one round trip, in the order given. Returns their ids. */
export async function publishOutboxBatch(tx: Tx, events: readonly OutboxEvent[]): Promise<number[]> {
  if (events.length === 0) return [];
  const { rows } = await tx.execute<{ id: string }>(
    sql`SELECT m10_recovery.publish_outbox(e->>'aggregateType', (e->>'aggregateId')::uuid, e->>'eventType', e->'payload') AS id
        FROM jsonb_array_elements(${JSON.stringify(events)}::jsonb) WITH ORDINALITY AS list(e, n) ORDER BY n`,
  );
  return rows.map((row) => Number(row.id)).sort((a, b) => a - b);
}
