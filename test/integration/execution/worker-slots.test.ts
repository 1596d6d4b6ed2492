import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AtomBody, AttemptOutcome } from '../../../src/execution/index.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Harness, type Plan } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.open();
});
afterEach(() => harness.stopWorkers());
afterAll(() => harness.close());

const TEXT = { code: 'x\n', bytes: null, sha256: '0'.repeat(64), provider: 'test', model: null, confidence: 1 };
const ACCEPTED: AttemptOutcome = { kind: 'accepted', text: TEXT, record: null, report: null };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const doorOf = (): [() => void, Promise<void>] => {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return [() => open(), opened];
};
const takes =
  (ms: number): AtomBody =>
  async () => {
    await pause(ms);
    return ACCEPTED;
  };
const wide = (count: number, config: Record<string, unknown> = {}) =>
  harness.plan({
    waves: [Array.from({ length: count }, (_, i) => `w${i}`)],
    edges: [],
    file: () => 'src/one.py',
    config,
  });

/** What is in flight or waits for a worker, by atom. */
async function queueOf(plan: Plan) {
  const { rows } = await harness.database.db.execute<{ state: string; deliveries: number; postponements: number }>(
    sql`select q.state, q.deliveries, q.postponements from atom_queue q join atomic_units a using (atom_id)
        where a.masterplan_id = ${plan.masterplanId}::uuid`,
  );
  return rows;
}

describe('a worker with free slots', () => {
  it('hears of the next wave behind a barrier without a poll', async () => {
    const plan = await harness.plan({
      waves: [['a'], ['b'], ['c'], ['d']],
      edges: [
        ['b', 'a'],
        ['c', 'b'],
        ['d', 'c'],
      ],
    });
    await harness.worker({ body: takes(5), timings: { pollMs: 60_000, reconcileMs: 60_000 } });
    await harness.start(plan, { scheduling: 'barrier' });
    await waitFor(async () => (await harness.status(plan)).atomsSucceeded === 4, { timeoutMs: 8_000 });
  });
});

describe('an atom whose answer is being checked', () => {
  it('leaves its slot to another, as many as there are slots, and counts on against the worker', async () => {
    const plan = await wide(12, { concurrency: 2 });
    const [waiting, checked] = [new Set<string>(), new Set<string>()];
    const most = { waiting: 0, both: 0 };
    const [release, released] = doorOf();
    const body: AtomBody = async ({ atomId }, _signal, answered) => {
      waiting.add(atomId);
      most.waiting = Math.max(most.waiting, waiting.size);
      most.both = Math.max(most.both, waiting.size + checked.size);
      await pause(5);
      waiting.delete(atomId);
      checked.add(atomId);
      answered();
      // The third and fourth can only begin because the first two have left their slots.
      if (checked.size >= 2 && most.both >= 4) release();
      await released;
      checked.delete(atomId);
      return ACCEPTED;
    };
    await harness.worker({ body, slots: 2, timings: { pollMs: 60_000, reconcileMs: 60_000 } });
    await harness.start(plan);
    await harness.until(plan, 'completed');
    expect(most).toEqual({ waiting: 2, both: 4 });
  });
});

describe('a result that the database refuses', () => {
  it('ends its own atom only', async () => {
    const plan = await wide(20);
    const refused = { ...TEXT, sha256: '0'.repeat(65) };
    const body: AtomBody = async ({ atomId }) => {
      await pause(2);
      return atomId === plan.ids['w7'] ? { ...ACCEPTED, text: refused } : ACCEPTED;
    };
    await harness.worker({ body, slots: 4 });
    await harness.start(plan);
    await harness.until(plan, 'partial');
    expect(await harness.status(plan)).toMatchObject({ atomsSucceeded: 19, atomsFailed: 1 });
    expect((await harness.atom(plan, 'w7')).errorMessage).toBe(
      'INTERNAL: the result could not be stored, SQLSTATE 22001',
    );
  });

  it('is not one whose model has a long name: the name is clipped', async () => {
    const plan = await wide(1);
    const long = { ...ACCEPTED, text: { ...TEXT, model: 'm'.repeat(101) } } as const;
    await harness.worker({ body: () => Promise.resolve(long) });
    await harness.start(plan);
    await harness.until(plan, 'completed');
    expect((await harness.atom(plan, 'w0')).acceptedModel).toBe('m'.repeat(100));
  });
});

describe('stopping a worker', () => {
  it('leaves nothing claimed, whatever transaction is under way', async () => {
    for (const delayMs of [0, 8]) {
      const plan = await wide(120);
      const worker = await harness.worker({ body: takes(1), slots: 50, timings: { pollMs: 20 } });
      await harness.start(plan);
      await waitFor(() => worker.counts.transactions > 0, { intervalMs: 1 });
      await pause(delayMs);
      await harness.stopWorkers();
      expect((await queueOf(plan)).filter(({ state }) => state === 'running')).toEqual([]);
      await harness.database.db.execute(sql`update executions set status = 'cancelled', completed_at = now()`);
    }
  });
});

describe('an atom that waited for a slot and is given back', () => {
  it('has neither a delivery more nor its postponements less', async () => {
    const plan = await wide(700, { concurrency: 4 });
    await harness.start(plan);
    await harness.database.db.execute(sql`update atom_queue set deliveries = 1, postponements = 3`);
    const worker = await harness.worker({ body: takes(1), slots: 4 });
    await waitFor(() => worker.counts.accepted > 100, { intervalMs: 1 });
    await harness.stopWorkers();
    const left = await queueOf(plan);
    expect(left.length).toBeGreaterThan(0);
    expect(new Set(left.map((row) => JSON.stringify(row)))).toEqual(
      new Set([JSON.stringify({ state: 'ready', deliveries: 1, postponements: 3 })]),
    );
    await harness.database.db.execute(sql`update executions set status = 'cancelled', completed_at = now()`);
  });
});

describe('a suspect atom', () => {
  it('has its turn while other executions keep the worker busy, and runs alone', async () => {
    const [suspect, busy] = [await wide(1), await wide(120)];
    await harness.start(busy);
    await harness.start(suspect);
    await harness.database.db.execute(
      sql`update atom_queue set deliveries = 2 where atom_id = ${suspect.ids['w0']!}::uuid`,
    );
    const running = new Set<string>();
    const ends: string[] = [];
    let beside = 0;
    const body: AtomBody = async ({ atomId, masterplanId }) => {
      running.add(atomId);
      if (running.has(suspect.ids['w0']!)) beside = Math.max(beside, running.size - 1);
      await pause(20);
      running.delete(atomId);
      ends.push(masterplanId);
      return ACCEPTED;
    };
    await harness.worker({ body, slots: 4, timings: { pollMs: 50 } });
    await Promise.all([harness.until(busy, 'completed'), harness.until(suspect, 'completed')]);
    expect(ends.indexOf(suspect.masterplanId)).toBeLessThan(60);
    expect(beside).toBe(0);
  });
});
