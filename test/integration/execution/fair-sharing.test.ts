import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AtomBody } from '../../../src/execution/index.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Harness, type Plan } from './harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.open();
});
afterEach(() => harness.close());

const TEXT = { code: 'x\n', bytes: null, sha256: '0'.repeat(64), provider: 'test', model: null, confidence: 1 };

/** Atoms that take 15 ms once `open` was called; remembers which plan each belongs to, in the order in which they ended. */
function counted() {
  const order: string[] = [];
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const body: AtomBody = async (atom) => {
    await opened;
    await new Promise((resolve) => setTimeout(resolve, 15));
    order.push(atom.masterplanId);
    return { kind: 'accepted', text: TEXT, record: null, report: null };
  };
  return { body, order, open };
}

const wide = (atoms: number) =>
  harness.plan({ waves: [Array.from({ length: atoms }, (_, n) => `w${n}`)], edges: [], file: () => 'src/one.py' });

/** How many of the first `n` that ended belong to each plan. */
function sharesOf(order: readonly string[], n: number, plans: readonly Plan[]): number[] {
  const first = order.slice(0, n);
  return plans.map((plan) => first.filter((id) => id === plan.masterplanId).length);
}

describe('masterplans that run at the same time', () => {
  it('get equal parts of the workers, whoever was there first', async () => {
    const { body, order, open } = counted();
    const plans = [await wide(60), await wide(60), await wide(60)];
    const [first, ...others] = plans as [Plan, Plan, Plan];
    for (let i = 0; i < 2; i += 1) await harness.worker({ body, slots: 6, timings: { pollMs: 50 } });
    // It has every slot before the others begin.
    await harness.start(first);
    await waitFor(async () => (await harness.status(first)).atomsRunning === 12);
    for (const plan of others) await harness.start(plan);
    open();
    await Promise.all(plans.map((plan) => harness.until(plan, 'completed')));
    // While all three have begun and have more to do, none gets less than half of its third.
    const from = Math.max(...plans.map((plan) => order.indexOf(plan.masterplanId)));
    const to = Math.min(...plans.map((plan) => order.lastIndexOf(plan.masterplanId)));
    const together = order.slice(from, to);
    expect(together.length).toBeGreaterThan(60);
    for (const share of sharesOf(together, together.length, plans))
      expect(share / together.length).toBeGreaterThan(1 / 6);
  });

  it('leave to the others what one does not need', async () => {
    const { body, order, open } = counted();
    const chain = await harness.plan({
      waves: Array.from({ length: 10 }, (_, n) => [`c${n}`]),
      edges: Array.from({ length: 9 }, (_, n) => [`c${n + 1}`, `c${n}`] as const),
    });
    const broad = await wide(400);
    await harness.worker({ body, slots: 8, timings: { pollMs: 50 } });
    await harness.start(broad);
    await harness.start(chain);
    open();
    await Promise.all([broad, chain].map((plan) => harness.until(plan, 'completed')));
    // The chain needs one slot of eight: it neither waits for the broad one to end, nor keeps the other slots idle.
    const [ofBroad] = sharesOf(order, order.lastIndexOf(chain.masterplanId) + 1, [broad]);
    expect(ofBroad).toBeLessThan(400);
    expect(ofBroad).toBeGreaterThan(10);
  });
});
