import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServices, type Services } from '../../src/adapters/embedded/index.ts';
import { createLogger } from '../../src/adapters/telemetry/logger.ts';
import { loadConfig } from '../../src/config/index.ts';
import { migrateTemplate } from './database.ts';

export interface TestServices {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly chromaUrl: string;
}

interface Shared {
  users: number;
  readonly services: Promise<Services>;
}

// On the global object: each vitest project loads this module anew, and they share one set of servers.
const KEY = Symbol.for('mge.test.services');
const shelf = globalThis as unknown as Record<symbol, Shared | undefined>;

/** Starts the servers for this test run, or joins those that another vitest project has started. */
export async function openTestServices(): Promise<TestServices> {
  const shared = (shelf[KEY] ??= { users: 0, services: start() });
  shared.users += 1;
  const { databaseUrl, redisUrl, chromaUrl } = await shared.services;
  if (chromaUrl === null)
    throw new Error('the tests need Chroma, and it cannot run on this machine; set MGE_TEST_CHROMA_URL');
  return { databaseUrl, redisUrl, chromaUrl };
}

/** Stops the servers when the last project is done. */
export async function closeTestServices(): Promise<void> {
  const shared = shelf[KEY];
  if (!shared) return;
  shared.users -= 1;
  if (shared.users > 0) return;
  shelf[KEY] = undefined;
  await (await shared.services).stop();
}

async function start(): Promise<Services> {
  const log = createLogger('warn');
  const config = loadConfig(
    {
      NODE_ENV: 'test',
      MGE_DATA_DIR: mkdtempSync(join(tmpdir(), 'mge-test-')),
      DATABASE_URL: process.env['MGE_TEST_DATABASE_URL'],
      REDIS_URL: process.env['MGE_TEST_REDIS_URL'],
      CHROMA_URL: process.env['MGE_TEST_CHROMA_URL'],
    },
    process.cwd(),
  );
  const services = await startServices(config, log, { ephemeral: true });
  // Beforehand, so that no test pays for it. A migration that fails is told by the tests that need a database, not by all.
  await migrateTemplate(services.databaseUrl).catch((error: unknown) =>
    log.warn({ problem: String(error) }, 'template not migrated'),
  );
  return services;
}
