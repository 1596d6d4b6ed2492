import { eq } from 'drizzle-orm';
import type { Tx } from '../client.ts';
import { deadLetterArchive, replayLog } from '../schema/index.ts';
import type { ArchivedLetter } from './list-dead-letters.ts';

/** Who played a message again, when, and what it became. */
export interface Replay {
  readonly by: string;
  readonly at: Date;
  /** Id of the message that took its place; null when the replay was recorded without one. */
  readonly newMsgId: string | null;
}

export interface DeadLetterRecord extends ArchivedLetter {
  readonly replay: Replay | null;
}

/** One archived dead letter with its replay; null when no such message was archived. */
export async function getDeadLetter(tx: Tx, msgId: string): Promise<DeadLetterRecord | null> {
  const [row] = await tx
    .select({ letter: deadLetterArchive, replay: replayLog })
    .from(deadLetterArchive)
    .leftJoin(replayLog, eq(replayLog.originalMsgId, deadLetterArchive.msgId))
    .where(eq(deadLetterArchive.msgId, msgId));
  if (!row) return null;
  const { letter, replay } = row;
  return {
    ...letter,
    replay: replay && { by: replay.replayedBy, at: replay.replayedAt, newMsgId: replay.newMsgId },
  };
}
