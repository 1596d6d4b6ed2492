import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { connectForCommands, withDeadline } from '../queue/index.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { ModelAnswer, ModelRequest } from './model-client.ts';

/** Everything that an answer depends on, and the plan that asks. */
export interface CachedQuestion {
  readonly provider: string;
  readonly model: string;
  readonly promptVersion: string;
  readonly request: ModelRequest;
  /** The plan whose invalidation forgets the answer; null for none. */
  readonly masterplanId: string | null;
}

/** Accepted answers of calls that are repeatable, word for word. */
export interface AnswerCache {
  /** The answer that was kept for the same question; null for none, for a sampled call, and while Redis is away. It costs nothing. */
  recall(question: CachedQuestion): Promise<ModelAnswer | null>;
  /** Keeps an answer that was accepted. A sampled one (temperature above 0) or one that did not end by itself is not kept. */
  keep(question: CachedQuestion, answer: ModelAnswer): Promise<void>;
  /** Forgets every answer that a plan kept or was given. @returns how many there were. @throws {Error} while Redis is away. */
  forget(masterplanId: string): Promise<number>;
}

export interface RedisAnswerCacheOptions {
  readonly redisUrl: string;
  /** Prefix of its keys in Redis; default `{mge}`. */
  readonly prefix?: string;
  /** How long an answer is kept after it was last given. */
  readonly ttlSeconds: number;
  readonly log: Logger;
  readonly metrics?: Metrics;
}

const REDIS_DEADLINE_MS = 1_000;

/**
 * Keeps answers in Redis by a digest of the whole question, whitespace included. Losing them costs money, nothing else: with Redis away
 * every question is new.
 */
export class RedisAnswerCache implements AnswerCache {
  private readonly redis: Redis;
  private readonly options: RedisAnswerCacheOptions;
  private readonly base: string;
  private warned = false;

  constructor(options: RedisAnswerCacheOptions) {
    this.options = options;
    this.base = `${options.prefix ?? '{mge}'}:answers`;
    this.redis = connectForCommands({ url: options.redisUrl, onError: () => undefined });
  }

  async recall(question: CachedQuestion): Promise<ModelAnswer | null> {
    if (!isRepeatable(question.request)) return null;
    const key = this.answerKey(question);
    const kept = await this.attempt(() => this.redis.getex(key, 'EX', this.options.ttlSeconds));
    const answer = kept === null || kept === undefined ? null : read(kept);
    this.options.metrics?.answerCache.inc({ result: answer === null ? 'miss' : 'hit' });
    if (answer !== null) await this.remember(question, key);
    return answer;
  }

  async keep(question: CachedQuestion, answer: ModelAnswer): Promise<void> {
    if (!isRepeatable(question.request) || answer.finish !== 'stop') return;
    const key = this.answerKey(question);
    const { ttlSeconds } = this.options;
    await this.attempt(() => this.redis.set(key, JSON.stringify(answer), 'EX', ttlSeconds));
    await this.remember(question, key);
  }

  async forget(masterplanId: string): Promise<number> {
    const planKey = this.planKey(masterplanId);
    const keys = await withDeadline(this.redis.smembers(planKey), REDIS_DEADLINE_MS);
    if (keys.length === 0) return 0;
    const gone = await withDeadline(this.redis.del(...keys), REDIS_DEADLINE_MS);
    await withDeadline(this.redis.del(planKey), REDIS_DEADLINE_MS);
    return gone;
  }

  close(): void {
    this.redis.disconnect();
  }

  /** A plan forgets what it was given as well as what it kept: both are in its code. */
  private async remember(question: CachedQuestion, key: string): Promise<void> {
    if (question.masterplanId === null) return;
    const planKey = this.planKey(question.masterplanId);
    const { ttlSeconds } = this.options;
    await this.attempt(() => this.redis.multi().sadd(planKey, key).expire(planKey, ttlSeconds).exec());
  }

  private answerKey(question: CachedQuestion): string {
    return `${this.base}:${digestOf(question)}`;
  }

  private planKey(masterplanId: string): string {
    return `${this.base}:plan:${masterplanId}`;
  }

  private async attempt<T>(call: () => Promise<T>): Promise<T | null> {
    try {
      const result = await withDeadline(call(), REDIS_DEADLINE_MS);
      this.warned = false;
      return result;
    } catch (error) {
      if (!this.warned) this.options.log.warn({ err: error }, 'the answer cache is away: every question is asked anew');
      this.warned = true;
      return null;
    }
  }
}

/** An answer that was drawn by chance is one of many; giving it again would take the chance away. */
function isRepeatable(request: ModelRequest): boolean {
  return request.temperature === 0;
}

/** The seed is left out: at temperature 0 there is nothing to draw. */
function digestOf({ provider, model, promptVersion, request }: CachedQuestion): string {
  const { system, user, temperature, maxOutputTokens, json } = request;
  const matters = [provider, model, promptVersion, system, user, temperature, maxOutputTokens, json ?? null];
  return createHash('sha256').update(JSON.stringify(matters)).digest('hex');
}

/** A kept answer was paid for by the one who asked first. */
function read(kept: string): ModelAnswer | null {
  try {
    const answer = JSON.parse(kept) as ModelAnswer;
    const usage = { tokensIn: 0, tokensOut: 0, cachedIn: 0, cacheWrites: 0 };
    return typeof answer.text === 'string' ? { ...answer, usage, costUsd: 0 } : null;
  } catch {
    return null;
  }
}
