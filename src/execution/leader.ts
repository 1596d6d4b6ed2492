import type { Logger } from '../adapters/telemetry/logger.ts';
import type { Metrics } from '../adapters/telemetry/metrics.ts';
import { acquireLock } from '../db/queries/acquire-lock.ts';
import { extendLock } from '../db/queries/extend-lock.ts';
import { releaseLock } from '../db/queries/release-lock.ts';
import type { Db } from '../db/index.ts';

export interface LeaderOptions {
  readonly db: Db;
  readonly log: Logger;
  /** Name of the lock, e.g. `mge:relay`. */
  readonly lock: string;
  readonly holder: string;
  /** Seconds after which another process takes over from one that died. */
  readonly ttlSeconds: number;
  readonly metrics?: Pick<Metrics, 'locksAcquired' | 'locksFailed'>;
}

/** One process at a time leads, by a lock with a time to live in `m10_recovery.distributed_locks`. */
export class Leader {
  private readonly options: LeaderOptions;
  private until = 0;
  private isStandBy = false;

  constructor(options: LeaderOptions) {
    this.options = options;
  }

  /** True when this process leads now. Takes the lock when it is free, and renews it when a third of its time is over. */
  async leads(): Promise<boolean> {
    const { db, lock, holder, ttlSeconds } = this.options;
    const now = performance.now();
    if (now < this.until - ttlSeconds * 667) return true;
    // Counted from before the question: the lock never lasts shorter than this process believes.
    const renews = this.until > now;
    const held = renews
      ? await extendLock(db, lock, holder, ttlSeconds)
      : await acquireLock(db, lock, holder, ttlSeconds);
    this.until = held ? now + ttlSeconds * 1000 : 0;
    this.count(held, renews);
    return held;
  }

  /** A stand-by asks all the time: its refusal counts once, until it has led. */
  private count(held: boolean, renews: boolean): void {
    const { metrics } = this.options;
    if (held && !renews) metrics?.locksAcquired.inc();
    if (!held && !this.isStandBy) metrics?.locksFailed.inc();
    this.isStandBy = !held;
  }

  async resign(): Promise<void> {
    if (this.until === 0) return;
    this.until = 0;
    await releaseLock(this.options.db, this.options.lock, this.options.holder).catch((error: unknown) =>
      this.options.log.warn({ err: error, lock: this.options.lock }, 'the lock could not be released; it will expire'),
    );
  }
}
