import { sql } from 'drizzle-orm';
import type { Tx } from '../client.ts';
import { oneRow } from './rows.ts';

/** Prolongs a lock that `holder` still holds to `ttlSeconds` from now. False when it has expired or is someone else's. */
export async function extendLock(tx: Tx, name: string, holder: string, ttlSeconds: number): Promise<boolean> {
  const { held } = await oneRow<{ held: boolean }>(
    tx,
    sql`SELECT m10_recovery.extend_lock(${name}, ${holder}, ${ttlSeconds}::int) AS held`,
  );
  return held;
}
