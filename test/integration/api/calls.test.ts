import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unzipSync } from 'fflate';
import { gunzipSync } from 'node:zlib';
import { precisionJson } from '../../../src/execution/finalize-execution.ts';
import { computePrecision } from '../../../src/execution/precision.ts';
import { insertAtom, insertGraph, insertMasterplan, insertTask } from '../../support/factories.ts';
import { waitFor } from '../../support/wait-for.ts';
import { tokenFor } from '../../unit/api/api-fixture.ts';
import { expectProblem, pointers, startApi, type ApiUnderTest } from './api-under-test.ts';
import { endJob, stagesOver } from './stages-under-test.ts';

const REQUEST = { user_request: 'Build a simple TODO app with FastAPI and React', user_id: 'someone', session_id: 's' };
const UNKNOWN = '01890000-0000-7000-8000-000000000000';

let api: ApiUnderTest;
let admin: string;
let other: string;
let reviewer: string;
/** Calls of createMasterplan that are under way wait for this. */
let gate: Promise<void> = Promise.resolve();

beforeAll(async () => {
  api = await startApi((deps) => {
    const stages = stagesOver(deps);
    return {
      stageDeadlineMs: 400,
      stages: {
        ...stages,
        createMasterplan: async (input) => {
          await gate;
          return stages.createMasterplan(input);
        },
        editReview: () => Promise.reject(new Error('no review is edited here')),
      },
    };
  });
  admin = await tokenFor('operator', { role: 'admin' });
  other = await tokenFor('somebody-else');
  reviewer = await tokenFor('rita', { role: 'reviewer' });
});
afterAll(() => api.close());

const plans = () => api.count('SELECT count(*) n FROM masterplans');

describe('creating a masterplan', () => {
  it('answers 201 with where it is', async () => {
    const answer = await api.call('POST', '/api/v2/masterplans', { body: REQUEST });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      user_id: 'someone',
      session_id: 's',
      total_tasks: 0,
    });
    expect(answer.headers['location']).toBe(`/api/v2/masterplans/${String(answer.body['masterplan_id'])}`);
    const read = await api.call('GET', String(answer.headers['location']));
    expect(read.body['masterplan_id']).toBe(answer.body['masterplan_id']);
  });

  it.each([
    ['no field', {}, '/user_request'],
    ['an empty request', { ...REQUEST, user_request: '' }, '/user_request'],
    ['blanks', { ...REQUEST, user_request: ' \n\t ' }, '/user_request'],
    ['NUL', { ...REQUEST, user_request: 'a\u0000b' }, '/user_request'],
    ['a number for text', { ...REQUEST, user_request: 7 }, '/user_request'],
    ['20,001 characters', { ...REQUEST, user_request: 'x'.repeat(20_001) }, '/user_request'],
    ['1 MB', { ...REQUEST, user_request: 'x'.repeat(1 << 20) }, '/user_request'],
    ['an unknown field', { ...REQUEST, colour: 'red' }, '/colour'],
    ['an unknown setting', { ...REQUEST, config: { colour: 'red' } }, '/config/colour'],
    ['a setting out of range', { ...REQUEST, config: { concurrency: 0 } }, '/config/concurrency'],
    ['a task without a path', { ...REQUEST, tasks: [{ name: 'a', description: 'b' }] }, '/tasks/0/file_path'],
  ])('refuses %s and makes nothing', async (_name, body, pointer) => {
    const before = await plans();
    const answer = await api.call('POST', '/api/v2/masterplans', { body });
    expectProblem(answer, 400, 'VALIDATION_FAILED');
    expect(pointers(answer)).toContain(pointer);
    expect(String(answer.body['detail']).length).toBeLessThan(300);
    expect(await plans()).toBe(before);
  });

  it('takes more than 1 MB of source, and lets only admins plan for others', async () => {
    const files = [{ path: 'a.py', content: '# x\n'.repeat(500_000) }];
    expect((await api.call('POST', '/api/v2/masterplans', { body: { ...REQUEST, files } })).status).toBe(201);
    expectProblem(await api.call('POST', '/api/v2/masterplans', { body: REQUEST, token: other }), 403, 'FORBIDDEN');
    expect((await api.call('POST', '/api/v2/masterplans', { body: REQUEST, token: admin })).body['user_id']).toBe(
      'someone',
    );
  });
});

