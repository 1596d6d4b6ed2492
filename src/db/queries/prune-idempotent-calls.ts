import { lt } from 'drizzle-orm';
import type { Tx } from '../client.ts';
import { idempotencyKeys } from '../schema/index.ts';

/** Forgets keys whose time is over. Returns how many. */
export async function pruneIdempotentCalls(tx: Tx, now: Date): Promise<number> {
  return (await tx.delete(idempotencyKeys).where(lt(idempotencyKeys.expiresAt, now))).rowCount ?? 0;
}
