import { startServices } from '../adapters/embedded/index.ts';
import { createLogger, type Logger } from '../adapters/telemetry/logger.ts';
import type { Config } from '../config/index.ts';
import { openDatabase, type Database } from '../db/index.ts';

export interface DatabaseSession extends Database {
  readonly url: string;
  readonly log: Logger;
}

/**
 * Runs `work` on the database of the configuration: the external one, or the embedded one, which is started for the occasion
 * where no service runs on the same data folder.
 */
export async function withDatabase<T>(config: Config, work: (session: DatabaseSession) => Promise<T>): Promise<T> {
  const log = createLogger(config.logLevel === 'info' ? 'warn' : config.logLevel);
  const services = await startServices(config, log, { only: ['postgres'] });
  const database = openDatabase({
    url: services.databaseUrl,
    max: 2,
    onIdleError: (problem) => log.warn({ problem }, 'an idle database connection broke'),
  });
  try {
    return await work({ ...database, url: services.databaseUrl, log });
  } finally {
    await database.close();
    await services.stop();
  }
}