describe('the limits of a plan', () => {
  it('are told where they are exceeded', async () => {
    const long = await api.call('POST', '/api/v2/masterplans', {
      body: { ...REQUEST, user_request: 'x'.repeat(1 << 20) },
    });
    expect(long.body['detail']).toContain('20000 characters');
    const tasks = Array.from({ length: 2_001 }, (_, i) => ({ name: `t${i}`, description: 'd', file_path: `t${i}.py` }));
    const many = await api.call('POST', '/api/v2/masterplans', { body: { ...REQUEST, tasks } });
    expectProblem(many, 400, 'VALIDATION_FAILED');
    expect([pointers(many), many.body['detail']]).toEqual([['/tasks'], expect.stringContaining('2000')]);
  });

  it('let a dependency be as long as a path', async () => {
    const path = `${'folder/'.repeat(140)}a.py`;
    const task = { description: 'd', code: 'a = 1\n' };
    const tasks = [
      { ...task, name: 'a', file_path: path },
      { ...task, name: 'b', file_path: 'b.py', depends_on: [path] },
    ];
    expect((await api.call('POST', '/api/v2/masterplans', { body: { ...REQUEST, tasks } })).status).toBe(201);
  });
});

describe('an idempotency key', () => {
  const create = (key: string, body: object = REQUEST, token?: string) =>
    api.call('POST', '/api/v2/masterplans', { body, headers: { 'idempotency-key': key }, ...(token ? { token } : {}) });

  it('gives the first answer again, marked, and makes nothing twice', async () => {
    const first = await create('k1');
    const before = await plans();
    const again = await create('k1', { session_id: 's', user_id: 'someone', user_request: REQUEST.user_request });
    expect(again.status).toBe(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers['location']).toBe(first.headers['location']);
    expect([first.headers['idempotency-replayed'], again.headers['idempotency-replayed']]).toEqual([undefined, 'true']);
    const spelt = await api.call('POST', '/api/v%32/masterplans', {
      body: REQUEST,
      headers: { 'idempotency-key': 'k1' },
    });
    expect([spelt.headers['idempotency-replayed'], spelt.body]).toEqual(['true', first.body]);
    expect(await plans()).toBe(before);
  });

  it('is a mismatch with another body, and is another key for another caller', async () => {
    await create('k2');
    expectProblem(await create('k2', { ...REQUEST, session_id: 't' }), 422, 'IDEMPOTENCY_MISMATCH');
    expect(
      (await create('k2', { ...REQUEST, user_id: 'somebody-else' }, other)).headers['idempotency-replayed'],
    ).toBeUndefined();
  });

  it('is refused while the first request runs, and ten at once make one', async () => {
    let open: () => void = () => undefined;
    gate = new Promise((resolve) => (open = resolve));
    const before = await plans();
    const calls = Array.from({ length: 10 }, () => create('k3'));
    await waitFor(async () => (await api.count(`SELECT count(*) n FROM idempotency_keys WHERE key = 'k3'`)) === 1);
    expectProblem(await create('k3'), 409, 'IDEMPOTENCY_IN_PROGRESS');
    open();
    gate = Promise.resolve();
    const answers = await Promise.all(calls);
    expect(answers.filter((answer) => answer.status === 201 && !answer.headers['idempotency-replayed'])).toHaveLength(
      1,
    );
    expect(answers.every((answer) => answer.status === 201 || answer.body['code'] === 'IDEMPOTENCY_IN_PROGRESS')).toBe(
      true,
    );
    expect(await plans()).toBe(before + 1);
  });

  it('is free again after a refusal, which changed nothing', async () => {
    expectProblem(await create('k4', REQUEST, other), 403, 'FORBIDDEN');
    expect((await create('k4', { ...REQUEST, user_id: 'somebody-else' }, other)).status).toBe(201);
  });
});

