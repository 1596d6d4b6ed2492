import type pg from 'pg';
import type { Logger } from '../adapters/telemetry/logger.ts';
import { ConfigError } from '../config/index.ts';
import { currentRevision, listRevisions, upgrade, upgradeIfEmpty } from '../db/migrations.ts';

/**
 * Migrates a database of our own, and an external one that is empty. Any other that is not at the newest revision is left
 * alone: on migration day the operator decides when.
 * @throws {ConfigError} naming both revisions and the command.
 */
export async function migrateAtStart(pool: pg.Pool, own: boolean, log: Logger): Promise<void> {
  const head = listRevisions().at(-1)?.revision ?? null;
  if ((await currentRevision(pool)) === head) return;
  if (own) {
    await upgrade(pool, 'head', log);
    return;
  }
  if (await upgradeIfEmpty(pool, log)) return;
  const current = await currentRevision(pool);
  throw new ConfigError([
    `the database is at revision ${current ?? 'base'} and this version needs ${head}; back it up, then run: mge db upgrade`,
  ]);
}
