import { sql } from 'drizzle-orm';
import type { Tx } from '../client.ts';
import { oneRow } from './rows.ts';

export interface DeadLetter {
  readonly msgId: string;
  readonly queueName: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly reason: string;
  readonly attempts: number;
}

/** Keeps a message that was given up. Archiving it again keeps one row, with the latest reason. Returns the id in the archive. */
export async function archiveDeadLetter(tx: Tx, letter: DeadLetter): Promise<number> {
  const { id } = await oneRow<{ id: string }>(
    tx,
    sql`SELECT m10_recovery.archive_dead_letter(${letter.msgId}, ${letter.queueName}, ${JSON.stringify(letter.payload)}::jsonb,
          ${letter.reason}, ${letter.attempts}::int) AS id`,
  );
  return Number(id);
}
