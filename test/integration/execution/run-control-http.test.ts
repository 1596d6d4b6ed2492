import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { detectSandbox, type SandboxResult } from '../../../src/adapters/sandbox/index.ts';
import { createLogger } from '../../../src/adapters/telemetry/logger.ts';
import { MgeError } from '../../../src/domain/index.ts';
import { submitStage, type StageHandler } from '../../../src/execution/index.ts';
import { goodReply } from '../../support/model-answers.ts';
import { waitFor } from '../../support/wait-for.ts';
import { ModelRun, planId } from '../llm/model-run.ts';
import { wordValidation } from './fakes.ts';
import { openHttp, type HttpApi } from './http.ts';
import { Harness, scriptedProvider, type Plan } from './harness.ts';

let harness: Harness;
let api: HttpApi;
beforeAll(async () => {
  harness = await Harness.open();
  api = await openHttp(harness);
});
afterEach(() => harness.stopWorkers());
afterAll(async () => {
  await api.close();
  await harness.close();
});

const start = (plan: Plan, more: Record<string, unknown> = {}) =>
  api.call('POST', '/api/v2/execution/start', { masterplan_id: plan.masterplanId, ...more });
const statusOf = async (plan: Plan) => (await api.call('GET', `/api/v2/execution/status/${plan.masterplanId}`)).body;
const until = (plan: Plan, status: string) =>
  waitFor(
    async () => {
      const body = await statusOf(plan);
      return body['status'] === status ? body : null;
    },
    { timeoutMs: 20_000, what: `status ${status}` },
  );

const chainOf = (names: string[]) => ({
  waves: names.map((name) => [name]),
  edges: names.slice(1).map((name, i) => [name, names[i]!] as const),
});

describe('cancelling a masterplan', () => {
  it('ends the calls of models on every worker, keeps what was accepted, and leaves no money set aside', async () => {
    const hangs = new Set(['h']);
    const run = await ModelRun.open(harness, {
      reply: (call) => (hangs.has('h') && call.user.includes('slow') ? { silentMs: 60_000 } : goodReply(call)),
    });
    const slow = Array.from({ length: 12 }, (_, n) => `slow${n}`);
    const plan = await harness.plan({
      waves: [['quick'], slow],
      edges: slow.map((name) => [name, 'quick'] as const),
      draft: (name) => (name === 'quick' ? 'quick = 1\n' : `${name} = "BROKEN"\n`),
      config: { provider: 'openai' },
    });
    await run.worker({ slots: 6 });
    await run.worker({ slots: 6 });
    expect((await start(plan)).status).toBe(202);
    await waitFor(() => run.server.count('pending') === 12, { timeoutMs: 20_000, what: 'calls of both workers' });
    const cancelled = await api.call('POST', `/api/v2/masterplans/${plan.masterplanId}/cancel`, {
      reason: 'wrong plan',
    });
    expect(cancelled.status).toBe(200);
    expect(cancelled.body).toMatchObject({ masterplan_id: plan.masterplanId, stages: [] });
    await waitFor(() => run.server.count('hung_up') === 12, { timeoutMs: 3_000, what: 'the calls being hung up' });
    expect(await statusOf(plan)).toMatchObject({
      status: 'cancelled',
      paused_reason: 'wrong plan',
      atoms_succeeded: 1,
    });
    await waitFor(async () => (await run.ledger(plan.masterplanId)).every((entry) => entry.status !== 'reserved'));
    const again = await api.call('POST', `/api/v2/masterplans/${plan.masterplanId}/cancel`);
    expect(again).toMatchObject({ status: 200, body: { execution_id: null, stages: [] } });
    // It can be started anew: what was accepted is not made again.
    hangs.clear();
    const calls = run.server.calls.length;
    expect((await start(plan)).status).toBe(202);
    await until(plan, 'completed');
    expect(run.server.calls.length - calls).toBe(12);
    await run.close();
  });

  it('ends a stage that runs, and one that waits, and says so to who waits for them', async () => {
    let ended = '';
    const hanging: StageHandler = (_id, { signal }) =>
      new Promise((_resolve, reject) => {
        ended = 'began';
        signal.addEventListener('abort', () => {
          ended = 'aborted';
          reject(new MgeError('INTERNAL', 'aborted'));
        });
      });
    await harness.worker({ stages: { decompose: hanging, build_graph: hanging } });
    const plan = await harness.plan(chainOf(['a']));
    const waits = api.call('POST', '/api/v2/atomization/decompose', { masterplan_id: plan.masterplanId });
    await waitFor(() => ended === 'began');
    const cancelled = await api.call('POST', `/api/v2/masterplans/${plan.masterplanId}/cancel`);
    expect(cancelled).toMatchObject({ status: 200, body: { stages: ['decompose'], execution_id: null } });
    await waitFor(() => ended === 'aborted', { timeoutMs: 3_000, what: 'the stage being ended' });
    expect(await waits).toMatchObject({ status: 409, body: { code: 'CANCELLED' } });
    const read = await api.call('GET', `/api/v2/masterplans/${plan.masterplanId}`);
    expect(read.body).toMatchObject({ status: 'cancelled' });
    // Nobody picks it up again.
    const { rows } = await harness.database.pool.query('select status from stage_jobs where masterplan_id = $1', [
      plan.masterplanId,
    ]);
    expect(rows).toEqual([{ status: 'failed' }]);
  });

  it('leaves stages of other masterplans alone', async () => {
    let aborted = 0;
    const open: (() => void)[] = [];
    const waiting: StageHandler = (_id, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => (aborted += 1));
        open.push(() => resolve({ done: true }));
      });
    await harness.worker({ stages: { decompose: waiting, build_graph: waiting } });
    const [mine, other] = [await harness.plan(chainOf(['a'])), await harness.plan(chainOf(['a']))];
    for (const plan of [mine, other])
      await submitStage(harness.deps, { masterplanId: planId(plan.masterplanId), kind: 'decompose' });
    await waitFor(() => open.length === 2);
    await api.call('POST', `/api/v2/masterplans/${mine.masterplanId}/cancel`);
    await waitFor(() => aborted === 1);
    for (const go of open) go();
    const job = await waitFor(async () => {
      const { rows } = await harness.database.pool.query<{ status: string }>(
        `select status from stage_jobs where masterplan_id = $1 and status <> 'running'`,
        [other.masterplanId],
      );
      return rows[0];
    });
    expect(job.status).toBe('completed');
    expect(aborted).toBe(1);
  });

  it('is refused when its run has ended, and for others it does not exist', async () => {
    await harness.worker();
    const plan = await harness.plan(chainOf(['a']));
    await start(plan);
    await until(plan, 'completed');
    const cancel = (as = {}) => api.call('POST', `/api/v2/masterplans/${plan.masterplanId}/cancel`, undefined, as);
    expect(await cancel()).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    expect(await cancel({ subject: 'stranger' })).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  });
});

