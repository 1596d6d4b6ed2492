import { setTimeout as rest } from 'node:timers/promises';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { CallEnd, CallGate } from './concurrency/call-gate.ts';
import type { ModelAnswer, ModelClient, ModelRequest } from './model-client.ts';
import { ModelCallError } from './model-error.ts';
import type { CallLimiter } from './rate-limiter.ts';
import { estimateTokens } from './tokens.ts';

export interface RetryPolicy {
  /** Tries after the first one; default 4. */
  readonly retries: number;
  /** Milliseconds before the first retry at most; doubles each time; default 500. */
  readonly baseMs: number;
  /** Milliseconds before a retry at most; default 20000. */
  readonly capMs: number;
  /** Milliseconds: who is asked to wait longer gives up and comes back later; default 60000. */
  readonly patienceMs: number;
}

export const DEFAULT_RETRIES: RetryPolicy = { retries: 4, baseMs: 500, capMs: 20_000, patienceMs: 60_000 };

export interface SteadyOptions {
  readonly limiter: CallLimiter;
  /** Bounds how many calls are out at once, over all workers; default: nothing does. */
  readonly gate?: CallGate;
  readonly log: Logger;
  readonly metrics?: Metrics;
  readonly retry?: Partial<RetryPolicy>;
  /** 0 to 1; default Math.random. */
  readonly random?: () => number;
}

/** Share of the output budget that the token meter is charged beforehand; the rest is settled with the answer. */
const EXPECTED_OUTPUT_SHARE = 0.25;

/**
 * A client that waits its turn and tries again: after 408, 409, 429 and 5xx and refused connections, with the delay the API asks for or
 * exponential backoff with full jitter. A call that may have been charged is not repeated here: its cost must be accounted for first.
 */
export function steady(client: ModelClient, options: SteadyOptions): ModelClient {
  const policy = { ...DEFAULT_RETRIES, ...options.retry };
  return {
    provider: client.provider,
    modelOf: (tier) => client.modelOf(tier),
    reserveUsd: (request) => client.reserveUsd(request),
    complete: (request, signal, onText) => new SteadyCall(client, options, policy, request).run(signal, onText),
  };
}

class SteadyCall {
  private readonly client: ModelClient;
  private readonly options: SteadyOptions;
  private readonly policy: RetryPolicy;
  private readonly request: ModelRequest;
  private readonly tokens: number;

  constructor(client: ModelClient, options: SteadyOptions, policy: RetryPolicy, request: ModelRequest) {
    this.client = client;
    this.options = options;
    this.policy = policy;
    this.request = request;
    this.tokens =
      estimateTokens(request.system) +
      estimateTokens(request.user) +
      Math.ceil(request.maxOutputTokens * EXPECTED_OUTPUT_SHARE);
  }

  async run(signal: AbortSignal, onText?: (piece: string) => void): Promise<ModelAnswer> {
    for (let tried = 0; ; tried += 1) {
      await this.options.limiter.acquire(this.tokens, signal);
      try {
        return await this.admitted(signal, onText);
      } catch (error) {
        const delay = await this.delayAfter(error, tried);
        if (delay === null) throw error;
        await rest(delay, undefined, { signal });
      }
    }
  }

  /** Holds a place among the calls that may be out only while the call is: not while it waits for its turn. */
  private async admitted(signal: AbortSignal, onText?: (piece: string) => void): Promise<ModelAnswer> {
    const leave = await this.options.gate?.enter(signal);
    const started = performance.now();
    try {
      const answer = await this.once(signal, onText);
      leave?.({ kind: 'answered', latencyMs: performance.now() - started });
      return answer;
    } catch (error) {
      leave?.(endOf(error, signal));
      throw error;
    }
  }

  private async once(signal: AbortSignal, onText?: (piece: string) => void): Promise<ModelAnswer> {
    const { client, options } = this;
    const labels = { provider: client.provider, model: client.modelOf(this.request.tier) };
    try {
      const answer = await client.complete(this.request, signal, onText);
      options.limiter.settle(this.tokens, answer.usage.tokensIn + answer.usage.tokensOut);
      options.metrics?.modelRequests.inc({ ...labels, outcome: answer.finish === 'stop' ? 'answered' : answer.finish });
      options.metrics?.modelTokens.inc({ ...labels, direction: 'in' }, answer.usage.tokensIn);
      options.metrics?.modelTokens.inc({ ...labels, direction: 'out' }, answer.usage.tokensOut);
      options.metrics?.modelCost.inc(labels, answer.costUsd);
      return answer;
    } catch (error) {
      const outcome = error instanceof ModelCallError ? error.failure : 'aborted';
      options.metrics?.modelRequests.inc({ ...labels, outcome });
      if (outcome !== 'timeout' && outcome !== 'broken') options.limiter.settle(this.tokens, 0);
      if (error instanceof ModelCallError && error.spentUsd > 0) options.metrics?.modelCost.inc(labels, error.spentUsd);
      throw error;
    }
  }

  /** Milliseconds until the next try; null when there is none. */
  private async delayAfter(error: unknown, tried: number): Promise<number | null> {
    if (!(error instanceof ModelCallError)) return null;
    if (error.failure !== 'rate_limited' && error.failure !== 'unavailable') return null;
    const { policy } = this;
    const backoff = Math.min(policy.capMs, policy.baseMs * 2 ** tried);
    const asked = error.retryAfterMs;
    // All workers of the key wait: whoever calls meanwhile is turned away as well.
    if (error.failure === 'rate_limited') await this.options.limiter.pause(asked ?? backoff);
    if (tried >= policy.retries || (asked ?? 0) > policy.patienceMs) return null;
    const random = (this.options.random ?? Math.random)();
    const delay = asked === undefined ? random * backoff : asked + random * Math.min(asked, 250);
    this.options.log.debug({ failure: error.failure, tried, delay: Math.round(delay) }, 'model call is tried again');
    return delay;
  }
}

/** What a failure says about how many calls the API bears: a refused key or request says nothing. */
function endOf(error: unknown, signal: AbortSignal): CallEnd {
  if (signal.aborted || !(error instanceof ModelCallError)) return { kind: 'ended' };
  const { failure, retryAfterMs } = error;
  if (failure === 'rate_limited') return { kind: 'throttled', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  return { kind: failure === 'key' || failure === 'request' ? 'ended' : 'failed' };
}
