import { SignJWT } from 'jose';
import type { ApiDeps } from '../../../src/api/index.ts';
import { createLogger } from '../../../src/adapters/telemetry/logger.ts';
import { createMetrics } from '../../../src/adapters/telemetry/metrics.ts';
import { systemClock } from '../../../src/adapters/runtime.ts';
import { openDatabase } from '../../../src/db/index.ts';

export const SECRET = 'a secret of the unit tests, 32 bytes';

/** Nothing listens on port 1: every service is down, which is what the unit tests are about. */
export function depsWithoutServices(overrides: Partial<ApiDeps> = {}): ApiDeps {
  const { db, pool } = openDatabase({ url: 'postgresql://nobody@127.0.0.1:1/nothing', onIdleError: () => undefined });
  return {
    config: {
      http: { host: '127.0.0.1', port: 0, allowedOrigins: [] },
      flags: { v2: true, atomization: true, dependencyGraph: true },
    },
    version: '2.0.0-test',
    db,
    pool,
    log: createLogger('silent'),
    clock: systemClock,
    redis: { url: 'redis://127.0.0.1:1' },
    chromaUrl: 'http://127.0.0.1:1',
    auth: { secret: SECRET },
    metrics: createMetrics({ version: '2.0.0-test', processMetrics: false }),
    stages: {} as ApiDeps['stages'],
    ...overrides,
  };
}

export async function tokenFor(
  subject: string,
  claims: Record<string, unknown> = { role: 'user' },
  options: { expiresAt?: number; secret?: string } = {},
): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(subject)
    .setExpirationTime(options.expiresAt ?? Math.floor(Date.now() / 1000) + 600)
    .sign(new TextEncoder().encode(options.secret ?? SECRET));
}