const sandbox = await detectSandbox(createLogger('silent'));

describe.skipIf(!sandbox.confined)('cancelling an execution in its closing checks', () => {
  it('ends the program that runs in the sandbox', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'mge-cancel-'));
    let began = false;
    let result: SandboxResult | null = null;
    await harness.worker({
      validation: {
        ...wordValidation,
        validateSystem: async (_project, signal) => {
          began = true;
          const spec = { argv: ['sleep', '600'], directory, timeoutMs: 120_000, memoryMb: 256 };
          result = await sandbox.run({ ...spec, ...(signal ? { signal } : {}) });
          throw new Error('the checks were ended');
        },
      },
    });
    const plan = await harness.plan(chainOf(['a']));
    await harness.database.pool.query(
      `update masterplans set plan_notes = plan_notes || '{"checks":[{"name":"x","kind":"python","directory":"."}]}' where masterplan_id = $1`,
      [plan.masterplanId],
    );
    await start(plan);
    await waitFor(() => began, { timeoutMs: 20_000, what: 'the closing checks' });
    expect((await api.call('POST', `/api/v2/execution/cancel/${plan.masterplanId}`)).body['status']).toBe('cancelled');
    const ended = await waitFor(() => result, { timeoutMs: 5_000, what: 'the program being ended' });
    expect(ended.stoppedBy).toBe('aborted');
    expect(await statusOf(plan)).toMatchObject({ status: 'cancelled' });
    rmSync(directory, { recursive: true, force: true });
  });
});

