import { sql } from 'drizzle-orm';
import type { Tx } from '../client.ts';
import { oneRow } from './rows.ts';

/** Gives the lock back. False when `holder` did not hold it any more. */
export async function releaseLock(tx: Tx, name: string, holder: string): Promise<boolean> {
  const { held } = await oneRow<{ held: boolean }>(
    tx,
    sql`SELECT m10_recovery.release_lock(${name}, ${holder}) AS held`,
  );
  return held;
}
