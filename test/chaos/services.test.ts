import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/db/index.ts';
import type { Queues } from '../../src/adapters/queue/index.ts';
import { awaitStage, submitStage, type StageHandler, type WorkerDeps } from '../../src/execution/index.ts';
import { wordValidation } from '../integration/execution/fakes.ts';
import { doorTo } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait-for.ts';
import { Chaos, layered } from './chaos-harness.ts';

let chaos: Chaos;
beforeEach(async () => {
  chaos = await Chaos.open();
});
afterEach(() => chaos.close());

/** The url with the door's port instead of the server's. */
function through(url: string, port: number): string {
  const changed = new URL(url);
  changed.host = `127.0.0.1:${port}`;
  return changed.href;
}

const portOf = (url: string, fallback: number) => Number(new URL(url).port || fallback);

/** Checks that take a while, and how often each file was checked. */
function slowly(ms = 15) {
  const runs = new Map<string, number>();
  const validation: WorkerDeps['validation'] = {
    ...wordValidation,
    validateAtom: async (input) => {
      runs.set(input.path, (runs.get(input.path) ?? 0) + 1);
      await new Promise((resolve) => setTimeout(resolve, ms));
      return wordValidation.validateAtom(input);
    },
  };
  return { validation, runs, slots: 4 };
}

/** Queues that deliver everything five times. */
function fivefold(queues: Queues): Queues {
  const five = <T>(items: readonly T[]) => items.flatMap((item) => Array.from({ length: 5 }, () => item));
  return {
    ...queues,
    ringAtoms: (bells) => queues.ringAtoms(five(bells)),
    announceStages: (tickets) => queues.announceStages(five(tickets)),
  };
}

describe('losing every key of Redis', () => {
  it('again and again in the middle of a run loses no atom', async () => {
    const { harness } = chaos;
    const plan = await harness.plan(layered(6, 5));
    await harness.worker(slowly());
    await harness.start(plan);
    for (const at of [3, 11, 21]) {
      await waitFor(async () => (await chaos.accepted(plan)) >= at, { intervalMs: 5 });
      await chaos.flush();
    }
    await harness.until(plan, 'completed');
    await chaos.expectExactlyOnce(plan);
  });
});

describe('Redis out of reach', () => {
  it('does not stop a run that is under way, and the run ends when Redis is back', async () => {
    const { harness } = chaos;
    const door = await doorTo('127.0.0.1', portOf(harness.redis.url, 6379));
    const plan = await harness.plan(layered(6, 5));
    await harness.worker({ ...slowly(), queues: harness.queues(through(harness.redis.url, door.port)) });
    await harness.start(plan);
    await waitFor(async () => (await chaos.accepted(plan)) >= 6, { intervalMs: 5 });
    door.shut();
    await waitFor(async () => (await chaos.accepted(plan)) === 30);
    expect((await harness.status(plan)).status).toBe('running');
    door.open();
    await harness.until(plan, 'completed');
    await chaos.expectExactlyOnce(plan);
    await harness.stopWorkers();
    await door.close();
  });
});

describe('Postgres out of reach', () => {
  it('for a moment loses no result: the worker stores them when it is back', async () => {
    const { harness } = chaos;
    const door = await doorTo('127.0.0.1', portOf(harness.database.url, 5432));
    const far = openDatabase({ url: through(harness.database.url, door.port), max: 6, onIdleError: () => undefined });
    const plan = await harness.plan(layered(6, 5));
    const work = slowly(30);
    await harness.worker({ ...work, db: far.db, pool: far.pool, timings: { leaseMs: 10_000 } });
    await harness.start(plan);
    await waitFor(async () => (await chaos.accepted(plan)) >= 8, { intervalMs: 5 });
    door.shut();
    // What was under way ends, and cannot be stored.
    const begun = () => [...work.runs.values()].reduce((sum, n) => sum + n, 0);
    await waitFor(async () => begun() >= (await chaos.accepted(plan)));
    const stored = await chaos.accepted(plan);
    expect(stored).toBeLessThan(30);
    door.open();
    await harness.until(plan, 'completed');
    await chaos.expectExactlyOnce(plan);
    expect([...work.runs.values()].filter((n) => n > 1)).toEqual([]);
    await harness.stopWorkers();
    await far.close();
    await door.close();
  });
});

describe('every job delivered many times', () => {
  it('runs no atom and no stage twice', async () => {
    const { harness } = chaos;
    const work = slowly();
    const ended: string[] = [];
    const decompose: StageHandler = async (masterplanId) => {
      ended.push(masterplanId);
      await new Promise((resolve) => setTimeout(resolve, 30));
      return { done: true };
    };
    let systems = 0;
    const validation: WorkerDeps['validation'] = {
      ...work.validation,
      validateSystem: async (...input) => {
        systems += 1;
        await new Promise((resolve) => setTimeout(resolve, 30));
        return wordValidation.validateSystem(...input);
      },
    };
    const stages = { decompose, build_graph: decompose };
    for (let i = 0; i < 2; i += 1)
      await harness.worker({ ...work, validation, stages, queues: fivefold(harness.queues()) });
    const plan = await harness.plan(layered(6, 5));
    await harness.database.pool.query(
      `update masterplans set plan_notes = plan_notes || '{"checks":[{"name":"x","kind":"python","directory":"."}]}' where masterplan_id = $1`,
      [plan.masterplanId],
    );
    const { jobId } = await submitStage(harness.deps, { masterplanId: plan.masterplanId, kind: 'decompose' });
    expect((await awaitStage(harness.deps, jobId, 10_000)).status).toBe('completed');
    await harness.start(plan);
    await harness.until(plan, 'completed');
    await chaos.expectExactlyOnce(plan);
    expect([...work.runs.values()]).toEqual(Array.from({ length: 30 }, () => 1));
    expect(ended).toEqual([plan.masterplanId]);
    expect(systems).toBe(1);
  });

  it('as bells that nobody waits for runs no atom twice', async () => {
    const { harness } = chaos;
    const plan = await harness.plan(layered(6, 5));
    const work = slowly();
    await harness.worker(work);
    await harness.worker(work);
    const { executionId } = await harness.start(plan);
    const queues = harness.queues();
    for (let i = 0; i < 10; i += 1) await queues.ringAtoms(Array.from({ length: 25 }, () => ({ executionId })));
    await harness.until(plan, 'completed');
    await chaos.expectExactlyOnce(plan);
    expect([...work.runs.values()]).toEqual(Array.from({ length: 30 }, () => 1));
  });
});
