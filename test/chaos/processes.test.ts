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

const SEEDS = Number(process.env['MGE_CHAOS_SEEDS'] ?? '1');

describe('kill -9 of a worker', () => {
  it.each(Array.from({ length: SEEDS }, (_, i) => i + 1))(
    'in the middle loses and doubles no atom (seed %i)',
    async (seed) => {
      const { harness } = chaos;
      const next = random(seed);
      const plan = await harness.plan(layered(8, 6));
      const first = await chaos.spawn();
      const second = await chaos.spawn();
      await harness.start(plan);
      const killAt = 3 + Math.floor(next() * 30);
      await waitFor(async () => (await chaos.accepted(plan)) >= killAt, { intervalMs: 5 });
      await (next() < 0.5 ? first : second).kill('SIGKILL');
      expect((await harness.status(plan)).status).toBe('running');
      await harness.until(plan, 'completed');
      await chaos.expectExactlyOnce(plan);
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
