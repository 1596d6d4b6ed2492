import { Redis } from 'ioredis';
import pg from 'pg';
import { drizzle } from 'drizzle-orm/node-postgres';
import { systemClock } from '../adapters/runtime.ts';
import { createLogger } from '../adapters/telemetry/logger.ts';
import { createMetrics } from '../adapters/telemetry/metrics.ts';
import { schema } from '../db/index.ts';
import { composeServer } from './server.ts';
import type { Stages } from './stages.ts';

/** The OpenAPI 3.1 document of this version, without any service running: nothing of what the server is made from is used. */
export async function openApiDocument(version: string): Promise<Record<string, unknown>> {
  const pool = new pg.Pool({ max: 1 });
  const app = await composeServer(
    {
      config: {
        http: { host: '127.0.0.1', port: 0, allowedOrigins: [] },
        flags: { v2: true, atomization: true, dependencyGraph: true },
      },
      version,
      db: drizzle(pool, { schema }),
      pool,
      log: createLogger('silent'),
      clock: systemClock,
      chromaUrl: null,
      auth: { secret: 'not used: no request is made' },
      metrics: createMetrics({ version, processMetrics: false }),
      stages: unusedStages(),
    },
    new Redis({ lazyConnect: true }),
  );
  try {
    return { ...app.swagger() };
  } finally {
    await app.close();
    await pool.end();
  }
}

function unusedStages(): Stages {
  return new Proxy({} as Stages, {
    get: (_target, name) => {
      throw new Error(`the API description asked for the stage function ${String(name)}`);
    },
  });
}
