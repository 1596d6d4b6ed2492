import { createHash, randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { RedisAnswerCache, type AnswerCache } from '../adapters/llm/answer-cache.ts';
import { createAnthropicClient } from '../adapters/llm/anthropic-client.ts';
import { SharedGate } from '../adapters/llm/concurrency/call-gate.ts';
import { withFailover } from '../adapters/llm/failover-client.ts';
import type { ModelClient, TierModels } from '../adapters/llm/model-client.ts';
import { createOpenAiClient } from '../adapters/llm/openai-client.ts';
import { FREE, priceOf, UNKNOWN_PRICE, type PriceList } from '../adapters/llm/prices.ts';
import type { CodeProvider, ProviderLookup } from '../adapters/llm/provider.ts';
import { limitsOf, SharedLimiter } from '../adapters/llm/rate-limiter.ts';
import { guardSecret } from '../adapters/llm/redact.ts';
import { steady, type RetryPolicy } from '../adapters/llm/steady-client.ts';
import type { Logger } from '../adapters/telemetry/logger.ts';
import type { Metrics } from '../adapters/telemetry/metrics.ts';
import { isOfficial, type Config, type ModelProviderName } from '../config/index.ts';
import type { Db } from '../db/index.ts';
import { MgeError } from '../domain/index.ts';
import { createBlueprintProvider, createModelProvider } from '../masterplan/index.ts';

const DEFAULT_MODELS: Readonly<Record<ModelProviderName, TierModels>> = {
  openai: { plan: 'gpt-5.4', draft: 'gpt-5.4', repair: 'gpt-5.4-mini', escalate: 'gpt-5.5' },
  anthropic: {
    plan: 'claude-opus-5-5',
    draft: 'claude-sonnet-5-5',
    repair: 'claude-haiku-5-5',
    escalate: 'claude-opus-5-5',
  },
};

export interface ProviderDeps {
  readonly config: Pick<Config, 'provider'>;
  readonly redisUrl: string;
  /** Where workers agree on how many calls are out at once; without it nothing bounds them. */
  readonly db?: Db;
  /** Prefix of keys in Redis; default `{mge}`. */
  readonly prefix?: string;
  readonly log: Logger;
  readonly metrics?: Metrics;
  readonly retry?: Partial<RetryPolicy>;
}

export interface Providers {
  readonly lookup: ProviderLookup;
  /** Null where it is switched off. */
  readonly cache: AnswerCache | null;
  close(): void;
}

/** All providers that this deployment has: the blueprints always, a model API where it has what it needs. */
export function openProviders(deps: ProviderDeps): Providers {
  const blueprint = createBlueprintProvider();
  const made = new Map<string, CodeProvider>();
  const limiters = new Map<ModelProviderName, SharedLimiter>();
  const gates = new Map<ModelProviderName, SharedGate>();
  const { provider } = deps.config;
  const cache = cacheOf(deps);
  guardSecret(provider.openai.apiKey);
  guardSecret(provider.anthropic.apiKey);

  const client = (name: ModelProviderName, model: string | null): ModelClient => {
    const limiter = limiters.get(name) ?? limiterOf(deps, name);
    limiters.set(name, limiter);
    const gate = gates.get(name) ?? gateOf(deps, name);
    if (gate) gates.set(name, gate);
    const create = name === 'openai' ? createOpenAiClient : createAnthropicClient;
    const { baseUrl, apiKey } = provider[name];
    const wire = create({
      baseUrl,
      apiKey,
      models: modelsOf(deps.config, name, model),
      priceOf: (asked) => priceOf(asked, ownPrices(provider.prices), fallbackPrice(name, baseUrl)),
      onHeaders: (headers) => limiter.learn(limitsOf(headers)),
    });
    return steady(wire, {
      limiter,
      ...(gate ? { gate } : {}),
      log: deps.log,
      ...(deps.metrics ? { metrics: deps.metrics } : {}),
      ...(deps.retry ? { retry: deps.retry } : {}),
    });
  };

  const build = (name: ModelProviderName, model: string | null): CodeProvider => {
    const first = client(name, model);
    const other = name === provider.name ? provider.fallback : null;
    const asked = other === null ? first : withFailover(first, client(other, null), { log: deps.log });
    return createModelProvider(asked, cache);
  };

  return {
    lookup: (name, model = null) => {
      if (name === blueprint.name) return blueprint;
      if (name !== 'openai' && name !== 'anthropic') throw notServed(name, deps.config);
      if (!isConfigured(deps.config, name)) throw notServed(name, deps.config);
      const key = JSON.stringify([name, model]);
      const found = made.get(key) ?? build(name, model);
      made.set(key, found);
      return found;
    },
    cache,
    close: () => {
      cache?.close();
      limiters.forEach((limiter) => limiter.close());
      gates.forEach((gate) => gate.close());
    },
  };
}

function isConfigured({ provider }: Pick<Config, 'provider'>, name: ModelProviderName): boolean {
  return provider.name === name || provider.fallback === name || provider[name].apiKey !== null;
}

function notServed(name: string, config: Pick<Config, 'provider'>): MgeError {
  const models = (['openai', 'anthropic'] as const).filter((one) => isConfigured(config, one));
  return new MgeError(
    'REQUEST_NOT_SERVED',
    `The provider "${name}" is not configured here; available: ${['blueprint', ...models].map((one) => `"${one}"`).join(', ')}.`,
  );
}

/** The masterplan's wish over the deployment's tiers over its one model over the defaults. */
function modelsOf(config: Pick<Config, 'provider'>, name: ModelProviderName, wish: string | null): TierModels {
  const { provider } = config;
  const defaults = DEFAULT_MODELS[name];
  if (wish !== null) return { plan: wish, draft: wish, repair: wish, escalate: wish };
  // The settings name models of the first provider; the other one answers with its defaults.
  if (provider.name !== name) return defaults;
  const { tiers, model } = provider;
  const of = (tier: keyof TierModels) => tiers[tier] ?? model ?? defaults[tier];
  return { plan: of('plan'), draft: of('draft'), repair: of('repair'), escalate: of('escalate') };
}

function ownPrices(prices: Config['provider']['prices']): PriceList {
  return Object.fromEntries(
    Object.entries(prices).map(([model, [input = 0, output = 0, cachedInput]]) => [
      model,
      { input, output, ...(cachedInput === undefined ? {} : { cachedInput }) },
    ]),
  );
}

/** A server on this machine costs nothing; any other model without a price counts as the dearest, so that budgets hold. */
function fallbackPrice(name: ModelProviderName, baseUrl: string) {
  const { hostname } = new URL(baseUrl);
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return local && !isOfficial(name, baseUrl) ? FREE : UNKNOWN_PRICE;
}

function cacheOf(deps: ProviderDeps): RedisAnswerCache | null {
  const { answerCacheHours } = deps.config.provider;
  // Nobody asks the blueprints twice: they cost nothing.
  const models = (['openai', 'anthropic'] as const).some((name) => isConfigured(deps.config, name));
  if (answerCacheHours === 0 || !models) return null;
  return new RedisAnswerCache({
    redisUrl: deps.redisUrl,
    ...(deps.prefix === undefined ? {} : { prefix: deps.prefix }),
    ttlSeconds: answerCacheHours * 3_600,
    log: deps.log,
    ...(deps.metrics ? { metrics: deps.metrics } : {}),
  });
}

function limiterOf(deps: ProviderDeps, name: ModelProviderName): SharedLimiter {
  const { provider } = deps.config;
  return new SharedLimiter({
    redisUrl: deps.redisUrl,
    ...(deps.prefix === undefined ? {} : { prefix: deps.prefix }),
    keyId: keyIdOf(deps, name),
    limits: { requestsPerMinute: provider.requestsPerMinute, tokensPerMinute: provider.tokensPerMinute },
    log: deps.log,
  });
}

function gateOf(deps: ProviderDeps, name: ModelProviderName): SharedGate | undefined {
  if (!deps.db) return undefined;
  return new SharedGate({
    db: deps.db,
    log: deps.log,
    ...(deps.metrics ? { metrics: deps.metrics } : {}),
    provider: name,
    keyId: keyIdOf(deps, name),
    worker: `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`,
  });
}

/** What an API key is known as where workers meet: a digest, never the key. */
function keyIdOf({ config }: ProviderDeps, name: ModelProviderName): string {
  const { baseUrl, apiKey } = config.provider[name];
  return createHash('sha256')
    .update(`${name}\n${baseUrl}\n${apiKey ?? ''}`)
    .digest('hex')
    .slice(0, 16);
}
