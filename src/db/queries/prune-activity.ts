import { lt } from 'drizzle-orm';
import type { Tx } from '../client.ts';
import { userActivity } from '../schema/index.ts';

/** Forgets who was active before `before`. Returns the number of rows. */
export async function pruneActivity(tx: Tx, before: Date): Promise<number> {
  return (await tx.delete(userActivity).where(lt(userActivity.lastSeenAt, before))).rowCount ?? 0;
}
