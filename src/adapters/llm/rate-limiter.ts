import { setTimeout as rest } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { connectForCommands, withDeadline } from '../queue/index.ts';
import type { Logger } from '../telemetry/logger.ts';

/** What a key may do; null = not limited from here. */
export interface KeyLimits {
  readonly requestsPerMinute: number | null;
  readonly tokensPerMinute: number | null;
}

/** Spreads calls over time, so that the API does not have to turn them away. */
export interface CallLimiter {
  /** Resolves when the call may go out. Calls get their turn in the order they ask. Rejects when the signal ends the wait. */
  acquire(tokens: number, signal: AbortSignal): Promise<void>;
  /** Gives back what was asked for and not used (or takes what was used beyond it). */
  settle(asked: number, used: number): void;
  /** The API turned a call away: nobody with this key calls for so long. */
  pause(ms: number): Promise<void>;
  /** Limits that the API states in its answers. They count where none are configured. */
  learn(limits: KeyLimits): void;
}

/** Share of a limit that the API states that is used: other users of the key, and its clock, need the rest. */
const LEARNED_SHARE = 0.9;
/** Seconds' worth of a limit that may go out at once after a lull. */
const BURST_SECONDS = 3;
const REDIS_DEADLINE_MS = 1_000;

/**
 * Gives each call its time: requests and tokens are two meters that run ahead of the clock by what was handed out. The delay is how
 * far the slower one is ahead of its burst. One round trip, no queue to keep, fair by arrival.
 */
const ACQUIRE = `
local t = redis.call('TIME')
local now = t[1] * 1000 + t[2] / 1000
local function meter(field, limit, amount)
  if limit <= 0 then return 0 end
  local perUnit = 60000 / limit
  local at = tonumber(redis.call('HGET', KEYS[1], field) or '0')
  if at < now then at = now end
  local delay = at - now - ${BURST_SECONDS * 1000}
  redis.call('HSET', KEYS[1], field, at + amount * perUnit)
  return math.max(0, delay)
end
local delay = math.max(meter('r', tonumber(ARGV[1]), 1), meter('t', tonumber(ARGV[2]), tonumber(ARGV[3])))
redis.call('PEXPIRE', KEYS[1], 600000)
local paused = redis.call('PTTL', KEYS[2])
return math.ceil(math.max(delay, paused))`;

const SETTLE = `
local limit = tonumber(ARGV[1])
if limit > 0 and redis.call('HEXISTS', KEYS[1], 't') == 1 then
  redis.call('HINCRBYFLOAT', KEYS[1], 't', tonumber(ARGV[2]) * 60000 / limit)
end`;

/** Never shortens a pause. */
const PAUSE = `
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], '1', 'PX', ARGV[1]) end`;

export interface SharedLimiterOptions {
  readonly redisUrl: string;
  /** Prefix of its keys in Redis; default `{mge}`. */
  readonly prefix?: string;
  /** What the API key is known as here: a digest, never the key. */
  readonly keyId: string;
  readonly limits: KeyLimits;
  readonly log: Logger;
}

/** The limiter of one API key, shared by all workers through Redis; while Redis is away, each worker keeps the limits for itself. */
export class SharedLimiter implements CallLimiter {
  private readonly redis: Redis;
  private readonly options: SharedLimiterOptions;
  private readonly keys: readonly [string, string];
  private readonly alone = new LocalMeters();
  private learned: KeyLimits = { requestsPerMinute: null, tokensPerMinute: null };
  private warned = false;

  constructor(options: SharedLimiterOptions) {
    this.options = options;
    const base = `${options.prefix ?? '{mge}'}:llm:${options.keyId}`;
    this.keys = [`${base}:meters`, `${base}:pause`];
    this.redis = connectForCommands({ url: options.redisUrl, onError: () => undefined });
  }

