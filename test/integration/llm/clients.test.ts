import { setMaxListeners } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { createAnthropicClient } from '../../../src/adapters/llm/anthropic-client.ts';
import { withFailover } from '../../../src/adapters/llm/failover-client.ts';
import type { ModelClient, ModelRequest } from '../../../src/adapters/llm/model-client.ts';
import { createOpenAiClient, type ApiClientOptions } from '../../../src/adapters/llm/openai-client.ts';
import { SharedLimiter, type KeyLimits } from '../../../src/adapters/llm/rate-limiter.ts';
import { steady } from '../../../src/adapters/llm/steady-client.ts';
import { createLogger } from '../../../src/adapters/telemetry/logger.ts';
import { createMetrics } from '../../../src/adapters/telemetry/metrics.ts';
import { ModelServer, type ModelReply, type ModelServerOptions } from '../../support/model-server.ts';
import { testRedis } from '../../support/redis.ts';

const log = createLogger('silent');
const never = new AbortController().signal;
setMaxListeners(0, never);
const MODELS = { plan: 'big', draft: 'middle', repair: 'small', escalate: 'big' };
const REQUEST: ModelRequest = {
  tier: 'draft',
  system: 'You are precise.',
  user: 'Say hello.',
  temperature: 0.5,
  seed: 7,
  maxOutputTokens: 100,
};

const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function serve(options: ModelServerOptions): Promise<ModelServer> {
  const server = await ModelServer.start(options);
  opened.push(() => server.stop());
  return server;
}

/** Replies from a list; the last one stays. */
function replies(...list: ModelReply[]): ModelServerOptions['reply'] {
  let next = 0;
  return () => list[Math.min(next++, list.length - 1)]!;
}

function limiter(limits: Partial<KeyLimits> = {}, keyId = 'test', redis = testRedis()): SharedLimiter {
  const made = new SharedLimiter({
    redisUrl: redis.url,
    prefix: redis.prefix,
    keyId,
    limits: { requestsPerMinute: null, tokensPerMinute: null, ...limits },
    log,
  });
  opened.push(() => made.close());
  return made;
}

type Protocol = 'openai' | 'anthropic';

function client(protocol: Protocol, server: ModelServer, more: Partial<ApiClientOptions> = {}): ModelClient {
  const create = protocol === 'openai' ? createOpenAiClient : createAnthropicClient;
  return create({
    baseUrl: protocol === 'openai' ? server.openAiUrl : server.origin,
    apiKey: 'test-key',
    models: MODELS,
    priceOf: () => ({ input: 1_000, output: 2_000, cachedInput: 100 }),
    ...more,
  });
}

const firm = (inner: ModelClient, retries = 3) =>
  steady(inner, { limiter: limiter(), log, retry: { retries, baseMs: 20, capMs: 50 } });

