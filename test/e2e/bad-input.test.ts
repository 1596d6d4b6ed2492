import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startService, type RunningService } from '../support/program.ts';
import { doorTo, type Door } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

let database: TestDatabase;
let doors: { postgres: Door; redis: Door };
let service: RunningService;
let user: string;

/** The same address, through a door that the test can shut. */
async function throughDoor(url: string): Promise<{ url: string; door: Door }> {
  const parsed = new URL(url);
  const door = await doorTo(parsed.hostname, Number(parsed.port));
  parsed.hostname = '127.0.0.1';
  parsed.port = String(door.port);
  return { url: parsed.toString(), door };
}

beforeAll(async () => {
  database = await createTestDatabase();
  const postgres = await throughDoor(database.url);
  const redis = await throughDoor(inject('redisUrl'));
  doors = { postgres: postgres.door, redis: redis.door };
  service = await startService({ DATABASE_URL: postgres.url, REDIS_URL: redis.url, CHROMA_URL: inject('chromaUrl') });
  user = await service.token('someone', 'user');
}, 120_000);

afterAll(async () => {
  doors.postgres.open();
  doors.redis.open();
  await service.stop();
  await doors.postgres.close();
  await doors.redis.close();
  await database.drop();
});

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Record<string, unknown> & { code?: string; errors?: { pointer: string }[] };
  readonly headers: Headers;
}

