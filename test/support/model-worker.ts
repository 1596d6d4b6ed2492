/** A worker with a model provider in a process of its own, to be killed. Its settings are the JSON of the first argument. */
import { setTimeout as rest } from 'node:timers/promises';
import { openQueues } from '../../src/adapters/queue/index.ts';
import { systemClock } from '../../src/adapters/runtime.ts';
import { createLogger } from '../../src/adapters/telemetry/logger.ts';
import { openProviders } from '../../src/cli/model-providers.ts';
import { loadConfig, type Environment } from '../../src/config/index.ts';
import { openDatabase } from '../../src/db/index.ts';
import { MgeError } from '../../src/domain/index.ts';
import { createWorker } from '../../src/execution/index.ts';
import { wordValidation } from '../integration/execution/fakes.ts';

export interface ModelWorkerSettings {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly prefix: string;
  readonly environment: Environment;
  /** Milliseconds that checking an answer takes: an answer is paid and kept, and its outcome not stored yet. */
  readonly checkMs: number;
}

const settings = JSON.parse(process.argv[2] ?? '{}') as ModelWorkerSettings;
const { db, pool } = openDatabase({ url: settings.databaseUrl, max: 8, onIdleError: () => undefined });
const { redisUrl, prefix } = settings;
const log = createLogger('fatal');
const config = loadConfig(settings.environment, '/');
const refuse = () => Promise.reject(new MgeError('NOT_IMPLEMENTED', 'not in this test'));

const worker = createWorker({
  db,
  pool,
  log,
  clock: systemClock,
  queues: openQueues({ url: redisUrl, prefix, onError: () => undefined }),
  providers: openProviders({ config, redisUrl, prefix, log }).lookup,
  validation: {
    ...wordValidation,
    validateAtom: async (input) => {
      if (!Buffer.from(input.candidate).includes('BROKEN')) await rest(settings.checkMs);
      return wordValidation.validateAtom(input);
    },
  },
  stages: { decompose: refuse, build_graph: refuse },
  slots: 12,
  timings: { leaseMs: 1_000, pollMs: 200, reconcileMs: 300, relayMs: 200, leaderTtlSeconds: 1, drainMs: 2_000 },
});
await worker.start();
process.stdout.write('started\n');
