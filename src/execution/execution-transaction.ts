import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import { schema, type Tx } from '../db/index.ts';
import { isUuid } from '../domain/index.ts';
import { LOCK_EXECUTION, type LockedExecution } from './statements/lock-execution.ts';

/**
 * A process that is frozen inside a transaction would hold the lock for as long as it sleeps: Postgres ends such a session. The big
 * statements are planned once per connection, not anew for the first five runs: planning takes longer than running them. Such a
 * plan is often made while the tables are still empty: only one that goes by index, row for row, stays good when they have grown.
 */
const SETTINGS = [
  "idle_in_transaction_session_timeout = '10s'",
  'plan_cache_mode = force_generic_plan',
  'enable_seqscan = off',
  'enable_bitmapscan = off',
  'enable_hashjoin = off',
  'enable_mergejoin = off',
];
const BEGIN = `begin; ${SETTINGS.map((setting) => `set local ${setting};`).join(' ')}`;

/** Wrapping a connection reads the whole schema: once per connection is enough. */
const wrapped = new WeakMap<pg.PoolClient, Tx>();

/**
 * A transaction over one locked execution, with as few round trips as it takes: begin and lock are one, and `fixedRows` works
 * inside. `work` is given null when there is no such execution.
 */
export async function inExecutionTransaction<T>(
  pool: pg.Pool,
  executionId: string,
  work: (tx: Tx, execution: LockedExecution | null) => Promise<T>,
): Promise<T> {
  if (!isUuid(executionId)) throw new TypeError(`"${executionId}" is not a UUID`);
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    // Several statements in one message take no parameters; the id is a UUID, checked above.
    const results: unknown = await client.query(`${BEGIN} ${LOCK_EXECUTION} '${executionId}'::uuid for no key update`);
    const locked = (results as { rows: LockedExecution[] }[]).at(-1)?.rows[0] ?? null;
    const value = await work(wrap(client), locked);
    await client.query('commit');
    return value;
  } catch (error) {
    await client.query('rollback').catch((problem: Error) => (broken = problem));
    throw error;
  } finally {
    client.release(broken);
  }
}

function wrap(client: pg.PoolClient): Tx {
  let tx = wrapped.get(client);
  if (!tx) {
    tx = drizzle(client, { schema });
    wrapped.set(client, tx);
  }
  return tx;
}
