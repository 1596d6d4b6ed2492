import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openQueues } from '../../../src/adapters/queue/index.ts';
import { MgeError } from '../../../src/domain/index.ts';
import { awaitStage, getStageJob, submitStage, type StageHandler } from '../../../src/execution/index.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Harness } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.open();
});
afterEach(() => harness.stopWorkers());
afterAll(() => harness.close());

const plan = () => harness.plan({ waves: [['a']], edges: [] });
const stages = (decompose: StageHandler) => ({ decompose, build_graph: decompose });

describe('a stage job', () => {
  it('is run by a worker, once for two submissions, and gives its result', async () => {
    let runs = 0;
    let go = (): void => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    const { masterplanId } = await plan();
    const first = await submitStage(harness.deps, { masterplanId, kind: 'decompose' });
    const second = await submitStage(harness.deps, { masterplanId, kind: 'decompose' });
    expect(second.jobId).toBe(first.jobId);
    await harness.worker({
      stages: stages(async (id, { onProgress }) => {
        runs += 1;
        onProgress(1, 2);
        await gate;
        return { of: id };
      }),
    });
    await waitFor(() => runs === 1);
    expect(await awaitStage(harness.deps, first.jobId, 50)).toMatchObject({ status: 'running', result: null });
    go();
    expect(await awaitStage(harness.deps, first.jobId, 5_000)).toMatchObject({
      status: 'completed',
      result: { of: masterplanId },
    });
    expect(runs).toBe(1);
    const third = await submitStage(harness.deps, { masterplanId, kind: 'decompose' });
    expect(third.jobId).not.toBe(first.jobId);
  });

  it('keeps the code of what the stage refused', async () => {
    await harness.worker({ stages: stages(() => Promise.reject(new MgeError('NOT_DECOMPOSED', 'decompose first'))) });
    const { masterplanId } = await plan();
    const { jobId } = await submitStage(harness.deps, { masterplanId, kind: 'build_graph' });
    const job = await awaitStage(harness.deps, jobId, 5_000);
    expect(job).toMatchObject({ status: 'failed', error: { code: 'NOT_DECOMPOSED', message: 'decompose first' } });
  });

  it('is taken over from a worker that died', async () => {
    const { masterplanId } = await plan();
    const { jobId } = await submitStage(harness.deps, { masterplanId, kind: 'decompose' });
    await harness.database.db.execute(sql`
      update stage_jobs set status = 'running', attempts = 1, claim_token = gen_random_uuid(), lease_until = now() - interval '1 second'
      where job_id = ${jobId}::uuid`);
    await harness.worker({ stages: stages(() => Promise.resolve({ done: true })) });
    expect(await awaitStage(harness.deps, jobId, 10_000)).toMatchObject({ status: 'completed' });
  });

  it('that ends every worker goes to the dead letters', async () => {
    const { masterplanId } = await plan();
    const { jobId } = await submitStage(harness.deps, { masterplanId, kind: 'decompose' });
    const { db } = harness.database;
    await db.execute(sql`
      update stage_jobs set status = 'running', attempts = 5, claim_token = gen_random_uuid(), lease_until = now() - interval '1 second'
      where job_id = ${jobId}::uuid`);
    await harness.worker();
    expect(await awaitStage(harness.deps, jobId, 10_000)).toMatchObject({
      status: 'failed',
      error: { code: 'INTERNAL' },
    });
    const letters = await db.execute(
      sql`select queue_name, attempts from m10_recovery.dead_letter_archive where msg_id = ${`stage:${jobId}`}`,
    );
    expect(letters.rows).toEqual([{ queue_name: 'stages', attempts: 5 }]);
  });

  it('of an unknown plan or id is refused', async () => {
    const unknown = '00000000-0000-7000-8000-000000000000';
    await expect(submitStage(harness.deps, { masterplanId: unknown, kind: 'decompose' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(getStageJob(harness.deps, unknown)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('queues without Redis', () => {
  it('say so within their deadline instead of hanging', async () => {
    const queues = openQueues({ url: 'redis://127.0.0.1:1', onError: () => undefined, deadlineMs: 300 });
    const started = performance.now();
    expect(await queues.available()).toBe(false);
    await expect(queues.ringAtoms([{ executionId: 'x' }])).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
    await expect(queues.depth()).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
    expect(performance.now() - started).toBeLessThan(2_000);
    await queues.close();
  });

  it('answer when it is there', async () => {
    const queues = harness.queues();
    expect(await queues.available()).toBe(true);
    await queues.announceStages([{ jobId: 'not-there' }]);
    expect((await queues.depth()).find((d) => d.queue === 'stages')).toMatchObject({ waiting: 1 });
    await queues.drain();
    expect((await queues.depth()).find((d) => d.queue === 'stages')).toMatchObject({ waiting: 0 });
  });
});
