import { sql } from 'drizzle-orm';
import type { Tx } from '../client.ts';
import { oneRow } from './rows.ts';

/** Removes expired locks; returns how many. */
export async function cleanupExpiredLocks(tx: Tx): Promise<number> {
  return (await oneRow<{ removed: number }>(tx, sql`SELECT m10_recovery.cleanup_expired_locks() AS removed`)).removed;
}
