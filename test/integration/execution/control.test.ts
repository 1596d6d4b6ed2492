import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AtomBody } from '../../../src/execution/index.ts';
import {
  cancelExecution,
  exportArtifact,
  pauseExecution,
  resumeExecution,
  retryAtom,
  retryFailed,
} from '../../../src/execution/index.ts';
import { setMaintenance } from '../../../src/db/queries/set-maintenance.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Harness, scriptedProvider, type Plan } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.open();
});
afterEach(() => harness.stopWorkers());
afterAll(() => harness.close());

const ACCEPTED = { code: 'x\n', bytes: null, sha256: '0'.repeat(64), provider: 'test', model: null, confidence: 1 };

/** A body whose atoms wait until they are let go. */
function gatedBody() {
  const waiting: (() => void)[] = [];
  const seen: string[] = [];
  let open = false;
  const body: AtomBody = async (atom, signal) => {
    seen.push(atom.filePath);
    if (!open)
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        signal.addEventListener('abort', () => resolve());
      });
    return signal.aborted ? { kind: 'released' } : { kind: 'accepted', text: ACCEPTED, record: null, report: null };
  };
  return {
    body,
    seen,
    open: () => {
      open = true;
      for (const go of waiting.splice(0)) go();
    },
  };
}

const chain = () =>
  harness.plan({
    waves: [['a'], ['b'], ['c']],
    edges: [
      ['b', 'a'],
      ['c', 'b'],
    ],
  });
const by = (plan: Plan) => ({ masterplanId: plan.masterplanId, by: 'test' });