describe('running again from the failure', () => {
  it('says beforehand what is reused, what runs again and what it may cost, changes nothing by that, and then does it', async () => {
    let broken = true;
    let answers = 0;
    const provider = scriptedProvider(
      ({ atom }) => (broken && atom.name === 'b' ? `BROKEN ${(answers += 1)}\n` : `${atom.name} = 2\n`),
      0.4,
    );
    await harness.worker({ provider });
    // a needs a call, b fails at each of four attempts (three calls), c and d wait for it, e passes with its draft.
    const plan = await harness.plan({
      waves: [['a', 'b', 'e'], ['c'], ['d']],
      edges: [
        ['c', 'b'],
        ['d', 'c'],
      ],
      draft: (name) => (name === 'a' || name === 'b' ? `${name} = BROKEN\n` : `${name} = 1\n`),
      config: { budget_usd: 2 },
    });
    await start(plan);
    await until(plan, 'partial');
    const path = `/api/v2/execution/rerun/${plan.masterplanId}`;
    const before = await harness.states(plan);
    const preview = await api.call('POST', path, { dry_run: true });
    expect(preview.status).toBe(200);
    expect(preview.body).toMatchObject({
      dry_run: true,
      reused: { atoms: 2, files: 2, cost_usd: 0.2 },
      again: {
        atoms: 3,
        failed: 1,
        blocked: 2,
        skipped: 0,
        pending: 0,
        waves: [
          { wave_number: 1, atoms: 1 },
          { wave_number: 2, atoms: 1 },
          { wave_number: 3, atoms: 1 },
        ],
        first: [{ name: 'b', status: 'failed', attempts: 4 }, { name: 'c' }, { name: 'd' }],
      },
      // Two accepted atoms took one call: half a call for c and d each, one for b. Each call cost 0.20.
      cost: { expected_calls: 2, expected_usd: 0.4, basis: 'provider', budget_usd: 2, used_usd: 0.8, fits: true },
    });
    expect(await harness.states(plan)).toEqual(before);
    expect((await statusOf(plan))['status']).toBe('partial');

    broken = false;
    const made = provider.requests.length;
    const rerun = await api.call('POST', path);
    expect(rerun.status).toBe(202);
    expect(rerun.headers.get('location')).toBe(`/api/v2/execution/status/${plan.masterplanId}`);
    expect(rerun.body).toMatchObject({ dry_run: false, again: { atoms: 3 } });
    const ended = await until(plan, 'completed');
    expect(ended).toMatchObject({ atoms_succeeded: 5, atoms_failed: 0 });
    // Only b was made again; a kept what it had.
    expect(provider.requests.slice(made).map((request) => request.atom.name)).toEqual(['b']);
    expect(await api.call('POST', path, { dry_run: true })).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
  });

  it('is refused while the run goes on', async () => {
    const plan = await harness.plan(chainOf(['a']));
    await start(plan);
    const answer = await api.call('POST', `/api/v2/execution/rerun/${plan.masterplanId}`, { dry_run: true });
    expect(answer).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    await api.call('POST', `/api/v2/execution/cancel/${plan.masterplanId}`);
  });
});

describe('steering over HTTP', () => {
  it('max_waves goes on where the last start ended', async () => {
    await harness.worker();
    const plan = await harness.plan(chainOf(['a', 'b', 'c', 'd']));
    expect((await start(plan, { max_waves: 1 })).body).toMatchObject({ wave_limit: 1 });
    expect(await until(plan, 'waiting')).toMatchObject({ atoms_succeeded: 1 });
    const first = (await statusOf(plan))['execution_id'];
    expect((await start(plan, { max_waves: 2 })).body).toMatchObject({ wave_limit: 3, execution_id: first });
    expect(await until(plan, 'waiting')).toMatchObject({ atoms_succeeded: 3, wave_limit: 3 });
    expect((await start(plan)).body).toMatchObject({ wave_limit: null, execution_id: first });
    await until(plan, 'completed');
  });

  it('tries one atom again, and all failed ones', async () => {
    let broken = true;
    let answers = 0;
    const provider = scriptedProvider(({ atom }) => (broken ? `BROKEN ${(answers += 1)}\n` : `${atom.name} = 2\n`));
    await harness.worker({ provider });
    const plan = await harness.plan({
      waves: [['a', 'b', 'c']],
      edges: [],
      draft: (name) => (name === 'c' ? 'c = 1\n' : 'BROKEN\n'),
    });
    await start(plan);
    await until(plan, 'partial');
    broken = false;
    expect((await api.call('POST', `/api/v2/execution/retry/${plan.ids['a']}`)).status).toBe(202);
    await waitFor(async () => (await harness.states(plan))['a'] === 'completed');
    await until(plan, 'partial');
    expect(await harness.states(plan)).toEqual({ a: 'completed', b: 'failed', c: 'completed' });
    expect((await api.call('POST', `/api/v2/execution/retry-failed/${plan.masterplanId}`)).status).toBe(202);
    await until(plan, 'completed');
    expect(await api.call('POST', `/api/v2/execution/retry-failed/${plan.masterplanId}`)).toMatchObject({
      status: 409,
    });
  });

  it('shows what bounds the runs of the caller, and of everybody to an admin', async () => {
    const plan = await harness.plan(chainOf(['a']));
    await start(plan, { concurrency: 7 });
    const mine = await api.call('GET', '/api/v2/execution/concurrency');
    expect(mine.status).toBe(200);
    expect(mine.body).toMatchObject({
      default_concurrency: 100,
      runs: [{ masterplan_id: plan.masterplanId, concurrency: 7, status: 'running', running: 0, ready: 1 }],
    });
    const other = await api.call('GET', '/api/v2/execution/concurrency', undefined, { subject: 'stranger' });
    expect(other.body['runs']).toEqual([]);
    const admin = await api.call('GET', '/api/v2/execution/concurrency', undefined, { subject: 'root', role: 'admin' });
    expect(admin.body['runs']).toHaveLength(1);
    await api.call('POST', `/api/v2/execution/cancel/${plan.masterplanId}`);
  });
});

