import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { connectForCommands, withDeadline } from '../adapters/queue/index.ts';
import type { Logger } from '../adapters/telemetry/logger.ts';
import type { Metrics } from '../adapters/telemetry/metrics.ts';
import type { TestRunResult } from './running/test-run.ts';
import type { ResultCache } from './running/test-runner.ts';
import type { VerdictStore } from './verdict-store.ts';

export interface RedisResultCacheOptions {
  readonly redisUrl: string;
  /** Names the program and the tools that results come from: results of others are not taken. Asked for once. */
  readonly scope: () => Promise<string>;
  /** Prefix of its keys in Redis; default `{mge}`. */
  readonly prefix?: string;
  /** Seconds that a result is kept; default 86,400 (24 h). */
  readonly ttlSeconds?: number;
  readonly log: Logger;
  readonly metrics?: Metrics;
}

/** What all workers share: results of runs, and verdicts of rules. */
export interface SharedResultCache extends ResultCache, VerdictStore {
  close(): void;
}

/** A lookup must stay far cheaper than the run that it saves. */
const REDIS_DEADLINE_MS = 500;
/** A verdict is worked out in less time than that: while Redis is away, nobody waits for each of them. */
const AWAY_MS = 2_000;
/** Larger results are rare, and not worth Redis's memory. */
const MAX_CHARACTERS = 256_000;

/**
 * Keeps results of test runs and verdicts of rules in Redis, by a digest of everything that they depend on. Losing them costs time, nothing else: with Redis
 * away everything is run. What did not run is never kept.
 */
export class RedisResultCache implements SharedResultCache {
  private readonly redis: Redis;
  private readonly options: RedisResultCacheOptions;
  private scope: Promise<string> | undefined;
  private warned = false;
  private awayUntil = 0;

  constructor(options: RedisResultCacheOptions) {
    this.options = options;
    this.redis = connectForCommands({ url: options.redisUrl, onError: () => undefined });
  }

  async get(key: string): Promise<TestRunResult | null> {
    // What the scope takes to find out is not Redis's delay.
    const name = await this.keyOf(key);
    return this.look(name, read);
  }

  async set(key: string, result: TestRunResult): Promise<void> {
    if (result.outcome === 'not_run') return;
    const text = JSON.stringify(result);
    if (text.length <= MAX_CHARACTERS) await this.write(await this.keyOf(key), text);
  }

  findVerdict(key: string): Promise<string | null> {
    if (performance.now() < this.awayUntil) return Promise.resolve(null);
    return this.look(this.nameOf('verdicts', key), (text) => text);
  }

  async keepVerdict(key: string, text: string): Promise<void> {
    if (text.length > MAX_CHARACTERS || performance.now() < this.awayUntil) return;
    await this.write(this.nameOf('verdicts', key), text);
  }

  close(): void {
    this.redis.disconnect();
  }

  private async keyOf(key: string): Promise<string> {
    const scope = await (this.scope ??= this.findScope());
    const digest = createHash('sha256').update(`${scope}\0${key}`).digest('hex');
    return this.nameOf('checks', digest);
  }

  private nameOf(kind: string, digest: string): string {
    return `${this.options.prefix ?? '{mge}'}:${kind}:${digest}`;
  }

  private async look<T>(name: string, understand: (text: string) => T | null): Promise<T | null> {
    const kept = await this.attempt(() => this.redis.get(name));
    const found = typeof kept === 'string' ? understand(kept) : null;
    const outcome = kept === undefined ? 'away' : found === null ? 'miss' : 'hit';
    this.options.metrics?.validationCache.inc({ result: outcome });
    return found;
  }

  private async write(name: string, text: string): Promise<void> {
    await this.attempt(() => this.redis.set(name, text, 'EX', this.options.ttlSeconds ?? 24 * 60 * 60));
  }

  /** One that could not be found out is asked for again. */
  private findScope(): Promise<string> {
    return this.options.scope().catch((error: unknown) => {
      this.scope = undefined;
      throw error;
    });
  }

  /** Undefined when Redis is away; said once, until it answers again. */
  private async attempt<T>(command: () => Promise<T>): Promise<T | undefined> {
    try {
      const answer = await withDeadline(command(), REDIS_DEADLINE_MS);
      this.warned = false;
      return answer;
    } catch (error) {
      if (!this.warned) this.options.log.warn({ err: error }, 'results of checks are not kept: Redis does not answer');
      this.warned = true;
      this.awayUntil = performance.now() + AWAY_MS;
      return undefined;
    }
  }
}

/** A result that another version wrote differently, or that is cut, is none. */
function read(text: string): TestRunResult | null {
  try {
    const value = JSON.parse(text) as Partial<TestRunResult> | null;
    return value?.outcome === 'passed' || value?.outcome === 'failed' ? (value as TestRunResult) : null;
  } catch {
    return null;
  }
}
