import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import * as schema from './schema/index.ts';

export type Schema = typeof schema;
export type Db = NodePgDatabase<Schema>;
/** A transaction, or the database itself: what a query function takes. */
export type Tx = Db | Parameters<Parameters<Db['transaction']>[0]>[0];

export interface DatabaseOptions {
  readonly url: string;
  /** Connections at most; default 20. */
  readonly max?: number;
  /** Called for errors of idle connections, which would otherwise end the process. */
  readonly onIdleError: (error: Error) => void;
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
  pool.on('error', options.onIdleError);
  // The pool listens only while a connection is idle: one that breaks inside a transaction would end the process. Its query fails
  // with the same error, so here it only has to be heard.
  pool.on('connect', (client) => client.on('error', options.onIdleError));
  return { db: drizzle(pool, { schema }), pool, close: () => pool.end() };
}
