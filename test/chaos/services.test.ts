import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/db/index.ts';
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

describe('losing every key of Redis', () => {
  it('in the middle of a run loses no atom', async () => {
    const { harness } = chaos;
    const plan = await harness.plan(layered(8, 6));
    await chaos.spawn();
    await harness.start(plan);
    for (const at of [5, 20, 35]) {
      await waitFor(async () => (await chaos.accepted(plan)) >= at, { intervalMs: 5 });
      await chaos.flush();
    }
    await harness.until(plan, 'completed');
    await chaos.expectExactlyOnce(plan);
  });

  it('between the start and the first worker loses no atom', async () => {
    const { harness } = chaos;
    const plan = await harness.plan(layered(2, 3));
    const relayer = await chaos.spawn({ slots: 1, workMs: 60_000 });
    await harness.start(plan);
    await waitFor(
      async () =>
        (await harness.database.pool.query('select 1 from m10_recovery.outbox where processed_at is not null'))
          .rowCount,
    );
    await relayer.kill('SIGKILL');
    await chaos.flush();
    await chaos.spawn();
    await harness.until(plan, 'completed');
    expect(await chaos.accepted(plan)).toBe(6);
  });
});

describe('Redis out of reach', () => {
  it('does not stop a run that is under way, and the run ends when Redis is back', async () => {
    const { harness } = chaos;
    const door = await doorTo('127.0.0.1', portOf(harness.redis.url, 6379));
    const plan = await harness.plan(layered(8, 6));
    await chaos.spawn({ redisUrl: through(harness.redis.url, door.port) });
    await harness.start(plan);
    await waitFor(async () => (await chaos.accepted(plan)) >= 6, { intervalMs: 5 });
    door.shut();
    await waitFor(async () => (await chaos.accepted(plan)) === 48);
    door.open();
    await harness.until(plan, 'completed');
    await chaos.expectExactlyOnce(plan);
    await door.close();
  });
});

describe('Postgres out of reach', () => {
  it('for a moment loses no result: workers store them when it is back', async () => {
    const { harness } = chaos;
    const door = await doorTo('127.0.0.1', portOf(harness.database.url, 5432));
    const plan = await harness.plan(layered(8, 6));
    const child = await chaos.spawn({
      databaseUrl: through(harness.database.url, door.port),
      leaseMs: 5_000,
      workMs: 30,
    });
    await harness.start(plan);
    await waitFor(async () => (await chaos.accepted(plan)) >= 10, { intervalMs: 5 });
    door.shut();
    const direct = openDatabase({ url: harness.database.url, max: 1, onIdleError: () => undefined });
    const before = await chaos.accepted(plan);
    await waitFor(async () => {
      const { rows } = await direct.pool.query<{ n: string }>(
        "select count(*) as n from pg_stat_activity where datname = current_database() and state <> 'idle' and pid <> pg_backend_pid()",
      );
      return Number(rows[0]!.n) === 0;
    });
    await direct.close();
    expect(await chaos.accepted(plan)).toBe(before);
    door.open();
    await harness.until(plan, 'completed');
    expect(child.process.exitCode).toBeNull();
    expect(await chaos.accepted(plan)).toBe(48);
    await door.close();
  });
});

describe('every bell rung many times', () => {
  it('runs no atom twice', async () => {
    const { harness } = chaos;
    const plan = await harness.plan(layered(8, 6));
    await chaos.spawn();
    await chaos.spawn();
    const { executionId } = await harness.start(plan);
    const queues = harness.queues();
    for (let i = 0; i < 20; i += 1) await queues.ringAtoms(Array.from({ length: 25 }, () => ({ executionId })));
    await harness.until(plan, 'completed');
    await chaos.expectExactlyOnce(plan);
    const runs = await harness.database.pool.query<{ n: string }>('select count(*) as n from chaos_runs');
    expect(Number(runs.rows[0]!.n)).toBe(48);
  });
});