describe('pause and resume', () => {
  it('lets what runs finish, starts nothing new, and goes on after resume', async () => {
    const gate = gatedBody();
    await harness.worker({ body: gate.body });
    const plan = await chain();
    await harness.start(plan);
    await waitFor(() => gate.seen.length === 1);
    const paused = await pauseExecution(harness.deps, { ...by(plan), reason: 'lunch' });
    expect(paused).toMatchObject({ status: 'paused', pausedReason: 'lunch' });
    gate.open();
    await waitFor(async () => (await harness.states(plan))['a'] === 'completed');
    expect(await harness.states(plan)).toEqual({ a: 'completed', b: 'ready', c: 'pending' });
    expect(gate.seen).toHaveLength(1);
    expect((await pauseExecution(harness.deps, by(plan))).pausedReason).toBe('lunch');
    await resumeExecution(harness.deps, by(plan));
    await harness.until(plan, 'completed');
    await expect(resumeExecution(harness.deps, by(plan))).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('cancel', () => {
  it('signals what runs, drops its result and starts nothing more', async () => {
    const gate = gatedBody();
    const worker = await harness.worker({ body: gate.body });
    const plan = await chain();
    await harness.start(plan);
    await waitFor(() => gate.seen.length === 1);
    const cancelled = await cancelExecution(harness.deps, by(plan));
    expect(cancelled).toMatchObject({ status: 'cancelled', atomsRunning: 0 });
    await waitFor(() => worker.counts.stale === 1, { what: 'the dropped result' });
    expect(await harness.states(plan)).toEqual({ a: 'pending', b: 'pending', c: 'pending' });
    gate.open();
    const again = await harness.start(plan);
    expect(again.executionId).not.toBe(cancelled.executionId);
    await harness.until(plan, 'completed');
  });
});

describe('retry', () => {
  it('tries failed atoms again and frees what they blocked', async () => {
    let broken = true;
    let calls = 0;
    const provider = scriptedProvider(() => (broken ? `BROKEN ${(calls += 1)}\n` : 'a = 2\n'));
    await harness.worker({ provider });
    const plan = await harness.plan({
      waves: [['a', 'x'], ['b']],
      edges: [['b', 'a']],
      draft: (name) => (name === 'a' ? 'BROKEN\n' : `${name} = 1\n`),
    });
    await harness.start(plan);
    await harness.until(plan, 'partial');
    expect(await harness.states(plan)).toEqual({ a: 'failed', b: 'blocked', x: 'completed' });
    broken = false;
    await retryFailed(harness.deps, by(plan));
    const ended = await harness.until(plan, 'completed');
    expect(ended.atomsFailed).toBe(0);
    expect((await harness.atom(plan, 'a')).attempts).toBe(5);
    await expect(retryFailed(harness.deps, by(plan))).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('generates one accepted atom anew and keeps the others', async () => {
    const provider = scriptedProvider(() => 'a = 2\n');
    await harness.worker({ provider });
    const plan = await chain();
    await harness.start(plan);
    await harness.until(plan, 'completed');
    const before = await harness.atom(plan, 'b');
    await retryAtom(harness.deps, { ...by(plan), atomId: plan.ids['a']! });
    await harness.until(plan, 'completed');
    expect((await harness.atom(plan, 'a')).acceptedCode).toBe('a = 2\n');
    expect(await harness.atom(plan, 'b')).toMatchObject({
      acceptedCode: before.acceptedCode,
      attempts: before.attempts,
    });
  });
});

describe('the budget', () => {
  it('pauses the run before the call that it does not cover, and goes on when it is raised', async () => {
    const provider = scriptedProvider((request) => `${request.atom.name} = 2\n`, 0.4);
    await harness.worker({ provider });
    const plan = await harness.plan({
      waves: [['a'], ['b'], ['c']],
      edges: [
        ['b', 'a'],
        ['c', 'b'],
      ],
      draft: (name) => `${name} = BROKEN\n`,
      config: { budget_usd: 0.7 },
    });
    await harness.start(plan);
    const paused = await harness.until(plan, 'paused');
    expect(paused.pausedReason).toContain('budget');
    // a and b cost 0.20 each; c might cost 0.40.
    expect(paused.totalCostUsd).toBeCloseTo(0.4, 6);
    expect(provider.requests).toHaveLength(2);
    const { db } = harness.database;
    await db.execute(
      sql`update masterplans set config = config || '{"budget_usd": 5}' where masterplan_id = ${plan.masterplanId}::uuid`,
    );
    await resumeExecution(harness.deps, by(plan));
    const ended = await harness.until(plan, 'completed');
    expect(ended.totalCostUsd).toBeCloseTo(0.6, 6);
  });
});

describe('maintenance', () => {
  it('stops new atoms and lets running ones finish', async () => {
    const gate = gatedBody();
    const worker = await harness.worker({ body: gate.body, timings: { pollMs: 50 } });
    const plan = await chain();
    await harness.start(plan);
    await waitFor(() => gate.seen.length === 1);
    const now = new Date();
    await setMaintenance(harness.database.db, { enabled: true, by: 'test', now });
    await waitFor(() => !worker.isTaking(), { what: 'the worker having seen the switch' });
    const other = await chain();
    await harness.start(other);
    gate.open();
    await waitFor(async () => (await harness.states(plan))['a'] === 'completed');
    // The transaction that accepted `a` would have claimed `b`.
    expect(await harness.states(plan)).toMatchObject({ a: 'completed', b: 'ready' });
    expect(await harness.states(other)).toMatchObject({ a: 'ready' });
    expect(gate.seen).toHaveLength(1);
    await setMaintenance(harness.database.db, { enabled: false, by: 'test', now });
    await harness.until(plan, 'completed');
    await harness.until(other, 'completed');
  });
});

describe('the artifact', () => {
  it('holds every file with its manifest, byte for byte the same for two runs of the same plan', async () => {
    await harness.worker();
    const shape = {
      waves: [['a', 'b'], ['c']],
      edges: [['c', 'a']] as const,
      file: (name: string) => (name === 'c' ? 'src/other.py' : 'src/ab.py'),
      draft: (name: string) => `# ${name}\n${name} = 1\n`,
    };
    const artifacts = [];
    for (let run = 0; run < 2; run += 1) {
      const plan = await harness.plan(shape);
      await harness.start(plan);
      await harness.until(plan, 'completed');
      artifacts.push(await exportArtifact(harness.deps, plan.masterplanId));
    }
    const [one, two] = artifacts;
    expect(one!.files.map((file) => file.path)).toEqual(['src/ab.py', 'src/other.py', 'mge-manifest.json']);
    expect(Buffer.from(one!.files[0]!.bytes).toString()).toBe('# a\na = 1\n# b\nb = 1\n');
    for (const [i, file] of one!.files.entries()) expect(Buffer.compare(file.bytes, two!.files[i]!.bytes)).toBe(0);
    expect(one!.manifest.files[0]!.atoms.map((atom) => [atom.lines, atom.state, atom.provider])).toEqual([
      [[1, 2], 'accepted', 'blueprint'],
      [[3, 4], 'accepted', 'blueprint'],
    ]);
    expect(JSON.stringify(one!.manifest)).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
  });
});
