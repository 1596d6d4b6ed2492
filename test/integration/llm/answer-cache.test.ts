import { afterEach, describe, expect, it } from 'vitest';
import { RedisAnswerCache } from '../../../src/adapters/llm/answer-cache.ts';
import { createOpenAiClient } from '../../../src/adapters/llm/openai-client.ts';
import type { GenerationRequest } from '../../../src/adapters/llm/provider.ts';
import { createLogger } from '../../../src/adapters/telemetry/logger.ts';
import { createMetrics } from '../../../src/adapters/telemetry/metrics.ts';
import { createModelProvider } from '../../../src/masterplan/index.ts';
import { ModelServer } from '../../support/model-server.ts';
import { testRedis } from '../../support/redis.ts';
import { generationRequest } from '../../support/generation-request.ts';

const log = createLogger('silent');
const signal = new AbortController().signal;
const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function setUp(redisUrl?: string) {
  const server = await ModelServer.start({ reply: () => '``````python\nx = 1\n``````' });
  const redis = testRedis();
  const metrics = createMetrics({ version: 'test' });
  const cache = new RedisAnswerCache({
    redisUrl: redisUrl ?? redis.url,
    prefix: redis.prefix,
    ttlSeconds: 60,
    log,
    metrics,
  });
  opened.push(
    () => server.stop(),
    () => cache.close(),
  );
  const models = { plan: 'm', draft: 'm', repair: 'm', escalate: 'm' };
  const client = createOpenAiClient({
    baseUrl: server.openAiUrl,
    apiKey: 'k',
    models,
    priceOf: () => ({ input: 1, output: 1 }),
  });
  const provider = createModelProvider(client, cache);
  const ask = async (request: GenerationRequest, accept: boolean) => {
    const result = await provider.generate(request, signal);
    if (accept) await provider.accepted?.(request);
    return result;
  };
  return { server, cache, metrics, ask };
}

const repeatable = (more: Partial<GenerationRequest> = {}) => generationRequest({ temperature: 0, ...more });

describe('the answer cache', () => {
  it('gives an accepted answer again, for nothing', async () => {
    const { server, ask, metrics } = await setUp();
    const first = await ask(repeatable(), true);
    const second = await ask(repeatable(), true);
    expect(server.calls.length).toBe(1);
    expect(Buffer.from(second.code).toString()).toBe(Buffer.from(first.code).toString());
    expect(first.costUsd).toBeGreaterThan(0);
    expect(second).toMatchObject({ costUsd: 0, tokensIn: 0, tokensOut: 0 });
    const text = await metrics.registry.metrics();
    expect(text).toContain('mge_llm_answer_cache_total{result="hit"} 1');
    expect(text).toContain('mge_llm_answer_cache_total{result="miss"} 1');
  });

  it('keeps nothing that was not accepted, and nothing that was sampled', async () => {
    const { server, ask } = await setUp();
    await ask(repeatable(), false);
    await ask(repeatable(), false);
    await ask(generationRequest({ temperature: 0.3 }), true);
    await ask(generationRequest({ temperature: 0.3 }), true);
    expect(server.calls.length).toBe(4);
  });

  it('knows two questions apart by a blank', async () => {
    const { server, ask } = await setUp();
    await ask(repeatable({ before: 'a = 1\n' }), true);
    await ask(repeatable({ before: 'a  = 1\n' }), true);
    expect(server.calls.length).toBe(2);
  });

  it('forgets what a plan kept and what it was given, and only that', async () => {
    const { server, cache, ask } = await setUp();
    await ask(repeatable({ masterplanId: 'one' }), true);
    await ask(repeatable({ masterplanId: 'two', before: 'b = 2\n' }), true);
    await ask(repeatable({ masterplanId: 'three' }), true);
    expect(server.calls.length).toBe(2);
    expect(await cache.forget('three')).toBe(1);
    expect(await cache.forget('three')).toBe(0);
    await ask(repeatable({ masterplanId: 'one' }), true);
    await ask(repeatable({ masterplanId: 'two', before: 'b = 2\n' }), true);
    expect(server.calls.length).toBe(3);
  });

  it('asks anew while Redis is away', async () => {
    const { server, ask } = await setUp('redis://127.0.0.1:1');
    await ask(repeatable(), true);
    await ask(repeatable(), true);
    expect(server.calls.length).toBe(2);
  });
});
