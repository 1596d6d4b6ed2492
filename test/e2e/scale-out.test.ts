import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openEvents } from '../support/event-client.ts';
import { startService, type RunningService } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';

let database: TestDatabase;
let api: RunningService;
let workers: RunningService[];
let headers: Record<string, string>;

/** Files of one function each; the odd ones use the one before them. */
const TASKS = Array.from({ length: 60 }, (_, n) => ({
  name: `part ${n}`,
  description: `Function part_${n}`,
  language: 'python',
  file_path: `parts/part_${n}.py`,
  code:
    n % 2 === 0
      ? `def part_${n}(value: int) -> int:\n    """Adds ${n}."""\n    return value + ${n}\n`
      : `from parts.part_${n - 1} import part_${n - 1}\n\n\ndef part_${n}(value: int) -> int:\n    """Adds ${n} as well."""\n    return part_${n - 1}(value) + ${n}\n`,
}));

beforeAll(async () => {
  database = await createTestDatabase();
  const env = {
    DATABASE_URL: database.url,
    REDIS_URL: inject('redisUrl'),
    CHROMA_URL: inject('chromaUrl'),
    JWT_SECRET: 'one secret for all processes',
    // Slots of each worker: neither can run the whole execution, which may use four, alone.
    MGE_CONCURRENCY: '2',
  };
  api = await startService(env, 'serve');
  workers = await Promise.all([startService(env, 'worker'), startService(env, 'worker')]);
  headers = { authorization: `Bearer ${await api.token('someone', 'user')}`, 'content-type': 'application/json' };
}, 180_000);

afterAll(async () => {
  await Promise.all([api, ...workers].map((service) => service.stop()));
  await database.drop();
});

async function call(
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${api.base}${path}`, {
    method,
    headers,
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

/** The value of a metric without labels, or the sum over its labels. */
async function metric(service: RunningService, name: string): Promise<number> {
  const text = await (await fetch(`${service.base}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

describe('an API and two workers, each a process of its own', () => {
  it('run a masterplan to its end together, and its events are seen where nothing of it ran', async () => {
    const made = await call('POST', '/api/v2/masterplans', {
      user_request: 'Parts that build on each other',
      user_id: 'someone',
      session_id: 'scale-out',
      tasks: TASKS,
    });
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    const id = String(made.body['masterplan_id']);
    const atoms = await call('POST', '/api/v2/atomization/decompose', { masterplan_id: id });
    expect(atoms.status, JSON.stringify(atoms.body)).toBe(200);
    const graph = await call('POST', '/api/v2/graphs/build', { masterplan_id: id });
    expect(graph.body).toMatchObject({ total_atoms: atoms.body['total_atoms'], has_cycles: false });
    const started = await call('POST', '/api/v2/execution/start', { masterplan_id: id, concurrency: 4 });
    expect(started.status, JSON.stringify(started.body)).toBe(202);

    const stream = await openEvents(`${api.base}/api/v2/execution/events/${id}?after=0`, headers);
    await stream.closed;
    expect(stream.events.at(-1)?.event).toBe('execution.ended');
    const accepted = stream.events.flatMap(({ event, data }) =>
      event === 'atom.accepted' ? [Number(data['count'])] : [],
    );
    const total = Number(atoms.body['total_atoms']);
    expect(accepted.reduce((sum, count) => sum + count, 0)).toBe(total);
    const ended = await call('GET', `/api/v2/execution/status/${id}`);
    expect(ended.body).toMatchObject({ status: 'completed', atoms_succeeded: total, atoms_failed: 0 });

    const attempts = await Promise.all(workers.map((worker) => metric(worker, 'mge_atom_duration_seconds_count')));
    expect(attempts.reduce((sum, count) => sum + count, 0)).toBe(total);
    expect(Math.min(...attempts)).toBeGreaterThan(0);
    expect(await metric(api, 'mge_atom_duration_seconds_count')).toBe(0);
  });

  it('show their health and their metrics on a port of their own', async () => {
    for (const worker of workers) {
      expect((await fetch(`${worker.base}/health/live`)).status).toBe(200);
      const ready = await fetch(`${worker.base}/health/ready`);
      expect(await ready.json()).toMatchObject({ status: 'healthy', checks: { redis: { status: 'healthy' } } });
      expect((await fetch(`${worker.base}/api/v2/masterplans`)).status).toBe(404);
    }
    const locks = await Promise.all(workers.map((worker) => metric(worker, 'm10_locks_acquired_total')));
    expect(locks.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(2);
  });

  it('leave on a signal without an error, and the other goes on', async () => {
    const [first, second] = workers as [RunningService, RunningService];
    first.process.kill('SIGTERM');
    await waitFor(() => first.process.exitCode !== null, { timeoutMs: 30_000 });
    expect(first.process.exitCode, first.output()).toBe(0);
    await waitFor(async () => (await metric(second, 'm10_locks_acquired_total')) >= 2, { timeoutMs: 30_000 });
    expect((await fetch(`${second.base}/health/ready`)).status).toBe(200);
  });
});