describe('decompose and build', () => {
  const decompose = (id: string, headers: Record<string, string> = {}) =>
    api.call('POST', '/api/v2/atomization/decompose', { body: { masterplan_id: id }, headers });
  const jobs = (id: string) => api.count('SELECT count(*) n FROM stage_jobs WHERE masterplan_id = $1', [id]);

  async function plan(): Promise<string> {
    const { masterplanId } = await insertMasterplan(api.database.db, { userId: 'someone' });
    return masterplanId;
  }

  it('wait for the workers and give the count under both names', async () => {
    const id = await plan();
    const { taskId } = await insertTask(api.database.db, { masterplanId: id });
    await insertAtom(api.database.db, { masterplanId: id, taskId });
    const call = decompose(id);
    await waitFor(() => endJob(api.database.db, id, null), { intervalMs: 5 });
    const answer = await call;
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      masterplan_id: id,
      total_atoms: 1,
      atoms_count: 1,
      total_tasks: 1,
      stats: { avg_loc: 2, max_loc: 2 },
    });
    expect(answer.body).not.toHaveProperty('unchanged');
  });

  it('answer 202 with the job when it takes longer, and join the job that runs', async () => {
    const id = await plan();
    const late = await decompose(id);
    expect(late.status).toBe(202);
    expect(late.headers['preference-applied']).toBeUndefined();
    const job = await api.call('GET', String(late.headers['location']));
    expect(job.body).toMatchObject({ masterplan_id: id, kind: 'decompose', status: 'queued', result_url: null });
    const started = performance.now();
    const second = await decompose(id, { prefer: 'wait=5, respond-async' });
    expect(performance.now() - started).toBeLessThan(350);
    expect([second.status, second.headers['preference-applied'], second.body['job_id']]).toEqual([
      202,
      'respond-async',
      job.body['job_id'],
    ]);
    expect(await jobs(id)).toBe(1);
    expectProblem(await api.call('GET', String(late.headers['location']), { token: other }), 404, 'NOT_FOUND');
    await endJob(api.database.db, id, null);
    expect((await api.call('GET', String(late.headers['location']))).body).toMatchObject({
      status: 'completed',
      result_url: `/api/v2/atoms?masterplan_id=${id}`,
    });
  });

  it('pass on why a stage failed, but not what an unexpected failure said', async () => {
    for (const [code, status, message] of [
      ['PLAN_FAILED', 409, 'planning failed'],
      ['INTERNAL', 500, 'relation "x" at 127.0.0.1'],
    ] as const) {
      const id = await plan();
      const call = decompose(id);
      await waitFor(() => endJob(api.database.db, id, { code, message }), { intervalMs: 5 });
      expectProblem(await call, status, code);
    }
  });

  it('refuse what is not there or not ready, and queue nothing', async () => {
    const id = await plan();
    for (const path of ['atomization/decompose', 'graphs/build', 'execution/start']) {
      expectProblem(await api.call('POST', `/api/v2/${path}`, { body: { masterplan_id: UNKNOWN } }), 404, 'NOT_FOUND');
      expectProblem(
        await api.call('POST', `/api/v2/${path}`, { body: { masterplan_id: id }, token: other }),
        404,
        'NOT_FOUND',
      );
      const malformed = await api.call('POST', `/api/v2/${path}`, { body: { masterplan_id: 'x' } });
      expectProblem(malformed, 400, 'VALIDATION_FAILED');
      expect(pointers(malformed)).toEqual(['/masterplan_id']);
    }
    expectProblem(
      await api.call('POST', '/api/v2/graphs/build', { body: { masterplan_id: id } }),
      409,
      'NOT_DECOMPOSED',
    );
    expectProblem(
      await api.call('POST', '/api/v2/execution/start', { body: { masterplan_id: id } }),
      409,
      'NOT_DECOMPOSED',
    );
    await insertAtom(api.database.db, { masterplanId: id });
    expectProblem(
      await api.call('POST', '/api/v2/execution/start', { body: { masterplan_id: id } }),
      409,
      'GRAPH_NOT_BUILT',
    );
    expect(await jobs(id)).toBe(0);
    expect(await api.count('SELECT count(*) n FROM executions WHERE masterplan_id = $1', [id])).toBe(0);
  });
});

