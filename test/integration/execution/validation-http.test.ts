import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { unconfined } from '../../../src/adapters/sandbox/detect-sandbox.ts';
import { submitStage } from '../../../src/execution/index.ts';
import { createValidation, type Validation } from '../../../src/validation/index.ts';
import { wordValidation } from './fakes.ts';
import { Harness, type Plan } from './harness.ts';
import { openHttp, type HttpAnswer, type HttpApi } from './http.ts';

const UNKNOWN = '01890000-0000-7000-8000-000000000000';

let harness: Harness;
let api: HttpApi;
let validation: Validation;
let plan: Plan;
beforeAll(async () => {
  harness = await Harness.open();
  api = await openHttp(harness);
  validation = await createValidation({ sandbox: unconfined('not in these tests'), threads: 1 });
  plan = await harness.plan({
    waves: [
      ['shapes', 'plain'],
      ['area', 'broken'],
    ],
    edges: [['area', 'shapes']],
    draft: (name) => DRAFTS[name] ?? '',
    file: (name) => `shop/${name}.py`,
  });
  await harness.worker({ validation });
});
afterAll(async () => {
  await harness.stopWorkers();
  await validation.close();
  await api.close();
  await harness.close();
});

const DRAFTS: Record<string, string> = {
  shapes: 'def square(side):\n    return side * side\n',
  area: 'from shop.shapes import square, circle\n\n\ndef area(side):\n    return square(side)\n',
  plain: 'def twice(value):\n    return value * 2\n',
  broken: 'def half(value)\n    return value / 2\n',
};

interface Report {
  readonly level: string;
  readonly scope: string;
  readonly outcome: string;
  readonly checks: readonly {
    test_type: string;
    outcome: string;
    validation_id: string;
    execution_id: string | null;
  }[];
}

function reportsOf(answer: HttpAnswer): readonly Report[] {
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body['reports'] as Report[];
}

const checkOf = (report: Report | undefined, type: string) =>
  report?.checks.find((check) => check.test_type === type)?.outcome;

