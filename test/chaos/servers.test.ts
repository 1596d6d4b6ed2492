import { setTimeout as rest } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testRedis } from '../support/redis.ts';
import { waitFor } from '../support/wait-for.ts';
import { Chaos, layered } from './chaos-harness.ts';
import { OwnServer } from '../support/own-servers.ts';

/** Milliseconds that Redis stays away. */
const AWAY_MS = Number(process.env['MGE_CHAOS_REDIS_AWAY_MS'] ?? '10000');

describe('a Redis of their own', () => {
  let redis: OwnServer;
  let chaos: Chaos;
  beforeEach(async () => {
    redis = await OwnServer.redis();
    chaos = await Chaos.open({ redis: { url: redis.url, prefix: '{chaos}' } });
  });
  afterEach(async () => {
    await chaos.close();
    await redis.remove();
  });

  it('that is emptied by FLUSHALL again and again loses no atom', async () => {
    const { harness } = chaos;
    const plan = await harness.plan(layered(8, 6));
    await chaos.spawn();
    await chaos.spawn();
    await harness.start(plan);
    const client = new Redis(redis.url);
    for (const at of [0, 9, 23, 40]) {
      await waitFor(async () => (await chaos.accepted(plan)) >= at, { intervalMs: 5 });
      await client.flushall();
    }
    client.disconnect();
    await harness.until(plan, 'completed');
    await chaos.expectExactlyOnce(plan);
    expect([...(await chaos.runs()).values()]).toEqual(Array.from({ length: 48 }, () => 1));
  });

  it(`that is stopped for ${AWAY_MS / 1000} s and comes back empty delays a run and loses nothing of it`, async () => {
    const { harness } = chaos;
    const under = await harness.plan(layered(8, 6));
    const later = await harness.plan({ ...layered(3, 4), file: (name) => `later/${name}.py` });
    await chaos.spawn({ workMs: 60 });
    await chaos.spawn({ workMs: 60 });
    await harness.start(under);
    await waitFor(async () => (await chaos.accepted(under)) >= 6, { intervalMs: 5 });
    await redis.stop();
    const stopped = Date.now();
    // What is under way goes on, and what is started now is found without a bell.
    await harness.start(later);
    await waitFor(async () => (await chaos.accepted(under)) === 48, { timeoutMs: 30_000 });
    await waitFor(async () => (await chaos.accepted(later)) === 12, { timeoutMs: 30_000 });
    await rest(Math.max(0, AWAY_MS - (Date.now() - stopped)));
    // The closing checks are announced through the queue: they wait in the outbox.
    expect((await harness.status(under)).status).toBe('running');
    await redis.start();
    await harness.until(under, 'completed');
    await harness.until(later, 'completed');
    await chaos.expectExactlyOnce(under);
    await chaos.expectExactlyOnce(later);
    expect([...(await chaos.runs()).values()].filter((n) => n > 1)).toEqual([]);
  });
});

describe('a PostgreSQL of their own', () => {
  let postgres: OwnServer;
  let chaos: Chaos;
  beforeEach(async () => {
    postgres = await OwnServer.postgres();
    chaos = await Chaos.open({ databaseUrl: postgres.url, redis: testRedis() });
  });
  afterEach(async () => {
    await chaos.close();
    await postgres.remove();
  });

  it.each([
    ['restarted', (server: OwnServer) => server.stop()],
    ['killed with -9 and started again', (server: OwnServer) => server.crash()],
  ])('that is %s in the middle loses and doubles no atom', async (_how, end) => {
    const { harness } = chaos;
    const plan = await harness.plan(layered(8, 6));
    // A lease that outlasts the restart: what a worker holds meanwhile stays its own.
    await chaos.spawn({ leaseMs: 20_000, workMs: 40 });
    await chaos.spawn({ leaseMs: 20_000, workMs: 40 });
    await harness.start(plan);
    await waitFor(async () => (await chaos.accepted(plan)) >= 12, { intervalMs: 5 });
    await end(postgres);
    await expect(chaos.accepted(plan)).rejects.toThrow();
    await postgres.start();
    await waitFor(() => chaos.accepted(plan), { what: 'the database being back' });
    expect((await harness.status(plan)).status).toBe('running');
    await harness.until(plan, 'completed');
    await chaos.expectExactlyOnce(plan);
    // Checks whose note could not be written are made again by the same worker: nothing was taken from it.
    expect(Math.max(...(await chaos.runs()).values())).toBe(1);
  });
});
