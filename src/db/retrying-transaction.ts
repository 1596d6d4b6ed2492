import { setTimeout as delay } from 'node:timers/promises';
import type { Db, Tx } from './client.ts';
import { isLostRace } from './sql-state.ts';

/** Thrown inside a transaction that found its assumptions overtaken by another: it is rolled back and made again. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
  /** As if Postgres had found it: a serialization failure. */
  readonly code = '40001';
}

/** Transactions are made this many times at most. */
const TRIES = 5;

/** Mean milliseconds before the second try; doubles with each. */
const PAUSE_MS = 20;

/**
 * A transaction that is made again when it loses against another one: a deadlock, a serialization failure, or `Overtaken`. `work` must
 * change nothing outside of it.
 * @throws what the last of five tries threw.
 */
export async function retryingTransaction<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await db.transaction(work);
    } catch (error) {
      if (tried >= TRIES || !isLostRace(error)) throw error;
      await delay(PAUSE_MS * 2 ** (tried - 1) * (0.5 + Math.random()));
    }
  }
}
