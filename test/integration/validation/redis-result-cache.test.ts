import { afterAll, describe, expect, it } from 'vitest';
import { connectForCommands } from '../../../src/adapters/queue/index.ts';
import { createLogger } from '../../../src/adapters/telemetry/logger.ts';
import { createMetrics } from '../../../src/adapters/telemetry/metrics.ts';
import { RedisResultCache } from '../../../src/validation/index.ts';
import { testRedis } from '../../support/redis.ts';

const redis = testRedis();
const log = createLogger('silent');
const opened: RedisResultCache[] = [];
const metrics = createMetrics({ version: '1', processMetrics: false });

function open(scope = 'v1', url = redis.url): RedisResultCache {
  const options = { redisUrl: url, prefix: redis.prefix, scope: () => Promise.resolve(scope), log, metrics };
  const cache = new RedisResultCache(options);
  opened.push(cache);
  return cache;
}
afterAll(() => opened.forEach((cache) => cache.close()));

const result = { outcome: 'failed', reason: null, passed: ['a'], failures: [], output: 'no', durationMs: 3 } as const;

describe('results of checks in Redis', () => {
  it('are found by another worker of the same version and tools, and by no other', async () => {
    await open().set('one', result);
    expect(await open().get('one')).toEqual(result);
    expect(await open('v2').get('one')).toBeNull();
    expect(await open().get('two')).toBeNull();
    const counted = await metrics.registry.getSingleMetricAsString('mge_validation_cache_total');
    expect(counted).toContain('mge_validation_cache_total{result="hit"} 1');
    expect(counted).toContain('mge_validation_cache_total{result="miss"} 2');
  });

  it('are kept for a day at most', async () => {
    await open('ttl').set('one', result);
    const client = connectForCommands({ url: redis.url, onError: () => undefined });
    const ttls = await Promise.all((await client.keys(`${redis.prefix}:checks:*`)).map((key) => client.ttl(key)));
    client.disconnect();
    expect(Math.min(...ttls)).toBeGreaterThan(86_000);
    expect(Math.max(...ttls)).toBeLessThanOrEqual(86_400);
  });

  it('are not kept of what did not run', async () => {
    await open().set('none', { ...result, outcome: 'not_run', reason: 'no Python' });
    expect(await open().get('none')).toBeNull();
  });

  it('stand beside verdicts, which other workers find whatever tools they have', async () => {
    await open().keepVerdict('three', '{"problems":[]}');
    expect(await open('v2').findVerdict('three')).toBe('{"problems":[]}');
    expect(await open().findVerdict('four')).toBeNull();
    expect(await open().get('three')).toBeNull();
  });

  it('are none while Redis is away', async () => {
    const away = open('v1', 'redis://127.0.0.1:1');
    await away.set('one', result);
    expect(await away.get('one')).toBeNull();
    expect(await away.findVerdict('one')).toBeNull();
    expect(await metrics.registry.getSingleMetricAsString('mge_validation_cache_total')).toContain('result="away"} 1');
  });
});
