import { desc, lt } from 'drizzle-orm';
import type { Tx } from '../client.ts';
import { deadLetterArchive } from '../schema/index.ts';

export type ArchivedLetter = typeof deadLetterArchive.$inferSelect;

/** Archived dead letters, newest first; `before` is the `archiveId` of the last one of the previous page. */
export async function listDeadLetters(tx: Tx, page: { limit: number; before?: number }): Promise<ArchivedLetter[]> {
  return tx
    .select()
    .from(deadLetterArchive)
    .where(page.before === undefined ? undefined : lt(deadLetterArchive.archiveId, page.before))
    .orderBy(desc(deadLetterArchive.archiveId))
    .limit(page.limit);
}