describe('atoms, graphs and executions', () => {
  let id: string;
  let atoms: string[];
  let task: string;

  beforeAll(async () => {
    const { db } = api.database;
    id = (await insertMasterplan(db, { userId: 'someone' })).masterplanId;
    task = (await insertTask(db, { masterplanId: id })).taskId;
    atoms = [];
    for (let i = 0; i < 5; i++)
      atoms.push((await insertAtom(db, { masterplanId: id, taskId: i < 2 ? task : null })).atomId);
    const [a, b, c, d, e] = atoms as [string, string, string, string, string];
    await insertGraph(db, {
      masterplanId: id,
      atomIds: atoms,
      waves: [
        [a, b],
        [c, d, e],
      ],
      edges: [
        { from: c, to: a },
        { from: d, to: a },
        { from: c, to: b, type: 'type' },
      ],
    });
  });

  it('are listed page by page without a gap', async () => {
    const seen: unknown[] = [];
    let url = `/api/v2/atoms?masterplan_id=${id}&limit=2`;
    for (let pages = 0; url && pages < 5; pages++) {
      const { body, headers } = await api.call('GET', url);
      seen.push(...(body['data'] as { atom_id: string }[]).map((atom) => atom.atom_id));
      url = /<([^>]+)>; rel="next"/.exec(typeof headers['link'] === 'string' ? headers['link'] : '')?.[1] ?? '';
    }
    expect(seen).toEqual(atoms);
    const ofTask = await api.call('GET', `/api/v2/atoms/by-task/${task}`);
    expect((ofTask.body['data'] as unknown[]).length).toBe(2);
    const second = await api.call('GET', `/api/v2/atoms?masterplan_id=${id}&wave=2`);
    expect((second.body['data'] as { wave_number: number }[]).map((atom) => atom.wave_number)).toEqual([2, 2, 2]);
    expectProblem(await api.call('GET', '/api/v2/atoms'), 400, 'VALIDATION_FAILED');
    expectProblem(await api.call('GET', `/api/v2/atoms?masterplan_id=${id}`, { token: other }), 404, 'NOT_FOUND');
    expectProblem(await api.call('GET', `/api/v2/atoms/by-task/${task}`, { token: other }), 404, 'NOT_FOUND');
  });

  it('show an atom with its edges both ways, to its owner and to reviewers', async () => {
    const answer = await api.call('GET', `/api/v2/atoms/${atoms[2]}`);
    expect(answer.body).toMatchObject({
      atom_id: atoms[2],
      draft: { text: expect.stringContaining('def f3') as string, base64: null },
      accepted: null,
      review: null,
    });
    const edges = await api.call('GET', `/api/v2/graphs/atoms/${atoms[0]}/dependencies`, { token: reviewer });
    expect(edges.body['dependencies']).toEqual([]);
    expect((edges.body['dependents'] as { atom_id: string }[]).map((edge) => edge.atom_id).sort()).toEqual(
      [atoms[2], atoms[3]].sort(),
    );
    for (const path of [
      `/api/v2/atoms/${UNKNOWN}`,
      '/api/v2/atoms/not-a-uuid',
      `/api/v2/graphs/atoms/${UNKNOWN}/dependencies`,
    ])
      expectProblem(await api.call('GET', path), 404, 'NOT_FOUND');
    expectProblem(await api.call('GET', `/api/v2/atoms/${atoms[2]}`, { token: other }), 404, 'NOT_FOUND');
    const waves = await api.call('GET', `/api/v2/graphs/${id}/waves`);
    expect(waves.body).toMatchObject({
      total: 2,
      data: [{ wave_number: 1, total_atoms: 2, status: 'pending' }, { total_atoms: 3 }],
    });
  });

  it('start once, can be watched and steered by their owner, and end when cancelled', async () => {
    expectProblem(await api.call('GET', `/api/v2/execution/status/${id}`), 404, 'NOT_FOUND');
    const started = await api.call('POST', '/api/v2/execution/start', { body: { masterplan_id: id, max_waves: 1 } });
    expect(started.status).toBe(202);
    expect(started.body).toMatchObject({ masterplan_id: id, total_waves: 2, atoms_total: 5, wave_limit: 1 });
    const twice = await Promise.all(
      [1, 2].map(() => api.call('POST', '/api/v2/execution/start', { body: { masterplan_id: id } })),
    );
    for (const answer of twice) expectProblem(answer, 409, 'EXECUTION_RUNNING');
    const status = await api.call('GET', String(started.headers['location']));
    expect(status.body).toMatchObject({
      execution_id: started.body['execution_id'],
      atoms_completed: 0,
      completion_percent: 0,
      precision_percent: null,
    });
    const results = await api.call('GET', `/api/v2/execution/results/${id}?limit=2`);
    expect(results.body).toMatchObject({
      precision: { percent: null, accepted_percent: null, provider: 'blueprint' },
      page: { has_more: true },
    });
    expect((results.body['atoms'] as unknown[]).length).toBe(2);
    expectProblem(await api.call('POST', `/api/v2/execution/cancel/${id}`, { token: other }), 404, 'NOT_FOUND');
    const paused = await api.call('POST', `/api/v2/execution/pause/${id}`, { body: { reason: 'lunch' } });
    expect(paused.body).toMatchObject({ status: 'paused', paused_reason: 'lunch' });
    expect((await api.call('POST', `/api/v2/execution/resume/${id}`)).body['status']).toBe('running');
    expect((await api.call('POST', `/api/v2/execution/cancel/${id}`)).body['status']).toBe('cancelled');
    expectProblem(await api.call('POST', `/api/v2/execution/resume/${id}`), 409, 'CONFLICT');
    await api.database.pool.query(
      `UPDATE executions SET precision_percent = 87.5, precision = $2 WHERE masterplan_id = $1`,
      [id, computedPrecision()],
    );
    const { body: ended } = await api.call('GET', `/api/v2/execution/results/${id}`);
    expect(ended['precision']).toMatchObject({
      percent: 87.5,
      validation_pass: { score: 0.4, ran: 5, passed: 2, not_run: 0 },
      integration_pass: { score: null, why: ['level 4 did not run'] },
    });
    const recent = await api.call('GET', '/api/v2/metrics/executions/recent', { token: admin });
    expect(recent.body['data']).toMatchObject([{ execution_id: started.body['execution_id'], status: 'cancelled' }]);
  });

  it('give the project as zip and tar.gz, the same bytes each time', async () => {
    const get = (format: string) =>
      api.app.inject({
        method: 'GET',
        url: `/api/v2/masterplans/${id}/artifact?format=${format}`,
        headers: { authorization: `Bearer ${admin}` },
      });
    const [zip, again, tar] = [await get('zip'), await get('zip'), await get('tar.gz')];
    expect(zip.headers['content-type']).toBe('application/zip');
    expect(zip.rawPayload.equals(again.rawPayload)).toBe(true);
    const files = unzipSync(zip.rawPayload);
    expect(Object.keys(files)).toEqual(expect.arrayContaining(['src/file_1.py', 'src/file_5.py', 'mge-manifest.json']));
    expect(Buffer.from(files['src/file_1.py'] ?? []).toString()).toBe('def f1():\n    return 1\n');
    expect(gunzipSync(tar.rawPayload).includes('src/file_1.py')).toBe(true);
    const current = await api.call('GET', `/api/v2/masterplans/${id}/artifact`, {
      headers: { 'if-none-match': String(zip.headers['etag']) },
    });
    expect(current.status).toBe(304);
    expectProblem(await api.call('GET', `/api/v2/masterplans/${id}/artifact?format=rar`), 400, 'VALIDATION_FAILED');
  });
});

