import type { Logger } from '../../adapters/telemetry/logger.ts';
import type { Db } from '../../db/index.ts';
import { Periodic } from '../periodic.ts';
import { readLive, readSnapshot, type LivePage, type Snapshot } from './read-live.ts';
import { Subscription, type EventSink, type SubscriptionHost } from './subscription.ts';

export interface TopicOptions {
  readonly db: Db;
  readonly log: Logger;
  /** Milliseconds between two looks should every notice be lost. */
  readonly pollMs: number;
  /** Milliseconds between two looks at least, however many notices come. */
  readonly gapMs: number;
  readonly stallMs: number;
  readonly pageSize: number;
}

/** Milliseconds that one snapshot serves all who come: what happens meanwhile reaches them as events. */
const SNAPSHOT_MS = 200;

/** The events of one execution, read once for all subscribers that have caught up. */
export class Topic implements SubscriptionHost {
  readonly stallMs: number;
  readonly pageSize: number;
  private readonly options: TopicOptions;
  private readonly executionId: string;
  private readonly onEmpty: () => void;
  private readonly subscriptions = new Set<Subscription>();
  private readonly loop: Periodic;
  /** Id of the last event that was pushed; null before anybody has caught up. */
  private cursor: number | null = null;
  private kept: { readonly until: number; readonly snapshot: Promise<Snapshot | null> } | null = null;

  constructor(executionId: string, options: TopicOptions, onEmpty: () => void) {
    this.executionId = executionId;
    this.options = options;
    this.onEmpty = onEmpty;
    this.stallMs = options.stallMs;
    this.pageSize = options.pageSize;
    this.loop = new Periodic({
      everyMs: options.pollMs,
      work: () => this.pull(),
      onError: (error) => this.failed(error),
    });
    this.loop.start();
  }

  get size(): number {
    return this.subscriptions.size;
  }

  /** @param afterId the last event that the reader has had; null begins with a snapshot. */
  subscribe(sink: EventSink, afterId: number | null): Subscription {
    const subscription = new Subscription(this, sink, afterId);
    this.subscriptions.add(subscription);
    subscription.start();
    return subscription;
  }

  /** There are new events. */
  wake(): void {
    this.loop.poke();
  }

  close(): Promise<void> {
    return this.loop.stop();
  }

  read(afterId: number): Promise<LivePage | null> {
    return readLive(this.options.db, this.executionId, { afterId, limit: this.pageSize });
  }

  snapshot(): Promise<Snapshot | null> {
    const now = performance.now();
    if (!this.kept || now >= this.kept.until)
      this.kept = { until: now + SNAPSHOT_MS, snapshot: readSnapshot(this.options.db, this.executionId) };
    return this.kept.snapshot;
  }

  joins(position: number): boolean {
    if (this.cursor === null || !this.hasLive()) this.cursor = Math.max(position, this.cursor ?? 0);
    const isUpToDate = position >= this.cursor;
    // What was announced while it read the last page has found nobody to be pushed to.
    if (isUpToDate) this.wake();
    return isUpToDate;
  }

  left(subscription: Subscription): void {
    this.subscriptions.delete(subscription);
    if (this.subscriptions.size === 0) this.onEmpty();
  }

  failed(error: unknown): void {
    this.options.log.warn({ err: error, executionId: this.executionId }, 'live events cannot be read at the moment');
  }

  private hasLive(): boolean {
    return [...this.subscriptions].some((subscription) => subscription.isLive);
  }

  private async pull(): Promise<void> {
    while (this.cursor !== null && this.hasLive()) {
      const page = await this.read(this.cursor);
      this.cursor = Math.max(this.cursor, page?.events.at(-1)?.eventId ?? 0);
      for (const subscription of [...this.subscriptions]) {
        if (page) subscription.push(page.events, page.isOver);
        else if (subscription.isLive) subscription.finish('gone');
      }
      if (!page || page.events.length < this.pageSize) break;
    }
    await new Promise((resolve) => setTimeout(resolve, this.options.gapMs));
  }
}
