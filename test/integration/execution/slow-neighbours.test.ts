import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AtomBody } from '../../../src/execution/index.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Harness, type Plan } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.open();
});
afterEach(() => harness.stopWorkers());
afterAll(() => harness.close());

const SLOTS = 4;
const ACCEPTED: Awaited<ReturnType<AtomBody>> = {
  kind: 'accepted',
  text: { code: 'x\n', bytes: null, sha256: '0'.repeat(64), provider: 'test', model: null, confidence: 1 },
  record: null,
  report: null,
};
const names = (count: number) => Array.from({ length: count }, (_, n) => `atom_${n}`);

/** A body that ends at once, but for atoms that `isSlow` names: those end when `release` is called. */
function bodyWith(isSlow: (atomNumber: number) => boolean) {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const starts = new Map<string, number>();
  let [running, most] = [0, 0];
  const body: AtomBody = async (atom) => {
    starts.set(atom.atomId, (starts.get(atom.atomId) ?? 0) + 1);
    running += 1;
    most = Math.max(most, running);
    if (isSlow(atom.atomNumber)) await released;
    else await Promise.resolve();
    running -= 1;
    return ACCEPTED;
  };
  return { body, starts, release: () => release(), mostAtOnce: () => most };
}

async function count(plan: Plan, state: string): Promise<number> {
  return Object.values(await harness.states(plan)).filter((other) => other === state).length;
}

const becomes = (plan: Plan, state: string, wanted: number) =>
  waitFor(async () => (await count(plan, state)) === wanted, { what: `${wanted} atoms being ${state}` });

describe('an atom whose neighbours are slow', () => {
  it('runs in the slot that is left, however many atoms were claimed together', async () => {
    const { body, release, starts, mostAtOnce } = bodyWith((n) => [30, 47, 60].includes(n));
    const plan = await harness.plan({ waves: [names(120)], edges: [] });
    const worker = await harness.worker({ body, slots: SLOTS });
    await harness.start(plan, { concurrency: SLOTS });
    await becomes(plan, 'completed', 117);
    // One by one would have taken thirty: quick atoms were claimed ahead of their slots.
    expect(worker.counts.transactions).toBeLessThan(28);
    release();
    await harness.until(plan, 'completed');
    expect(mostAtOnce()).toBeLessThanOrEqual(SLOTS);
    expect(Math.max(...starts.values())).toBe(1);
  });

  it('is not kept by a worker that has no slot for it', async () => {
    const { body, release } = bodyWith((n) => n > 40);
    const plan = await harness.plan({ waves: [names(120)], edges: [] });
    await harness.worker({ body, slots: SLOTS });
    await harness.start(plan, { concurrency: SLOTS });
    // What it had claimed ahead it gives back: others may take it as soon as the execution lets them.
    await becomes(plan, 'running', SLOTS);
    await becomes(plan, 'ready', 80 - SLOTS);
    release();
    await harness.until(plan, 'completed');
  });

  it('runs on another worker that has a free slot', async () => {
    const stuck = bodyWith(() => true);
    const free = bodyWith(() => false);
    const plan = await harness.plan({ waves: [names(60)], edges: [] });
    await harness.worker({ body: stuck.body, slots: SLOTS });
    await harness.start(plan, { concurrency: 2 * SLOTS });
    await becomes(plan, 'running', SLOTS);
    await harness.worker({ body: free.body, slots: SLOTS });
    await becomes(plan, 'completed', 60 - SLOTS);
    expect(free.starts.size).toBe(60 - SLOTS);
    stuck.release();
    await harness.until(plan, 'completed');
  });

  it('is shared with another worker while bodies end at once', async () => {
    const bodies = [bodyWith(() => false), bodyWith(() => false)] as const;
    const plan = await harness.plan({ waves: [names(150), names(150).map((name) => `later_${name}`)], edges: [] });
    for (const { body } of bodies) await harness.worker({ body, slots: SLOTS });
    await harness.start(plan, { concurrency: 2 * SLOTS });
    await harness.until(plan, 'completed');
    const [one, two] = bodies.map(({ starts }) => starts.size);
    expect(one! + two!).toBe(300);
    expect(Math.min(one!, two!)).toBeGreaterThan(30);
  });
});