describe.each(['openai', 'anthropic'] as const)('the %s protocol', (protocol) => {
  it('streams an answer with its usage and cost', async () => {
    const text = 'Hello! '.repeat(200);
    const server = await serve({ reply: () => ({ text, usage: { in: 1_000, out: 500, cached: 400 } }) });
    const heard: string[] = [];
    const answer = await client(protocol, server).complete(REQUEST, never, (piece) => heard.push(piece));
    expect(answer).toEqual({
      text,
      finish: 'stop',
      provider: protocol,
      model: 'middle',
      usage: { tokensIn: 1_000, tokensOut: 500, cachedIn: 400, cacheWrites: 0 },
      costUsd: expect.closeTo(1.64, 6) as number,
    });
    expect(heard.length).toBeGreaterThan(1);
    expect(heard.join('')).toBe(text);
    const [call] = server.calls;
    expect(call).toMatchObject({
      model: 'middle',
      system: 'You are precise.',
      user: 'Say hello.',
      body: { stream: true },
    });
    const key = call?.headers['authorization'] ?? call?.headers['x-api-key'];
    expect(key).toContain('test-key');
  });

  it('keeps the system prompt first, where the API caches it', async () => {
    const server = await serve({ reply: () => 'ok' });
    await client(protocol, server).complete(REQUEST, never);
    if (protocol === 'anthropic')
      expect(server.calls[0]?.body['system']).toEqual([
        { type: 'text', text: 'You are precise.', cache_control: { type: 'ephemeral' } },
      ]);
    else expect(server.calls[0]?.body['messages']).toMatchObject([{ role: 'system' }, { role: 'user' }]);
  });

  it.each([
    ['length', { text: 'half', finish: 'length' }],
    ['refusal', { text: 'I will not.', finish: 'refusal' }],
  ] as const)('knows an answer that ended with %s', async (finish, reply) => {
    const server = await serve({ reply: () => reply });
    expect(await client(protocol, server).complete(REQUEST, never)).toMatchObject({ finish, text: reply.text });
  });

  it('asks for JSON of a schema, and does without where that is refused', async () => {
    const message = protocol === 'openai' ? 'response_format is not supported' : 'output_config.format: not supported';
    const server = await serve({
      reply: (call) =>
        'response_format' in call.body || 'output_config' in call.body ? { status: 400, message } : '{"a":1}',
    });
    const json = { name: 'answer', schema: { type: 'object', properties: {}, additionalProperties: false } };
    const tested = client(protocol, server);
    expect((await tested.complete({ ...REQUEST, json }, never)).text).toBe('{"a":1}');
    const before = server.calls.length;
    await tested.complete({ ...REQUEST, json }, never);
    // Found out once, remembered after that.
    expect(server.calls.length).toBe(before + 1);
    expect(JSON.stringify(server.calls[0]?.body)).toContain('"additionalProperties":false');
  });

  it.each([408, 409, 429, 500, 503, 529])('tries again after %i', async (status) => {
    const server = await serve({ reply: replies({ status }, { status }, 'done') });
    expect((await firm(client(protocol, server)).complete(REQUEST, never)).text).toBe('done');
    expect(server.calls.length).toBe(3);
  });

  it('waits as long as it is asked to', async () => {
    const server = await serve({ reply: replies({ status: 429, headers: { 'retry-after-ms': '300' } }, 'done') });
    await firm(client(protocol, server)).complete(REQUEST, never);
    expect((server.calls[1]?.at ?? 0) - (server.calls[0]?.at ?? 0)).toBeGreaterThanOrEqual(295);
  });

  it.each([
    [400, 'request', false],
    [401, 'key', false],
    [404, 'request', false],
  ] as const)('gives up at once after %i', async (status, failure, retryable) => {
    const server = await serve({ reply: () => ({ status, message: 'no, sk-abcdefghijklmnopqrstuvwx' }) });
    const error = await firm(client(protocol, server))
      .complete(REQUEST, never)
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ failure, retryable, spentUsd: 0, httpStatus: status });
    expect((error as Error).message).not.toContain('abcdefghijklmnop');
    expect(server.calls.length).toBe(1);
  });

  it('gives up after its retries, and says when to come back', async () => {
    const server = await serve({ reply: () => ({ status: 503, headers: { 'retry-after-ms': '30' } }) });
    await expect(firm(client(protocol, server), 2).complete(REQUEST, never)).rejects.toMatchObject({
      failure: 'unavailable',
      retryable: true,
      retryAfterMs: 30,
    });
    expect(server.calls.length).toBe(3);
  });

  it('reports what a broken stream has cost and does not repeat it', async () => {
    const server = await serve({ reply: () => ({ breakAfter: 'half of it '.repeat(100) }) });
    const error = await firm(client(protocol, server))
      .complete(REQUEST, never)
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ failure: 'broken', retryable: true });
    expect((error as { spentUsd: number }).spentUsd).toBeGreaterThan(0.5);
    expect(server.calls.length).toBe(1);
  });

  it('ends a call that is silent or too long', async () => {
    const server = await serve({ reply: () => ({ silentMs: 2_000 }) });
    const idle = client(protocol, server, { timeouts: { idleMs: 80 } });
    await expect(idle.complete(REQUEST, never)).rejects.toMatchObject({ failure: 'timeout', retryable: true });
    const total = client(protocol, server, { timeouts: { totalMs: 80 } });
    await expect(total.complete(REQUEST, never)).rejects.toMatchObject({ failure: 'timeout' });
  });

  it('ends when it is no longer wanted', async () => {
    const server = await serve({ reply: () => ({ silentMs: 2_000 }) });
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 50);
    const started = performance.now();
    await expect(firm(client(protocol, server)).complete(REQUEST, abort.signal)).rejects.toThrow();
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(server.calls.length).toBe(1);
  });

  it('says that a server which is not there cannot be reached', async () => {
    const server = await ModelServer.start({ reply: () => 'x' });
    const gone = client(protocol, server);
    await server.stop();
    await expect(gone.complete(REQUEST, never)).rejects.toMatchObject({ failure: 'unavailable', spentUsd: 0 });
  });

  it('sets aside more than any call costs', async () => {
    const server = await serve({ reply: () => ({ text: 'x'.repeat(400), usage: { in: 40, out: 100 } }) });
    const tested = client(protocol, server);
    expect(tested.reserveUsd(REQUEST)).toBeGreaterThan((await tested.complete(REQUEST, never)).costUsd);
  });
});

