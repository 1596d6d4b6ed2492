import type { Db } from '../../../db/index.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { syncConcurrency, type SyncAnswer } from './concurrency-store.ts';
import { addSamples, DEFAULT_POLICY, NO_CALLS, type CallSample, type ConcurrencyPolicy } from './controller.ts';

/** What a call came to. `ended` says nothing about the API: the caller gave up, or the request was no good. */
export type CallEnd =
  | { readonly kind: 'answered'; readonly latencyMs: number }
  | { readonly kind: 'throttled'; readonly retryAfterMs?: number }
  | { readonly kind: 'failed' }
  | { readonly kind: 'ended' };

/** Lets calls out as far as the API bears it. */
export interface CallGate {
  /** Resolves when the call may go out; what it gives must be called once, when the call is over. Rejects when the signal ends the wait. */
  enter(signal: AbortSignal): Promise<(end: CallEnd) => void>;
}

/** Milliseconds between two syncs of a worker that has calls out. */
const SYNC_MS = 500;
/** Milliseconds between two syncs at least. */
const SYNC_GAP_MS = 50;
/** Milliseconds before a worker that got no share asks again, half of it at random: they must not come all at once. */
const AGAIN_MS = 100;

export interface SharedGateOptions {
  readonly db: Db;
  readonly log: Logger;
  readonly metrics?: Metrics;
  readonly provider: string;
  readonly keyId: string;
  /** Unique per process and start. */
  readonly worker: string;
  readonly policy?: ConcurrencyPolicy;
}

interface Waiter {
  readonly go: () => void;
}

/**
 * The gate of one API key in this process. Its share of the limit comes from Postgres, where all workers report what their calls came
 * to. While Postgres does not answer, the last share stands, or the least one.
 */
export class SharedGate implements CallGate {
  private readonly options: SharedGateOptions;
  private readonly policy: ConcurrencyPolicy;
  private readonly waiters: Waiter[] = [];
  private granted = 0;
  private inFlight = 0;
  private sample: CallSample = NO_CALLS;
  private timer: NodeJS.Timeout | undefined;
  private syncing = false;
  private syncedAt = -Infinity;
  private warned = false;
  private closed = false;

  constructor(options: SharedGateOptions) {
    this.options = options;
    this.policy = options.policy ?? DEFAULT_POLICY;
  }

  async enter(signal: AbortSignal): Promise<(end: CallEnd) => void> {
    signal.throwIfAborted();
    if (this.waiters.length > 0 || this.inFlight >= this.granted) await this.wait(signal);
    else this.inFlight += 1;
    let isOut = true;
    return (end) => {
      if (!isOut) return;
      isOut = false;
      this.left(end);
    };
  }

  /** Ends the waiting and reporting; calls that are out go on. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    for (const waiter of this.waiters.splice(0)) waiter.go();
  }

  /** The slot is taken by whoever lets the waiter go, so that nobody slips in between. */
  private wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        const at = this.waiters.indexOf(waiter);
        if (at >= 0) this.waiters.splice(at, 1);
        reject(signal.reason as Error);
      };
      const waiter: Waiter = {
        go: () => {
          signal.removeEventListener('abort', giveUp);
          this.inFlight += 1;
          resolve();
        },
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.waiters.push(waiter);
      this.syncIn(0);
    });
  }

  private left(end: CallEnd): void {
    this.inFlight -= 1;
    this.sample = addSamples(this.sample, sampleOf(end));
    // Nobody calls into a wall: the others hear of a refusal at once.
    if (end.kind === 'throttled') this.granted = 0;
    this.letGo();
    this.syncIn(end.kind === 'throttled' ? 0 : SYNC_MS);
  }

  private letGo(): void {
    while (this.inFlight < this.granted) {
      const next = this.waiters.shift();
      if (!next) return;
      next.go();
    }
  }

  private syncIn(ms: number): void {
    if (this.closed || this.syncing) return;
    const gap = Math.max(0, this.syncedAt + SYNC_GAP_MS - performance.now());
    if (this.timer !== undefined && ms > 0) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.sync(), Math.max(ms, gap));
    this.timer.unref();
  }

  private async sync(): Promise<void> {
    this.timer = undefined;
    this.syncing = true;
    const { db, provider, keyId, worker } = this.options;
    const { sample } = this;
    this.sample = NO_CALLS;
    const request = { provider, keyId, worker, inFlight: this.inFlight, waiting: this.waiters.length, sample };
    let heldMs = 0;
    try {
      const answer = await syncConcurrency(db, request, this.policy);
      this.granted = answer.granted;
      heldMs = answer.heldMs;
      this.tell(answer);
      this.warned = false;
    } catch (error) {
      this.sample = addSamples(sample, this.sample);
      this.granted = Math.max(1, this.granted);
      if (!this.warned)
        this.options.log.warn({ err: error }, 'the limit of model calls cannot be shared at the moment');
      this.warned = true;
    }
    this.syncing = false;
    this.syncedAt = performance.now();
    this.letGo();
    this.again(heldMs);
  }

  private again(heldMs: number): void {
    if (this.waiters.length > 0) this.syncIn(Math.max(heldMs, AGAIN_MS / 2) + (Math.random() * AGAIN_MS) / 2);
    else if (this.inFlight > 0 || this.granted > 0 || this.sample !== NO_CALLS) this.syncIn(SYNC_MS);
  }

  private tell({ change, limit }: SyncAnswer): void {
    const { metrics, log, provider } = this.options;
    if (!change) return;
    metrics?.concurrencyChanges.inc({ provider, reason: change.reason });
    if (change.reason !== 'increase')
      log.warn({ provider, reason: change.reason, from: change.from, limit }, 'fewer model calls at once');
  }
}

function sampleOf(end: CallEnd): CallSample {
  switch (end.kind) {
    case 'answered':
      return { ...NO_CALLS, answered: 1, latencyMs: end.latencyMs };
    case 'throttled':
      return { ...NO_CALLS, throttled: 1, retryAfterMs: end.retryAfterMs ?? 0 };
    case 'failed':
      return { ...NO_CALLS, failed: 1 };
    case 'ended':
      return NO_CALLS;
  }
}
