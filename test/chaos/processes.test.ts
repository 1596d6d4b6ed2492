import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { Chaos, layered } from './chaos-harness.ts';

let chaos: Chaos;
beforeEach(async () => {
  chaos = await Chaos.open();
});
afterEach(() => chaos.close());

/** Deterministic numbers from 0 to 1. */
function random(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

/** Random moments that are tried; 20 for the whole measure. */
const SEEDS = Number(process.env['MGE_CHAOS_SEEDS'] ?? '2');
const SLOTS = 4;

/** Every third atom has no draft that passes: it is asked for, and paid. */
const isPaid = (name: string) => Number(name.split('_')[1]) % 3 === 0;
const draft = (name: string) => (isPaid(name) ? `${name} = BROKEN\n` : `${name} = 1\n`);

describe('kill -9 of a worker', () => {
  it.each(Array.from({ length: SEEDS }, (_, i) => i + 1))(
    'at a random moment loses and doubles no atom, and pays for none twice (seed %i)',
    async (seed) => {
      const { harness } = chaos;
      const next = random(seed);
      const shape = layered(8, 6);
      const plan = await harness.plan({ ...shape, draft, config: { provider: 'scripted' } });
      const [first, second] = await Promise.all([chaos.spawn({ slots: SLOTS }), chaos.spawn({ slots: SLOTS })]);
      await harness.start(plan);
      const killAt = Math.floor(next() * 34);
      await waitFor(async () => (await chaos.accepted(plan)) >= killAt, { intervalMs: 2 });
      // Anywhere within an attempt: in a call, in a check, in the transaction that stores it.
      await new Promise((resolve) => setTimeout(resolve, next() * 40));
      await (next() < 0.5 ? first : second).kill('SIGKILL');
      expect((await harness.status(plan)).status).toBe('running');
      await harness.until(plan, 'completed');
      await chaos.expectExactlyOnce(plan);
      await chaos.expectPaidOnce(plan, shape.waves.flat().filter(isPaid).length, SLOTS);
    },
  );

  it('that was the only one loses nothing: the next one goes on', async () => {
    const { harness } = chaos;
    const plan = await harness.plan(layered(6, 5));
    const only = await chaos.spawn();
    await harness.start(plan);
    await waitFor(async () => (await chaos.accepted(plan)) >= 7, { intervalMs: 5 });
    await only.kill('SIGKILL');
    const stopped = await chaos.accepted(plan);
    expect(stopped).toBeLessThan(30);
    await chaos.spawn();
    await harness.until(plan, 'completed');
    await chaos.expectExactlyOnce(plan);
  });
});

describe('a worker that is told to stop', () => {
  it('takes nothing more, finishes what it holds, and leaves without an error', async () => {
    const { harness } = chaos;
    const plan = await harness.plan(layered(8, 6));
    const leaves = await chaos.spawn({ workMs: 120, leaseMs: 20_000 });
    await chaos.spawn({ workMs: 30, leaseMs: 20_000 });
    await harness.start(plan);
    await waitFor(async () => (await chaos.accepted(plan)) >= 10, { intervalMs: 5 });
    await leaves.kill('SIGTERM');
    expect(leaves.process.exitCode).toBe(0);
    const held = await harness.database.pool.query('select 1 from atom_queue where claimed_by like $1', [
      `%:${leaves.process.pid}:%`,
    ]);
    expect(held.rowCount).toBe(0);
    await harness.until(plan, 'completed');
    await chaos.expectExactlyOnce(plan);
    // What it had begun was not begun again by the other.
    expect([...(await chaos.runs()).values()]).toEqual(Array.from({ length: 48 }, () => 1));
  });
});

describe('a frozen worker', () => {
  it('is fenced off: its late results are dropped and counted', async () => {
    const { harness } = chaos;
    const plan = await harness.plan(layered(3, 4));
    const frozen = await chaos.spawn({ workMs: 800 });
    await harness.start(plan);
    const begun = () => harness.database.pool.query('select 1 from chaos_runs');
    await waitFor(async () => (await begun()).rowCount === 4, { intervalMs: 5 });
    await frozen.kill('SIGSTOP');
    await chaos.spawn();
    await harness.until(plan, 'completed');
    await frozen.kill('SIGCONT');
    const counts = await waitFor(() => ((frozen.counts()?.stale ?? 0) >= 4 ? frozen.counts() : null));
    expect(counts).toMatchObject({ stale: 4, accepted: 0 });
    await chaos.expectExactlyOnce(plan);
  });
});

describe('a poison atom', () => {
  it('ends in the dead letters while its siblings finish', async () => {
    const { harness } = chaos;
    const plan = await harness.plan({
      waves: [
        ['bad', 'a', 'b', 'c'],
        ['d', 'e'],
      ],
      edges: [
        ['d', 'a'],
        ['e', 'bad'],
      ],
      draft: (name) => (name === 'bad' ? 'POISON\n' : `${name} = 1\n`),
    });
    await harness.start(plan);
    let respawns = 0;
    for (let ended = false; !ended; respawns += 1) {
      const child = await chaos.spawn({ leaseMs: 400 });
      ended = await waitFor(
        async () => {
          if (['partial', 'failed'].includes((await harness.status(plan)).status)) return 'ended';
          return child.process.signalCode === 'SIGKILL' ? 'died' : null;
        },
        { timeoutMs: 30_000 },
      ).then((what) => what === 'ended');
    }
    expect(await harness.states(plan)).toEqual({
      bad: 'failed',
      a: 'completed',
      b: 'completed',
      c: 'completed',
      d: 'completed',
      e: 'blocked',
    });
    expect(respawns).toBe(4);
    const letters = await harness.database.pool.query<{ payload: { atom_id: string }; attempts: number }>(
      'select payload, attempts from m10_recovery.dead_letter_archive',
    );
    expect(letters.rows).toMatchObject([{ payload: { atom_id: plan.ids['bad'] }, attempts: 3 }]);
  });
});