/** What the end of a run stores, computed and written by the stage that does it. */
function computedPrecision(): Record<string, unknown> {
  const atoms = { total: 5, accepted: 2 };
  return precisionJson(computePrecision({ provider: 'blueprint', criteria: [], system: [], atoms, files: [] }));
}

describe('what the document describes', () => {
  it('is served: no call answers 501 to somebody who may make it', async () => {
    const { body } = await api.call('GET', '/api/v2/openapi.json');
    const paths = body['paths'] as Record<string, Record<string, unknown>>;
    for (const [path, methods] of Object.entries(paths))
      for (const method of Object.keys(methods)) {
        if (path.includes('events')) continue;
        const url = path.replaceAll(/\{\w+\}/g, UNKNOWN);
        const sent = method === 'get' ? {} : { body: {} };
        const answer = await api.call(method.toUpperCase() as 'GET', url, { token: admin, ...sent });
        expect(answer.status, `${method} ${path}`).not.toBe(501);
      }
  });
});

// Last: the doors stay shut for a while.
describe('a server that is down', () => {
  it('Redis: work is refused before anything is changed; reading goes on', async () => {
    const { masterplanId: id } = await insertMasterplan(api.database.db, { userId: 'someone' });
    api.doors.redis.shut();
    try {
      await waitFor(async () => (await api.call('GET', '/api/v1/health/redis')).status === 503);
      for (const path of ['atomization/decompose', 'execution/start']) {
        const answer = await api.call('POST', `/api/v2/${path}`, { body: { masterplan_id: id } });
        expectProblem(answer, 503, 'QUEUE_UNAVAILABLE');
        expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      }
      expect(await api.count('SELECT count(*) n FROM stage_jobs WHERE masterplan_id = $1', [id])).toBe(0);
      expect(await api.count('SELECT count(*) n FROM m10_recovery.outbox WHERE aggregate_id = $1', [id])).toBe(0);
      expect((await api.call('GET', `/api/v2/masterplans/${id}`)).status).toBe(200);
    } finally {
      api.doors.redis.open();
    }
    await waitFor(async () => (await api.call('GET', '/api/v1/health/redis')).status === 200);
    expect((await api.call('POST', '/api/v2/atomization/decompose', { body: { masterplan_id: id } })).status).toBe(202);
  });

  it('Postgres: every call that needs it says so, none hangs; liveness and metrics go on', async () => {
    const before = await plans();
    api.doors.postgres.shut();
    try {
      for (const [method, path, body] of [
        ['POST', '/api/v2/masterplans', REQUEST],
        ['GET', `/api/v2/masterplans/${UNKNOWN}`, undefined],
        ['POST', '/api/v2/execution/start', { masterplan_id: UNKNOWN }],
      ] as const) {
        const answer = await api.call(method, path, {
          ...(body ? { body } : {}),
          headers: { 'idempotency-key': 'down' },
        });
        expectProblem(answer, 503, 'DATABASE_UNAVAILABLE');
        expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
      }
      for (const path of ['/health/live', '/metrics'])
        expect((await api.call('GET', path, { token: null })).status).toBe(200);
      await waitFor(async () => (await api.call('GET', '/health/ready')).status === 503);
      await waitFor(async () =>
        /^mge_database_gauges_up 0$/m.test(String((await api.call('GET', '/metrics')).body['text'])),
      );
    } finally {
      api.doors.postgres.open();
    }
    await waitFor(async () => (await api.call('GET', '/health/ready')).status === 200);
    expect(await plans()).toBe(before);
    expect(
      (await api.call('POST', '/api/v2/masterplans', { body: REQUEST, headers: { 'idempotency-key': 'down' } })).status,
    ).toBe(201);
  });
});
