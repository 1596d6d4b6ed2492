import type { FastifyInstance, InjectOptions } from 'fastify';
import { expect, inject } from 'vitest';
import { createLogger } from '../../../src/adapters/telemetry/logger.ts';
import { createMetrics } from '../../../src/adapters/telemetry/metrics.ts';
import { systemClock } from '../../../src/adapters/runtime.ts';
import { buildServer, type ApiDeps } from '../../../src/api/index.ts';
import { openDatabase } from '../../../src/db/index.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { testRedis } from '../../support/redis.ts';
import { doorTo, type Door } from '../../support/tcp-proxy.ts';
import { SECRET, tokenFor } from '../../unit/api/api-fixture.ts';

/** The API over real services; Postgres and Redis stand behind doors that the test can shut. */
export interface ApiUnderTest {
  readonly app: FastifyInstance;
  readonly deps: ApiDeps;
  readonly database: TestDatabase;
  readonly doors: { readonly postgres: Door; readonly redis: Door };
  call(method: InjectOptions['method'], url: string, options?: CallOptions): Promise<Answer>;
  count(statement: string, values?: unknown[]): Promise<number>;
  close(): Promise<void>;
}

export interface CallOptions {
  /** Default: a user's; null sends none. */
  readonly token?: string | null;
  /** Objects are sent as JSON, strings as they are. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export async function startApi(overrides: (deps: ApiDeps) => Partial<ApiDeps> = () => ({})): Promise<ApiUnderTest> {
  const database = await createTestDatabase();
  const postgres = await throughDoor(database.url);
  const redis = await throughDoor(inject('redisUrl'));
  const connection = openDatabase({ url: postgres.url, max: 5, onIdleError: () => undefined });
  const base: ApiDeps = {
    config: {
      http: { host: '127.0.0.1', port: 0, allowedOrigins: ['https://app.example'] },
      flags: { v2: true, atomization: true, dependencyGraph: true },
    },
    version: '2.0.0-test',
    db: connection.db,
    pool: connection.pool,
    log: createLogger('silent'),
    clock: systemClock,
    redis: { url: redis.url, keyPrefix: `${testRedis().prefix}:` },
    chromaUrl: inject('chromaUrl'),
    auth: { secret: SECRET },
    metrics: createMetrics({ version: '2.0.0-test', processMetrics: false }),
    stages: {} as ApiDeps['stages'],
  };
  const deps = { ...base, ...overrides(base) };
  const app = await buildServer(deps);
  const user = await tokenFor('someone');
  return {
    app,
    deps,
    database,
    doors: { postgres: postgres.door, redis: redis.door },
    call: (method, url, options = {}) => call(app, method, url, { token: user, ...options }),
    count: async (statement, values = []) => {
      const { rows } = await database.pool.query<{ n: string }>(statement, values);
      return Number(rows[0]?.n);
    },
    close: async () => {
      await app.close();
      await connection.close();
      await postgres.door.close();
      await redis.door.close();
      await database.drop();
    },
  };
}

async function throughDoor(url: string): Promise<{ url: string; door: Door }> {
  const parsed = new URL(url);
  const door = await doorTo(parsed.hostname, Number(parsed.port));
  parsed.hostname = '127.0.0.1';
  parsed.port = String(door.port);
  return { url: parsed.href, door };
}

async function call(
  app: FastifyInstance,
  method: InjectOptions['method'],
  url: string,
  { token, body, headers }: CallOptions,
): Promise<Answer> {
  const response = await app.inject({
    ...(method === undefined ? {} : { method }),
    url,
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const isJson = /json/.test(String(response.headers['content-type']));
  const parsed =
    isJson && response.body !== '' ? (JSON.parse(response.body) as Record<string, unknown>) : { text: response.body };
  return { status: response.statusCode, headers: response.headers, body: parsed };
}

/** Checks that an answer is the problem document of a code, complete and without anything internal. */
export function expectProblem(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, code: answer.body['code'], body: answer.body }).toMatchObject({ status, code });
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(answer.body).toMatchObject({
    status,
    type: `/errors/${code.toLowerCase().replaceAll('_', '-')}`,
    title: expect.any(String) as string,
    detail: expect.any(String) as string,
    instance: `urn:request:${String(answer.headers['x-request-id'])}`,
  });
  expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.[jt]s:\d|\\n +at |password|127\.0\.0\.1/);
}

export function pointers(answer: Answer): string[] {
  return ((answer.body['errors'] ?? []) as { pointer: string }[]).map((error) => error.pointer);
}
