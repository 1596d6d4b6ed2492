import { Writable } from 'node:stream';
import { Redis } from 'ioredis';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SharedLimiter } from '../../../src/adapters/llm/rate-limiter.ts';
import { openQueues } from '../../../src/adapters/queue/index.ts';
import { TroubleLog } from '../../../src/adapters/telemetry/trouble-log.ts';
import { waitFor } from '../../support/wait-for.ts';
import { OwnServer } from '../../support/own-servers.ts';
import { startApi } from '../api/api-under-test.ts';
import { stagesOver } from '../api/stages-under-test.ts';
import { Harness } from '../execution/harness.ts';

let redis: OwnServer;
beforeAll(async () => {
  redis = await OwnServer.redis();
});
afterAll(() => redis.remove());

/** A logger and the lines that it has written. */
function capturing() {
  const lines: { msg: string; level: number }[] = [];
  const out = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(JSON.parse(chunk.toString()) as { msg: string; level: number });
      done();
    },
  });
  return { lines, log: pino({ level: 'info' }, out) };
}

describe('a worker with a wrong password for Redis', () => {
  it('says so in a few lines however often it tries, works without bells, and says when all is well', async () => {
    const harness = await Harness.open();
    const { lines, log } = capturing();
    const wrong = new URL(redis.url);
    wrong.password = 'not-this-one';
    const trouble = new TroubleLog({ log, what: 'Redis' });
    const queues = openQueues({
      url: wrong.href,
      deadlineMs: 300,
      onError: trouble.trouble,
      onReady: trouble.well,
    });
    await harness.worker({ log, queues });
    const plan = await harness.plan({ waves: [['a'], ['b']], edges: [['b', 'a']] });
    await harness.start(plan);
    await waitFor(async () => (await harness.states(plan))['b'] === 'completed');
    // Each connection has tried many times by now.
    const until = Date.now() + 4_000;
    await waitFor(() => Date.now() > until, { timeoutMs: 6_000 });
    const warnings = lines.filter(({ level }) => level >= 40);
    expect(warnings.length).toBeGreaterThanOrEqual(2);
    expect(warnings.length, warnings.map(({ msg }) => msg).join('\n')).toBeLessThanOrEqual(6);
    expect(lines.filter(({ msg }) => msg.includes('well again'))).toEqual([]);

    const admin = new Redis(redis.url);
    await admin.config('SET', 'requirepass', 'not-this-one');
    await waitFor(() => lines.filter(({ msg }) => msg.includes('well again')).length >= 2, { timeoutMs: 15_000 });
    await harness.until(plan, 'completed');
    await admin.config('SET', 'requirepass', decodeURIComponent(new URL(redis.url).password));
    admin.disconnect();
    await harness.stopWorkers();
    await queues.close();
    await harness.close();
  });
});

describe('every key in Redis', () => {
  it('carries one hash tag, so that a cluster keeps them in one slot', async () => {
    const harness = await Harness.open({ redis: { url: redis.url, prefix: '{mge}' } });
    const { log } = capturing();
    // As the program opens them: nobody names a prefix.
    const queues = openQueues({ url: redis.url, onError: () => undefined });
    await harness.worker({ queues });
    const limiter = new SharedLimiter({
      redisUrl: redis.url,
      keyId: 'k',
      limits: { requestsPerMinute: 100, tokensPerMinute: 1_000 },
      log,
    });
    await limiter.acquire(10, new AbortController().signal);
    await limiter.pause(50);
    const { db, pool } = harness.database;
    const api = await startApi((deps) => ({
      db,
      pool,
      redis: { url: redis.url },
      stages: { ...stagesOver({ ...deps, db, pool }), editReview: () => Promise.reject(new Error('not here')) },
    }));
    const plan = await harness.plan({ waves: [['a'], ['b']], edges: [['b', 'a']] });
    await harness.start(plan);
    await harness.until(plan, 'completed');
    expect((await api.call('GET', '/health/ready', { token: null })).status).toBe(200);
    expect((await api.call('GET', '/api/v2/masterplans')).status).toBe(200);
    const client = new Redis(redis.url);
    const keys = await client.keys('*');
    client.disconnect();
    expect(keys.filter((key) => !key.startsWith('{mge}:'))).toEqual([]);
    for (const part of ['{mge}:atoms:', '{mge}:stages:', '{mge}:llm:k:', '{mge}:health'])
      expect(keys.filter((key) => key.startsWith(part)).length, part).toBeGreaterThan(0);
    limiter.close();
    await api.close();
    await harness.stopWorkers();
    await queues.close();
    await harness.close();
  });
});
