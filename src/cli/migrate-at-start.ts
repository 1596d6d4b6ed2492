import type pg from 'pg';
import type { Logger } from '../adapters/telemetry/logger.ts';
import { ConfigError } from '../config/index.ts';
import { currentRevision, listRevisions, upgrade } from '../db/migrations.ts';

async function isEmpty(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool.query<{ n: number }>(
    `select count(*)::int n from pg_class c join pg_namespace s on s.oid = c.relnamespace
     where c.relkind in ('r', 'p') and s.nspname not like 'pg\\_%' and s.nspname <> 'information_schema'`,
  );
  return rows[0]?.n === 0;
}

/**
 * Migrates a database of our own, and an external one that is empty. Any other that is not at the newest revision is left
 * alone: on migration day the operator decides when.
 * @throws {ConfigError} naming both revisions and the command.
 */
export async function migrateAtStart(pool: pg.Pool, own: boolean, log: Logger): Promise<void> {
  const head = listRevisions().at(-1)?.revision ?? null;
  const current = await currentRevision(pool);
  if (current === head) return;
  if (own || (await isEmpty(pool))) {
    await upgrade(pool, 'head', log);
    return;
  }
  throw new ConfigError([
    `the database is at revision ${current ?? 'base'} and this version needs ${head}; back it up, then run: mge db upgrade`,
  ]);
}
