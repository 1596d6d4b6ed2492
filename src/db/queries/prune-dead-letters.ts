import { sql } from 'drizzle-orm';
import type { Tx } from '../client.ts';

/**
 * Forgets dead letters archived more than `olderThanSeconds` ago, and after them the notes of their replays: a note outlives its
 * letter, so that no message is ever replayed twice. Returns how many letters.
 */
export async function pruneDeadLetters(tx: Tx, olderThanSeconds: number): Promise<number> {
  const before = sql`clock_timestamp() - make_interval(secs => ${olderThanSeconds}::float8)`;
  const { rowCount } = await tx.execute(
    sql`DELETE FROM m10_recovery.dead_letter_archive WHERE greatest(archived_at, replayed_at) < ${before}`,
  );
  await tx.execute(
    sql`DELETE FROM m10_recovery.replay_log l WHERE replayed_at < ${before}
          AND NOT EXISTS (SELECT 1 FROM m10_recovery.dead_letter_archive d WHERE d.msg_id = l.original_msg_id)`,
  );
  return rowCount ?? 0;
}
