import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import * as schema from './schema/index.ts';

export type Schema = typeof schema;
export type Db = NodePgDatabase<Schema>;
/** A transaction, or the database itself: what a query function takes. */
export type Tx = Db | Parameters<Parameters<Db['transaction']>[0]>[0];

/** What is worth knowing of a connection that broke; the driver's error carries the whole connection with it. */
export interface BrokenConnection {
  readonly message: string;
  /** SQLSTATE or the name of a system error; null when there is none. */
  readonly code: string | null;
}

export interface DatabaseOptions {
  readonly url: string;
  /** Connections at most; default 20. */
  readonly max?: number;
  /** Called for errors of idle connections, which would otherwise end the process. */
  readonly onIdleError: (error: BrokenConnection) => void;
}

export interface Database {
  readonly db: Db;
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

/** Opens a pool. Connections are made on demand; a server that is down shows at the first query. */
export function openDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.max ?? 20,
    connectionTimeoutMillis: 5_000,
    application_name: 'mge',
  });
  let isClosing = false;
  const onError = (error: Error & { code?: string }) => {
    // A server of our own stops right after its last connection was given back: that is no news.
    if (!isClosing) options.onIdleError({ message: error.message, code: error.code ?? null });
  };
  pool.on('error', onError);
  // The pool listens only while a connection is idle: one that breaks inside a transaction would end the process. Its query fails
  // with the same error, so here it only has to be heard.
  pool.on('connect', (client) => client.on('error', onError));
  const close = () => {
    isClosing = true;
    return pool.end();
  };
  return { db: withSafeTransactions(drizzle(pool, { schema }), pool), pool, close };
}

/**
 * The library's own transaction over a pool never gives its connection back when `begin` fails, which it does on every connection
 * that a restart of the server has cut: the pool would run dry, and closing it would wait for ever.
 */
function withSafeTransactions(db: Db, pool: pg.Pool): Db {
  const sessions = new WeakMap<pg.PoolClient, Db>();
  const sessionOf = (client: pg.PoolClient): Db => {
    const known = sessions.get(client) ?? drizzle<Schema, pg.PoolClient>(client, { schema });
    sessions.set(client, known);
    return known;
  };
  const transaction: Db['transaction'] = async (work, config) => {
    const client = await pool.connect();
    try {
      return await sessionOf(client).transaction(work, config);
    } finally {
      client.release();
    }
  };
  return Object.assign(db, { transaction });
}
