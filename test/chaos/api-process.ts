/** An API in a process of its own, to be killed and started again. Its settings are the JSON of the first argument. */
import { systemClock } from '../../src/adapters/runtime.ts';
import { createLogger } from '../../src/adapters/telemetry/logger.ts';
import { createMetrics } from '../../src/adapters/telemetry/metrics.ts';
import { buildServer, type ApiDeps } from '../../src/api/index.ts';
import { openDatabase } from '../../src/db/index.ts';
import { stagesOver } from '../integration/api/stages-under-test.ts';

export interface ApiSettings {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly prefix: string;
  readonly secret: string;
  /** 0 = any. */
  readonly port: number;
}

const settings = JSON.parse(process.argv[2] ?? '{}') as ApiSettings;
const { db, pool } = openDatabase({ url: settings.databaseUrl, max: 8, onIdleError: () => undefined });
const base: ApiDeps = {
  config: {
    http: { host: '127.0.0.1', port: settings.port, allowedOrigins: [] },
    flags: { v2: true, atomization: true, dependencyGraph: true },
  },
  version: '0.0.0-chaos',
  db,
  pool,
  log: createLogger('fatal'),
  clock: systemClock,
  redis: { url: settings.redisUrl, keyPrefix: `${settings.prefix}:` },
  chromaUrl: null,
  auth: { secret: settings.secret },
  metrics: createMetrics({ version: '0.0.0-chaos', processMetrics: false }),
  stages: {} as ApiDeps['stages'],
};
const editReview = () => Promise.reject(new Error('nothing is edited here'));
const app = await buildServer({ ...base, stages: { ...stagesOver(base), editReview } });
process.stdout.write(`listening ${await app.listen({ host: '127.0.0.1', port: settings.port })}\n`);