async function call(method: string, path: string, body?: unknown, token = user): Promise<Answer> {
  const response = await fetch(`${service.base}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get('content-type') ?? '',
    body: (text ? JSON.parse(text) : {}) as Answer['body'],
    headers: response.headers,
  };
}

const REQUEST = { user_request: 'Build a simple TODO app with FastAPI and React', user_id: 'someone', session_id: 's' };

async function createPlan(): Promise<string> {
  const answer = await call('POST', '/api/v2/masterplans', REQUEST);
  expect(answer.status).toBe(201);
  return String(answer.body['masterplan_id']);
}

async function rows(statement: string, values: unknown[] = []): Promise<number> {
  const { rows: found } = await database.pool.query<{ n: string }>(statement, values);
  return Number(found[0]?.n);
}

function expectProblem(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
  expect(answer.type).toContain('application/problem+json');
  expect(answer.body).toMatchObject({
    status,
    title: expect.any(String) as string,
    detail: expect.any(String) as string,
  });
}

describe('a request that cannot be served', () => {
  it('is told when its body is not JSON', async () => {
    expectProblem(await call('POST', '/api/v2/masterplans', '{"user_request": '), 400, 'MALFORMED_JSON');
  });

  it('is told which field is unknown', async () => {
    const answer = await call('POST', '/api/v2/masterplans', { ...REQUEST, colour: 'red' });
    expectProblem(answer, 400, 'VALIDATION_FAILED');
    expect(answer.body.errors?.map((error) => error.pointer)).toContain('/colour');
  });

  it('is told that an empty request is none, and leaves nothing behind', async () => {
    const before = await rows('select count(*) n from masterplans');
    const answer = await call('POST', '/api/v2/masterplans', { ...REQUEST, user_request: '   ' });
    expectProblem(answer, 400, 'VALIDATION_FAILED');
    expect(answer.body.errors?.map((error) => error.pointer)).toContain('/user_request');
    expect(await rows('select count(*) n from masterplans')).toBe(before);
  });

  it('is told that a request of 1 MB is too long', async () => {
    const answer = await call('POST', '/api/v2/masterplans', { ...REQUEST, user_request: 'x'.repeat(1 << 20) });
    expect([400, 413]).toContain(answer.status);
    expectProblem(answer, answer.status, answer.status === 413 ? 'BODY_TOO_LARGE' : 'VALIDATION_FAILED');
  });

  it('is told what the offline provider can build instead', async () => {
    const before = await rows('select count(*) n from masterplans');
    const answer = await call('POST', '/api/v2/masterplans', {
      ...REQUEST,
      user_request: 'A 3D game engine in Rust with Vulkan',
    });
    expectProblem(answer, 422, 'REQUEST_NOT_SERVED');
    expect(String(answer.body['detail'])).toMatch(/FastAPI/);
    expect(await rows('select count(*) n from masterplans')).toBe(before);
  });

  it('is told that there is no such masterplan, in every stage', async () => {
    const id = '01890000-0000-7000-8000-000000000000';
    for (const path of ['atomization/decompose', 'graphs/build', 'execution/start'])
      expectProblem(await call('POST', `/api/v2/${path}`, { masterplan_id: id }), 404, 'NOT_FOUND');
    expectProblem(await call('GET', `/api/v2/execution/status/${id}`), 404, 'NOT_FOUND');
    expectProblem(
      await call('POST', '/api/v2/graphs/build', { masterplan_id: 'not-a-uuid' }),
      400,
      'VALIDATION_FAILED',
    );
  });

  it('is told to authenticate, that its token has expired, and that its role is not enough', async () => {
    expectProblem(await call('GET', '/api/v2/masterplans', undefined, 'nonsense'), 401, 'UNAUTHENTICATED');
    const expired = await service.token('someone', 'user', '-1h');
    expectProblem(await call('GET', '/api/v2/masterplans', undefined, expired), 401, 'TOKEN_EXPIRED');
    expectProblem(await call('GET', '/api/v2/metrics/users/active'), 403, 'FORBIDDEN');
  });
});

describe('the stages out of order', () => {
  it('refuse to build before decomposing and to start before building, and change nothing', async () => {
    const id = await createPlan();
    expectProblem(await call('POST', '/api/v2/graphs/build', { masterplan_id: id }), 409, 'NOT_DECOMPOSED');
    const start = await call('POST', '/api/v2/execution/start', { masterplan_id: id });
    expect([409]).toContain(start.status);
    expect(['NOT_DECOMPOSED', 'GRAPH_NOT_BUILT']).toContain(start.body.code);
    expect(await rows('select count(*) n from dependency_graphs where masterplan_id = $1', [id])).toBe(0);
    expect(await rows('select count(*) n from executions where masterplan_id = $1', [id])).toBe(0);
    const decomposed = await call('POST', '/api/v2/atomization/decompose', { masterplan_id: id });
    expect(decomposed.status).toBe(200);
    expectProblem(await call('POST', '/api/v2/execution/start', { masterplan_id: id }), 409, 'GRAPH_NOT_BUILT');
  });

  it('give the same answer twice, without duplicates', async () => {
    const id = await createPlan();
    const first = await call('POST', '/api/v2/atomization/decompose', { masterplan_id: id });
    const second = await call('POST', '/api/v2/atomization/decompose', { masterplan_id: id });
    expect(first.status).toBe(200);
    expect(second.body).toEqual(first.body);
    expect(await rows('select count(*) n from atomic_units where masterplan_id = $1', [id])).toBe(
      first.body['total_atoms'],
    );
    const graph = await call('POST', '/api/v2/graphs/build', { masterplan_id: id });
    const again = await call('POST', '/api/v2/graphs/build', { masterplan_id: id });
    expect(again.body).toEqual(graph.body);
  });

  it('do not start what is running', async () => {
    const id = await createPlan();
    for (const path of ['atomization/decompose', 'graphs/build'])
      expect((await call('POST', `/api/v2/${path}`, { masterplan_id: id })).status).toBe(200);
    const answers = await Promise.all(
      [1, 2, 3].map(() => call('POST', '/api/v2/execution/start', { masterplan_id: id })),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([202, 409, 409]);
    expectProblem(answers.find((answer) => answer.status === 409) as Answer, 409, 'EXECUTION_RUNNING');
    expect(await rows('select count(*) n from executions where masterplan_id = $1', [id])).toBe(1);
    await call('POST', `/api/v2/execution/cancel/${id}`);
  });

  it('do not exist for other users', async () => {
    const id = await createPlan();
    const other = await service.token('somebody-else', 'user');
    expectProblem(await call('GET', `/api/v2/masterplans/${id}`, undefined, other), 404, 'NOT_FOUND');
    expectProblem(await call('POST', '/api/v2/atomization/decompose', { masterplan_id: id }, other), 404, 'NOT_FOUND');
    expectProblem(await call('GET', `/api/v2/execution/status/${id}`, undefined, other), 404, 'NOT_FOUND');
    const forSomebodyElse = await call('POST', '/api/v2/masterplans', REQUEST, other);
    expectProblem(forSomebodyElse, 403, 'FORBIDDEN');
  });
});

describe('a server that is down', () => {
  it('Redis: work is refused with 503 and nothing is half-done; afterwards all is well', async () => {
    const id = await createPlan();
    doors.redis.shut();
    try {
      const answer = await call('POST', '/api/v2/atomization/decompose', { masterplan_id: id });
      expectProblem(answer, 503, 'QUEUE_UNAVAILABLE');
      expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
      expect(await rows('select count(*) n from atomic_units where masterplan_id = $1', [id])).toBe(0);
      expect(await rows('select count(*) n from stage_jobs where masterplan_id = $1', [id])).toBe(0);
      expect((await fetch(`${service.base}/health/live`)).status).toBe(200);
      await waitFor(async () => (await fetch(`${service.base}/api/v1/health/redis`)).status === 503, {
        timeoutMs: 10_000,
      });
    } finally {
      doors.redis.open();
    }
    await waitFor(async () => (await fetch(`${service.base}/api/v1/health/redis`)).status === 200, {
      timeoutMs: 30_000,
    });
    expect((await call('POST', '/api/v2/atomization/decompose', { masterplan_id: id })).status).toBe(200);
  });

  it('Postgres: a request is refused with 503; afterwards all is well', async () => {
    doors.postgres.shut();
    try {
      const answer = await call('POST', '/api/v2/masterplans', REQUEST);
      expectProblem(answer, 503, 'DATABASE_UNAVAILABLE');
      expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
      expect((await fetch(`${service.base}/health/live`)).status).toBe(200);
      await waitFor(async () => (await fetch(`${service.base}/health/ready`)).status === 503, { timeoutMs: 10_000 });
    } finally {
      doors.postgres.open();
    }
    await waitFor(async () => (await fetch(`${service.base}/health/ready`)).status === 200, { timeoutMs: 30_000 });
    await createPlan();
  });
});
