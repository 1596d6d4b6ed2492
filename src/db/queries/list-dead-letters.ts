import { and, desc, eq, isNull, lt } from 'drizzle-orm';
import type { Tx } from '../client.ts';
import { deadLetterArchive } from '../schema/index.ts';

export type ArchivedLetter = typeof deadLetterArchive.$inferSelect;

export interface DeadLetterPage {
  readonly limit: number;
  /** `archiveId` of the last one of the previous page. */
  readonly before?: number;
  readonly queueName?: string;
  /** Only those that were not replayed: what still needs a decision. */
  readonly openOnly?: boolean;
}

/** Archived dead letters, newest first. */
export async function listDeadLetters(tx: Tx, page: DeadLetterPage): Promise<ArchivedLetter[]> {
  return tx
    .select()
    .from(deadLetterArchive)
    .where(
      and(
        page.before === undefined ? undefined : lt(deadLetterArchive.archiveId, page.before),
        page.queueName === undefined ? undefined : eq(deadLetterArchive.queueName, page.queueName),
        page.openOnly ? isNull(deadLetterArchive.replayedAt) : undefined,
      ),
    )
    .orderBy(desc(deadLetterArchive.archiveId))
    .limit(page.limit);
}