describe('an OpenAI-compatible server', () => {
  it('may refuse parameters that can be left out', async () => {
    const refuses = ['stream_options', 'max_completion_tokens', 'temperature', 'seed'];
    const server = await serve({
      reply: (call) => {
        const name = refuses.find((one) => one in call.body);
        return name === undefined ? 'fine' : { status: 400, message: `Unsupported parameter: ${name}` };
      },
    });
    const tested = client('openai', server);
    const answer = await tested.complete(REQUEST, never);
    expect(answer.text).toBe('fine');
    // Without usage from the server, it is estimated.
    expect(answer.usage.tokensIn).toBeGreaterThan(0);
    expect(server.calls.at(-1)?.body).toMatchObject({ max_tokens: 100 });
    await tested.complete(REQUEST, never);
    expect(server.calls.length).toBe(refuses.length + 2);
  });
});

describe('failover', () => {
  it('asks the second provider while the first is away, and says who answered', async () => {
    const first = await serve({ reply: () => ({ status: 503 }) });
    const second = await serve({ reply: () => 'from the second' });
    const both = withFailover(firm(client('openai', first), 1), firm(client('anthropic', second)), { log });
    expect(await both.complete(REQUEST, never)).toMatchObject({ text: 'from the second', provider: 'anthropic' });
    await both.complete(REQUEST, never);
    // The first is left alone for a while.
    expect(first.calls.length).toBe(2);
    expect(second.calls.length).toBe(2);
  });

  it('keeps what may have been charged, and what is wrong with the request, to the first', async () => {
    const first = await serve({ reply: replies({ status: 400, message: 'bad' }, { breakAfter: 'half' }) });
    const second = await serve({ reply: () => 'never' });
    const both = withFailover(client('openai', first), client('anthropic', second), { log });
    await expect(both.complete(REQUEST, never)).rejects.toMatchObject({ failure: 'request' });
    await expect(both.complete(REQUEST, never)).rejects.toMatchObject({ failure: 'broken' });
    expect(second.calls.length).toBe(0);
  });
});

