import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../../src/db/index.ts';
import { getExecutionResults, listExecutionEvents, startExecution } from '../../../src/execution/index.ts';
import type { AtomBody } from '../../../src/execution/index.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Harness, scriptedProvider } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.open();
});
afterEach(() => harness.stopWorkers());
afterAll(() => harness.close());

const DIAMOND = {
  waves: [['a', 'b'], ['c', 'd'], ['e']],
  edges: [
    ['c', 'a'],
    ['d', 'a'],
    ['d', 'b'],
    ['e', 'c'],
    ['e', 'd'],
  ] as const,
};

/** Accepts the draft at once and remembers when each atom began and ended. */
function recordingBody(order: string[]): AtomBody {
  return async (atom) => {
    order.push(`start ${atom.filePath}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    order.push(`end ${atom.filePath}`);
    const text = { code: 'x\n', bytes: null, sha256: '0'.repeat(64), provider: 'test', model: null, confidence: 1 };
    return { kind: 'accepted', text, record: null, report: null };
  };
}

describe('an execution', () => {
  it('accepts every dependency before a dependent starts', async () => {
    const order: string[] = [];
    await harness.worker({ body: recordingBody(order) });
    const plan = await harness.plan(DIAMOND);
    const started = await harness.start(plan);
    expect(started).toMatchObject({ status: 'running', atomsTotal: 5, totalWaves: 3 });
    const ended = await harness.until(plan, 'completed');
    for (const [from, to] of DIAMOND.edges)
      expect(order.indexOf(`end src/${to}.py`)).toBeLessThan(order.indexOf(`start src/${from}.py`));
    expect(order).toHaveLength(10);
    expect(ended).toMatchObject({ atomsSucceeded: 5, atomsFailed: 0, completionPercent: 100, currentWave: 3 });
    expect(ended.waves.map((wave) => wave.status)).toEqual(['completed', 'completed', 'completed']);
    expect(ended.totalTimeSeconds).toBeGreaterThan(0);
  });
});

describe('an execution with the real runner', () => {
  it('takes drafts that pass, asks the provider for those that do not, and stores each attempt', async () => {
    const provider = scriptedProvider(() => 'b = 2\n');
    await harness.worker({ provider });
    const plan = await harness.plan({ ...DIAMOND, draft: (name) => (name === 'b' ? 'b = BROKEN\n' : `${name} = 1\n`) });
    await harness.start(plan);
    const ended = await harness.until(plan, 'completed');
    expect(provider.requests.map((request) => request.atom.name)).toEqual(['b']);
    expect(provider.requests[0]).toMatchObject({ attempt: 2, temperature: 0.5 });
    expect(provider.requests[0]!.findings[0]!.rule).toBe('broken');
    const atom = await harness.atom(plan, 'b');
    expect(atom).toMatchObject({
      acceptedCode: 'b = 2\n',
      acceptedProvider: 'scripted',
      attempts: 2,
      status: 'completed',
    });
    const history = await harness.database.db
      .select()
      .from(schema.atomRetryHistory)
      .where(eq(schema.atomRetryHistory.atomId, atom.atomId))
      .orderBy(schema.atomRetryHistory.attemptNumber);
    expect(history.map((row) => [row.attemptNumber, row.success, row.temperature])).toEqual([
      [1, false, 0.7],
      [2, true, 0.5],
    ]);
    expect(history[0]!.executionResult).toBe('b = BROKEN\n');
    expect(await harness.atom(plan, 'a')).toMatchObject({ acceptedProvider: 'blueprint', attempts: 1 });
    expect(ended.precision).toMatchObject({ provider: 'scripted', validation_pass: { score: 1 } });
  });

  it('blocks the transitive dependents of a failed atom and nobody else', async () => {
    let calls = 0;
    const provider = scriptedProvider(() => `a = BROKEN ${(calls += 1)}\n`);
    await harness.worker({ provider });
    const plan = await harness.plan({
      waves: [
        ['a', 'b'],
        ['c', 'd'],
        ['e', 'f'],
      ],
      edges: [
        ['c', 'a'],
        ['d', 'b'],
        ['e', 'c'],
        ['f', 'd'],
      ],
      draft: (name) => (name === 'a' ? 'a = BROKEN\n' : `${name} = 1\n`),
    });
    await harness.start(plan);
    const ended = await harness.until(plan, 'partial');
    expect(await harness.states(plan)).toEqual({
      a: 'failed',
      b: 'completed',
      c: 'blocked',
      d: 'completed',
      e: 'blocked',
      f: 'completed',
    });
    expect(calls).toBe(3);
    expect(ended).toMatchObject({ atomsFailed: 1, atomsBlocked: 2, atomsSucceeded: 3 });
    expect((await harness.atom(plan, 'a')).errorMessage).toContain('it is broken');
  });

  it('ends an atom whose provider repeats itself, without another call', async () => {
    const provider = scriptedProvider(() => 'a = BROKEN\n');
    await harness.worker({ provider });
    const plan = await harness.plan({ waves: [['a']], edges: [], draft: () => 'a = BROKEN\n' });
    await harness.start(plan);
    await harness.until(plan, 'failed');
    expect(provider.requests).toHaveLength(1);
    expect((await harness.atom(plan, 'a')).errorMessage).toContain('same text');
  });

  it('stops after max_waves and goes on from there', async () => {
    await harness.worker();
    const plan = await harness.plan({
      waves: [['a'], ['b'], ['c'], ['d']],
      edges: [
        ['b', 'a'],
        ['c', 'b'],
        ['d', 'c'],
      ],
    });
    await harness.start(plan, { maxWaves: 1 });
    const first = await harness.until(plan, 'waiting');
    expect(await harness.states(plan)).toEqual({ a: 'completed', b: 'pending', c: 'pending', d: 'pending' });
    expect(first.pausedReason).toContain('wave 1');
    const again = await harness.start(plan, { maxWaves: 2 });
    expect(again.executionId).toBe(first.executionId);
    await harness.until(plan, 'waiting');
    expect(await harness.states(plan)).toEqual({ a: 'completed', b: 'completed', c: 'completed', d: 'pending' });
    await harness.start(plan);
    expect(await harness.until(plan, 'completed')).toMatchObject({ atomsSucceeded: 4 });
  });

  it('orders a run by its waves when asked for a barrier', async () => {
    const order: string[] = [];
    await harness.worker({ body: recordingBody(order) });
    const plan = await harness.plan({
      waves: [
        ['a', 'b'],
        ['c', 'd'],
      ],
      edges: [['c', 'a']],
    });
    await harness.start(plan, { scheduling: 'barrier' });
    await harness.until(plan, 'completed');
    expect(Math.max(order.indexOf('end src/a.py'), order.indexOf('end src/b.py'))).toBeLessThan(
      order.indexOf('start src/c.py'),
    );
  });

  it('keeps its events in order and lists results page by page', async () => {
    await harness.worker();
    const plan = await harness.plan(DIAMOND);
    await harness.start(plan);
    const { executionId } = await harness.until(plan, 'completed');
    const events = await listExecutionEvents(harness.deps, executionId, { afterId: 0, limit: 100 });
    expect(events[0]!.type).toBe('execution.started');
    expect(events.at(-1)!.type).toBe('execution.ended');
    expect(events.filter((e) => e.type === 'wave.completed').map((e) => e.data['wave_number'])).toEqual([1, 2, 3]);
    const accepted = events
      .filter((e) => e.type === 'atom.accepted')
      .flatMap((e) => e.data['atoms'] as { name: string }[]);
    expect(accepted.map((atom) => atom.name).sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
    const page = await getExecutionResults(harness.deps, plan.masterplanId, { limit: 3 });
    expect(page.atoms.map((atom) => atom.name)).toEqual(['a', 'b', 'c']);
    const rest = await getExecutionResults(harness.deps, plan.masterplanId, { limit: 3, cursor: page.nextCursor! });
    expect(rest.atoms.map((atom) => atom.name)).toEqual(['d', 'e']);
    expect(rest.nextCursor).toBeNull();
  });
});

describe('the order of ready atoms', () => {
  it('is the longest chain first, then the plan', async () => {
    const order: string[] = [];
    await harness.worker({ body: recordingBody(order), slots: 1 });
    const chain: Record<string, number> = { a: 1, b: 5, c: 5, d: 9 };
    const plan = await harness.plan({
      waves: [['a', 'b', 'c', 'd']],
      edges: [],
      criticalPath: (name) => chain[name]!,
    });
    await harness.start(plan);
    await harness.until(plan, 'completed');
    const started = order.filter((line) => line.startsWith('start'));
    expect(started).toEqual(['start src/d.py', 'start src/b.py', 'start src/c.py', 'start src/a.py']);
  });
});

describe('the slots of a worker', () => {
  const wide = () => harness.plan({ waves: [Array.from({ length: 24 }, (_, i) => `w${i}`)], edges: [] });

  /** A body that remembers how many ran at once, and for which executions, in order of their end. */
  function countingBody(ms = 10) {
    let running = 0;
    const seen = { most: 0, ends: [] as string[] };
    const body: AtomBody = async (atom) => {
      running += 1;
      seen.most = Math.max(seen.most, running);
      await new Promise((resolve) => setTimeout(resolve, ms));
      running -= 1;
      seen.ends.push(atom.executionId);
      const text = { code: 'x\n', bytes: null, sha256: '0'.repeat(64), provider: 'test', model: null, confidence: 1 };
      return { kind: 'accepted', text, record: null, report: null };
    };
    return { body, seen };
  }

  it('are all used, and never more of them than the execution allows', async () => {
    const { body, seen } = countingBody();
    await harness.worker({ body, slots: 8 });
    const free = await wide();
    await harness.start(free);
    await harness.until(free, 'completed');
    expect(seen.most).toBe(8);
    seen.most = 0;
    const narrow = await wide();
    await harness.start(narrow, { concurrency: 3 });
    await harness.until(narrow, 'completed');
    expect(seen.most).toBe(3);
  });

  it('are shared by executions that run at the same time', async () => {
    const { body, seen } = countingBody();
    const [one, two] = [await wide(), await wide()];
    const first = await harness.start(one);
    const second = await harness.start(two);
    await harness.worker({ body, slots: 4, timings: { pollMs: 10 } });
    await Promise.all([harness.until(one, 'completed'), harness.until(two, 'completed')]);
    const endOf = (id: string) => seen.ends.lastIndexOf(id);
    const beginOf = (id: string) => seen.ends.indexOf(id);
    // Neither waits until the other is through.
    expect(beginOf(second.executionId)).toBeLessThan(endOf(first.executionId));
    expect(beginOf(first.executionId)).toBeLessThan(endOf(second.executionId));
    expect(seen.most).toBe(4);
  });

  it('are shared at once with an execution that comes later, without waiting for a poll', async () => {
    const { body, seen } = countingBody(50);
    const [one, two] = [await wide(), await wide()];
    // The first atoms last until the other execution is there, however long its start takes on a busy machine.
    let begun = 0;
    let release = () => undefined as void;
    const secondIsThere = new Promise<void>((resolve) => (release = resolve));
    const held: AtomBody = async (atom, signal, answered) => {
      begun += 1;
      await secondIsThere;
      return body(atom, signal, answered);
    };
    await harness.worker({ body: held, slots: 2, timings: { pollMs: 60_000, reconcileMs: 60_000 } });
    const first = await harness.start(one);
    await waitFor(() => begun === 2);
    const second = await harness.start(two);
    release();
    await Promise.all([harness.until(one, 'completed'), harness.until(two, 'completed')]);
    expect(seen.ends.indexOf(second.executionId)).toBeLessThan(seen.ends.lastIndexOf(first.executionId));
  });
});

describe('starting', () => {
  it('refuses a second start while running, and names the run', async () => {
    const plan = await harness.plan(DIAMOND);
    const { executionId } = await harness.start(plan);
    await expect(harness.start(plan)).rejects.toMatchObject({
      code: 'EXECUTION_RUNNING',
      details: { execution_id: executionId },
    });
    const both = await Promise.allSettled([harness.start(plan), harness.start(plan)]);
    expect(both.every((result) => result.status === 'rejected')).toBe(true);
  });

  it('lets exactly one of two starts at the same time win', async () => {
    const plan = await harness.plan(DIAMOND);
    const both = await Promise.allSettled([harness.start(plan), harness.start(plan)]);
    expect(both.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('gives a completed run back as it is', async () => {
    await harness.worker();
    const plan = await harness.plan(DIAMOND);
    await harness.start(plan);
    const first = await harness.until(plan, 'completed');
    const again = await harness.start(plan);
    expect(again).toMatchObject({
      executionId: first.executionId,
      status: 'completed',
      completedAt: first.completedAt,
    });
  });

  it('refuses an unknown plan and one without atoms', async () => {
    const unknown = { masterplanId: '00000000-0000-7000-8000-000000000000', startedBy: 'test' };
    await expect(startExecution(harness.deps, unknown)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const plan = await harness.plan({ waves: [], edges: [] });
    await expect(harness.start(plan)).rejects.toMatchObject({ code: 'NOT_DECOMPOSED' });
  });
});
