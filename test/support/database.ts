/** Databases for tests: each test file gets its own, cloned in tens of milliseconds from a template that is migrated once. */
import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { openDatabase, type Db } from '../../src/db/index.ts';
import { listRevisions, upgrade } from '../../src/db/migrations.ts';

export interface TestDatabase {
  readonly db: Db;
  readonly pool: pg.Pool;
  readonly url: string;
  /** Closes the pool and removes the database, also while others are still connected to it. */
  drop(): Promise<void>;
}

/** Key of the advisory lock under which templates are made. */
const TEMPLATE_LOCK = 7307202710092515n;

/**
 * Makes sure that the server has a database with all migrations applied, and returns its name. The name holds a hash of the
 * migration files, so a template is made once per state of the migrations, whoever asks first.
 */
export async function migrateTemplate(adminUrl: string): Promise<string> {
  const hash = createHash('sha256').update(
    listRevisions()
      .map((r) => r.sha256)
      .join(),
  );
  const name = `mge_template_${hash.digest('hex').slice(0, 12)}`;
  await withClient(adminUrl, async (client) => {
    if (await isTemplate(client, name)) return;
    await client.query('SELECT pg_advisory_lock($1)', [TEMPLATE_LOCK]);
    if (await isTemplate(client, name)) return;
    await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`);
    const pool = new pg.Pool({ connectionString: urlOf(adminUrl, name), max: 1 });
    try {
      await upgrade(pool);
    } finally {
      await pool.end();
    }
    await client.query(`ALTER DATABASE ${name} WITH IS_TEMPLATE true ALLOW_CONNECTIONS false`);
  });
  return name;
}

/** A database of its own with the whole schema and no rows. */
export async function createTestDatabase(adminUrl: string = inject('databaseUrl')): Promise<TestDatabase> {
  return open(adminUrl, await migrateTemplate(adminUrl));
}

/** A database of its own with nothing in it: for tests of the migrations themselves. */
export async function createEmptyDatabase(adminUrl: string = inject('databaseUrl')): Promise<TestDatabase> {
  return open(adminUrl, 'template0');
}

async function open(adminUrl: string, template: string): Promise<TestDatabase> {
  const name = `mge_test_${randomBytes(6).toString('hex')}`;
  await withClient(adminUrl, (client) => client.query(`CREATE DATABASE ${name} TEMPLATE ${template} ENCODING 'UTF8'`));
  const url = urlOf(adminUrl, name);
  const opened = openDatabase({ url, max: 10, onIdleError: () => undefined });
  return {
    db: opened.db,
    pool: opened.pool,
    url,
    drop: async () => {
      await opened.close();
      await withClient(adminUrl, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

async function isTemplate(client: pg.Client, name: string): Promise<boolean> {
  const found = await client.query(
    'SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate AND NOT datallowconn',
    [name],
  );
  return found.rowCount === 1;
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

function urlOf(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
}