describe('the limiter of a key', () => {
  it('spreads the calls of several workers, so that fewer than 2 % are turned away', async () => {
    // 1200 a minute: 20 a second after a burst of 60.
    const server = await serve({ reply: () => 'ok', rateLimit: { calls: 85, windowMs: 1_000 } });
    const redis = testRedis();
    const workers = [1, 2, 3].map(() =>
      steady(client('openai', server), {
        limiter: limiter({ requestsPerMinute: 1_200 }, 'key', redis),
        log,
        retry: { baseMs: 20 },
      }),
    );
    const started = performance.now();
    await Promise.all(Array.from({ length: 90 }, (_, n) => workers[n % 3]!.complete(REQUEST, never)));
    const seconds = (performance.now() - started) / 1_000;
    expect(server.count('answered')).toBe(90);
    expect(server.count('rejected')).toBeLessThanOrEqual(1);
    expect(seconds).toBeGreaterThan(1.2);
    expect(seconds).toBeLessThan(5);
  });

  it('counts tokens, and gives back what was not used', async () => {
    const slow = limiter({ tokensPerMinute: 240_000 });
    await slow.acquire(40_000, never);
    slow.settle(40_000, 1_000);
    const started = performance.now();
    await slow.acquire(1_000, never);
    expect(performance.now() - started).toBeLessThan(500);
    await slow.acquire(14_000, never);
    await slow.acquire(1, never);
    expect(performance.now() - started).toBeGreaterThan(900);
  });

  it('stops all workers of the key when one is turned away', async () => {
    const redis = testRedis();
    const [one, other] = [limiter({}, 'key', redis), limiter({}, 'key', redis)];
    await one.pause(400);
    const started = performance.now();
    await other.acquire(1, never);
    expect(performance.now() - started).toBeGreaterThanOrEqual(380);
  });

  it('takes the limits that the API states, where none are configured', async () => {
    const server = await serve({ reply: () => 'ok', statesLimits: { requests: 240, tokens: 1_000_000 } });
    const own = limiter();
    const tested = client('anthropic', server, {
      onHeaders: (headers) =>
        own.learn({
          requestsPerMinute: Number(headers.get('anthropic-ratelimit-requests-limit')),
          tokensPerMinute: null,
        }),
    });
    const calm = steady(tested, { limiter: own, log });
    await calm.complete(REQUEST, never);
    const started = performance.now();
    // 216 a minute: eleven at once, then one every 0.28 s.
    await Promise.all(Array.from({ length: 14 }, () => calm.complete(REQUEST, never)));
    expect(performance.now() - started).toBeGreaterThan(350);
  });

  it('keeps the limits in each worker while Redis is away', async () => {
    const alone = new SharedLimiter({
      redisUrl: 'redis://127.0.0.1:1',
      keyId: 'x',
      limits: { requestsPerMinute: 60, tokensPerMinute: null },
      log,
    });
    opened.push(() => alone.close());
    const abort = new AbortController();
    const waits = Promise.all(Array.from({ length: 6 }, () => alone.acquire(1, abort.signal)));
    const ended = waits.then(
      () => 'all at once',
      () => 'waited',
    );
    setTimeout(() => abort.abort(), 700);
    expect(await ended).toBe('waited');
  });
});

describe('metrics', () => {
  it('count calls, tokens and cost by provider and model', async () => {
    const server = await serve({ reply: replies({ status: 500 }, { text: 'ok', usage: { in: 10, out: 20 } }) });
    const metrics = createMetrics({ version: 'test', processMetrics: false });
    const counted = steady(client('openai', server), { limiter: limiter(), log, metrics, retry: { baseMs: 1 } });
    await counted.complete(REQUEST, never);
    const text = await metrics.registry.metrics();
    expect(text).toContain('mge_llm_requests_total{provider="openai",model="middle",outcome="unavailable"} 1');
    expect(text).toContain('mge_llm_requests_total{provider="openai",model="middle",outcome="answered"} 1');
    expect(text).toContain('mge_llm_tokens_total{provider="openai",model="middle",direction="out"} 20');
    expect(text).toContain('mge_llm_cost_usd_total{provider="openai",model="middle"} 0.05');
  });
});