describe('the hard cap', () => {
  it('is overridden by an admin only, with an audit entry, and the run it paused goes on', async () => {
    const provider = scriptedProvider((request) => `${request.atom.name} = 2\n`, 0.4);
    await harness.worker({ provider });
    const plan = await harness.plan({
      ...chainOf(['a', 'b', 'c']),
      draft: (name) => `${name} = BROKEN\n`,
      config: { budget_usd: 0.7 },
    });
    await start(plan);
    await until(plan, 'paused');
    const path = `/api/v2/admin/budgets/${plan.masterplanId}`;
    const body = { budget_usd: 5, reason: 'the customer pays more', resume: true };
    expect(await api.call('PUT', path, body)).toMatchObject({ status: 403 });
    const root = { subject: 'root', role: 'admin' } as const;
    expect(await api.call('PUT', path, { budget_usd: 5 }, root)).toMatchObject({ status: 400 });
    expect(await api.call('PUT', path, { ...body, budget_usd: -1 }, root)).toMatchObject({ status: 400 });
    const done = await api.call('PUT', path, body, root);
    expect(done.status).toBe(200);
    expect(done.body).toMatchObject({
      previous_usd: 0.7,
      budget_usd: 5,
      used_usd: 0.4,
      left_usd: 4.6,
      execution_status: 'running',
      resumed: true,
    });
    expect(await until(plan, 'completed')).toMatchObject({ total_cost_usd: 0.6 });
    const audit = await api.call('GET', '/api/v2/admin/audit', undefined, root);
    expect((audit.body['data'] as Record<string, unknown>[])[0]).toMatchObject({
      actor: 'root',
      action: 'budget.override',
      subject: `masterplan:${plan.masterplanId}`,
      details: { from_usd: 0.7, to_usd: 5, used_usd: 0.4, reason: 'the customer pays more', resumed: true },
    });
  });

  it('does not wake a run that a person paused, and leaves no audit entry for a plan that is not there', async () => {
    const plan = await harness.plan(chainOf(['a']));
    await start(plan);
    await api.call('POST', `/api/v2/execution/pause/${plan.masterplanId}`);
    const root = { subject: 'root', role: 'admin' } as const;
    const body = { budget_usd: 9, reason: 'more money', resume: true };
    const done = await api.call('PUT', `/api/v2/admin/budgets/${plan.masterplanId}`, body, root);
    expect(done.body).toMatchObject({ execution_status: 'paused', resumed: false });
    const count = async () =>
      Number((await harness.database.pool.query<{ n: string }>('select count(*) as n from audit_log')).rows[0]!.n);
    const before = await count();
    const unknown = '00000000-0000-7000-8000-000000000000';
    expect(await api.call('PUT', `/api/v2/admin/budgets/${unknown}`, body, root)).toMatchObject({ status: 404 });
    expect(await count()).toBe(before);
    await api.call('POST', `/api/v2/execution/cancel/${plan.masterplanId}`);
  });
});
