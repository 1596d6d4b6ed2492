import { sql } from 'drizzle-orm';
import type { Tx } from '../client.ts';
import { oneRow } from './rows.ts';

/**
 * Notes that a message is played again. True for the first call per message, false for every further one; call it in the
 * transaction that publishes the message again, so that a message is replayed at most once.
 */
export async function recordReplay(
  tx: Tx,
  originalMsgId: string,
  replayedBy: string,
  newMsgId?: string,
): Promise<boolean> {
  const { first } = await oneRow<{ first: boolean }>(
    tx,
    sql`SELECT m10_recovery.record_replay(${originalMsgId}, ${replayedBy}, ${newMsgId ?? null}::text) AS first`,
  );
  return first;
}
