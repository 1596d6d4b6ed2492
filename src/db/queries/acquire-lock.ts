import { sql } from 'drizzle-orm';
import type { Tx } from '../client.ts';
import { oneRow } from './rows.ts';

/** Takes the lock, or renews it when `holder` has it already. True when `holder` holds it for `ttlSeconds` from now. */
export async function acquireLock(tx: Tx, name: string, holder: string, ttlSeconds: number): Promise<boolean> {
  const { held } = await oneRow<{ held: boolean }>(
    tx,
    sql`SELECT m10_recovery.acquire_lock(${name}, ${holder}, ${ttlSeconds}::int) AS held`,
  );
  return held;
}