describe('validation by call', () => {
  it('runs level 1 on an atom and stores what it found', async () => {
    const answer = await api.call('POST', `/api/v2/validation/atom/${plan.ids['broken']}`);
    const [report] = reportsOf(answer);
    expect(answer.body).toMatchObject({ masterplan_id: plan.masterplanId, outcome: 'failed' });
    expect(report).toMatchObject({
      level: 'atomic',
      scope: 'shop/broken.py',
      atom_id: plan.ids['broken'],
      accepted: false,
      passed: false,
    });
    expect(checkOf(report, 'syntax')).toBe('failed');
    const stored = await api.call(
      'GET',
      `/api/v2/validation/results/${plan.masterplanId}?job_id=${String(answer.body['job_id'])}`,
    );
    const rows = stored.body['data'] as Report['checks'];
    expect(rows.map((row) => row.validation_id).sort()).toEqual(report?.checks.map((row) => row.validation_id).sort());
    expect(rows.every((row) => row.execution_id === null)).toBe(true);
  });

  it('runs level 1 on many atoms, in the order of the call', async () => {
    const { plain, broken } = plan.ids;
    const body = { masterplan_id: plan.masterplanId, atom_ids: [broken, plain] };
    const reports = reportsOf(await api.call('POST', '/api/v2/validation/batch', body));
    expect(reports.map(({ scope, outcome }) => [scope, outcome])).toEqual([
      ['shop/broken.py', 'failed'],
      ['shop/plain.py', 'passed'],
    ]);
  });

  it('runs level 2 on a file, and level 3 on a folder and on a milestone', async () => {
    const file = await api.call('POST', `/api/v2/validation/module/${plan.masterplanId}`, {
      file_path: 'shop/shapes.py',
    });
    expect(reportsOf(file)).toMatchObject([{ level: 'module', outcome: 'passed' }]);
    const path = `/api/v2/validation/component/${plan.masterplanId}`;
    const [folder] = reportsOf(await api.call('POST', path, { folder: 'shop' }));
    expect(checkOf(folder, 'interfaces')).toBe('failed');
    const { rows } = await harness.database.pool.query<{ id: string }>(
      `select t.milestone_id as id from masterplan_tasks t where t.masterplan_id = $1 and t.file_path = 'shop/area.py'`,
      [plan.masterplanId],
    );
    const [milestone] = reportsOf(await api.call('POST', path, { milestone_id: rows[0]?.id }));
    expect(milestone).toMatchObject({ scope: `milestone:${rows[0]?.id}` });
    expect(checkOf(milestone, 'interfaces')).toBe('failed');
  });

  it('says of level 4 what did not run', async () => {
    const answer = await api.call('POST', `/api/v2/validation/system/${plan.masterplanId}`);
    expect(reportsOf(answer)).toMatchObject([{ level: 'system', scope: '.', outcome: 'not_run', score: null }]);
  });

  it('answers 202 to who does not wait, with the way to the result', async () => {
    const response = await fetch(`${api.base}/api/v2/validation/atom/${plan.ids['shapes']}`, {
      method: 'POST',
      headers: { authorization: await api.authorization(), prefer: 'respond-async' },
    });
    expect(response.status).toBe(202);
    const job = (await response.json()) as Record<string, string>;
    expect(job).toMatchObject({ kind: 'validate' });
    const location = response.headers.get('location') ?? '';
    const done = await harness.untilJob(job['job_id'] ?? '');
    expect(done.status).toBe('completed');
    const read = await api.call('GET', location);
    const result = await api.call('GET', String(read.body['result_url']));
    expect((result.body['data'] as unknown[]).length).toBeGreaterThan(3);
  });

  it.each([
    ['an atom that is not there', `atom/${UNKNOWN}`, undefined, 404, 'NOT_FOUND'],
    ['a file that is not there', 'module/PLAN', { file_path: 'shop/none.py' }, 404, 'NOT_FOUND'],
    ['a folder without files', 'component/PLAN', { folder: 'none' }, 404, 'NOT_FOUND'],
    ['neither folder nor milestone', 'component/PLAN', {}, 400, 'VALIDATION_FAILED'],
    ['folder and milestone', 'component/PLAN', { folder: 'shop', milestone_id: UNKNOWN }, 400, 'VALIDATION_FAILED'],
    ['an unknown field', 'module/PLAN', { file_path: 'a.py', level: 1 }, 400, 'VALIDATION_FAILED'],
    ['atoms of others', 'batch', { masterplan_id: 'PLAN', atom_ids: [UNKNOWN] }, 400, 'VALIDATION_FAILED'],
  ])('refuses %s', async (_what, path, body, status, code) => {
    const named = (text: string) => text.replace('PLAN', plan.masterplanId);
    const sent = body === undefined ? undefined : (JSON.parse(named(JSON.stringify(body))) as unknown);
    expect(await api.call('POST', `/api/v2/validation/${named(path)}`, sent)).toMatchObject({ status, body: { code } });
  });

  it('does not exist for others, not even for reviewers', async () => {
    for (const as of [{ subject: 'somebody else' }, { subject: 'rita', role: 'reviewer' as const }])
      for (const path of [`atom/${plan.ids['shapes']}`, `system/${plan.masterplanId}`])
        expect(await api.call('POST', `/api/v2/validation/${path}`, undefined, as)).toMatchObject({
          status: 404,
          body: { code: 'NOT_FOUND' },
        });
  });

  it('is refused before there are atoms', async () => {
    const empty = await harness.plan({ waves: [], edges: [] });
    expect(await api.call('POST', `/api/v2/validation/system/${empty.masterplanId}`)).toMatchObject({
      status: 409,
      body: { code: 'NOT_DECOMPOSED' },
    });
  });
});

describe('a validation that is asked for twice', () => {
  afterEach(() => harness.stopWorkers());

  it('is one job while it is under way, and another target is another job', async () => {
    await harness.stopWorkers();
    const { masterplanId } = plan;
    const submit = (filePath: string) =>
      submitStage(harness.deps, { masterplanId, kind: 'validate', target: { level: 'module', filePath } });
    const first = await submit('shop/area.py');
    expect(await submit('shop/area.py')).toEqual(first);
    const other = await submit('shop/shapes.py');
    expect(other).not.toEqual(first);
    await harness.worker({ validation: wordValidation });
    await harness.untilJob(first.jobId);
    await harness.untilJob(other.jobId);
    expect(await submit('shop/area.py')).not.toEqual(first);
  });

  it('stores its checks once when its job is delivered again', async () => {
    const { masterplanId } = plan;
    const { jobId } = await submitStage(harness.deps, { masterplanId, kind: 'validate', target: { level: 'system' } });
    await harness.worker({ validation: wordValidation });
    await harness.untilJob(jobId);
    const { pool } = harness.database;
    // As if its worker had died between storing the checks and ending the job.
    await pool.query(
      `update stage_jobs set status = 'running', lease_until = now() - interval '1 s' where job_id = $1`,
      [jobId],
    );
    await harness.untilJob(jobId);
    const { rows } = await pool.query(`select 1 from validation_results where error_details->>'job_id' = $1`, [jobId]);
    expect(rows).toHaveLength(1);
  });
});