  async acquire(tokens: number, signal: AbortSignal): Promise<void> {
    const { requests, perMinute } = this.effective();
    const delay = await this.ask(
      () => this.redis.eval(ACQUIRE, 2, ...this.keys, requests, perMinute, tokens) as Promise<number>,
      () => this.alone.acquire(requests, perMinute, tokens),
    );
    await wait(delay, signal);
    // Somebody may have been turned away meanwhile.
    for (let paused = await this.pausedFor(); paused > 0; paused = await this.pausedFor())
      await wait(paused + Math.random() * Math.min(paused, 1_000), signal);
  }

  settle(asked: number, used: number): void {
    const { perMinute } = this.effective();
    if (perMinute <= 0 || asked === used) return;
    void this.ask(
      () => this.redis.eval(SETTLE, 1, this.keys[0], perMinute, used - asked) as Promise<null>,
      () => null,
    );
  }

  async pause(ms: number): Promise<void> {
    const whole = Math.max(1, Math.ceil(ms));
    await this.ask(
      () => this.redis.eval(PAUSE, 1, this.keys[1], whole) as Promise<null>,
      () => {
        this.alone.pause(whole);
        return null;
      },
    );
  }

  learn(limits: KeyLimits): void {
    this.learned = {
      requestsPerMinute: limits.requestsPerMinute ?? this.learned.requestsPerMinute,
      tokensPerMinute: limits.tokensPerMinute ?? this.learned.tokensPerMinute,
    };
  }

  close(): void {
    this.redis.disconnect();
  }

  /** 0 = no limit. */
  private effective(): { requests: number; perMinute: number } {
    const { limits } = this.options;
    const either = (configured: number | null, learned: number | null) =>
      configured ?? (learned === null ? 0 : learned * LEARNED_SHARE);
    return {
      requests: either(limits.requestsPerMinute, this.learned.requestsPerMinute),
      perMinute: either(limits.tokensPerMinute, this.learned.tokensPerMinute),
    };
  }

  private pausedFor(): Promise<number> {
    return this.ask(
      () => this.redis.pttl(this.keys[1]),
      () => this.alone.pausedFor(),
    );
  }

  private async ask<T>(shared: () => Promise<T>, local: () => T): Promise<T> {
    try {
      const value = await withDeadline(shared(), REDIS_DEADLINE_MS);
      this.warned = false;
      return value;
    } catch (error) {
      if (!this.warned)
        this.options.log.warn({ err: error }, 'Redis is away: this worker limits its model calls by itself');
      this.warned = true;
      return local();
    }
  }
}

/** The same meters within one process. */
class LocalMeters {
  private readonly at = { requests: 0, tokens: 0 };
  private pausedUntil = 0;

  acquire(requests: number, perMinute: number, tokens: number): number {
    return Math.max(this.meter('requests', requests, 1), this.meter('tokens', perMinute, tokens), this.pausedFor());
  }

  pause(ms: number): void {
    this.pausedUntil = Math.max(this.pausedUntil, Date.now() + ms);
  }

  pausedFor(): number {
    return Math.max(0, this.pausedUntil - Date.now());
  }

  private meter(name: 'requests' | 'tokens', limit: number, amount: number): number {
    if (limit <= 0) return 0;
    const at = Math.max(this.at[name], Date.now());
    this.at[name] = at + (amount * 60_000) / limit;
    return Math.max(0, at - Date.now() - BURST_SECONDS * 1_000);
  }
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (ms > 0) await rest(ms, undefined, { signal });
}

/** What OpenAI-like and Anthropic answers say about the limits of the key. */
export function limitsOf(headers: Headers): KeyLimits {
  const number = (...names: string[]) => {
    const value = names.map((name) => Number(headers.get(name) ?? Number.NaN)).find((n) => Number.isFinite(n) && n > 0);
    return value ?? null;
  };
  return {
    requestsPerMinute: number('x-ratelimit-limit-requests', 'anthropic-ratelimit-requests-limit'),
    tokensPerMinute: number('x-ratelimit-limit-tokens', 'anthropic-ratelimit-tokens-limit'),
  };
}
