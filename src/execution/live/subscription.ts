import type { StoredEvent } from '../read-executions.ts';
import type { LivePage, Snapshot } from './read-live.ts';

/** Why a subscription ended: the execution did, it was deleted, the reader could not keep up, or Postgres did not answer. */
export type FeedEnd = 'ended' | 'gone' | 'too_slow' | 'unavailable';

/** Where events go. */
export interface EventSink {
  /** Takes how the execution stands. False when nothing more fits until `drained`. */
  snapshot(snapshot: Snapshot): boolean;
  /** Takes one event. False when nothing more fits until `drained`. */
  event(event: StoredEvent): boolean;
  /** Resolves when more fits, or when nobody reads any more. */
  drained(): Promise<void>;
  /** Nothing more comes. Not called after `close`. */
  end(reason: FeedEnd): void;
}

/** What a subscription needs of the topic it belongs to. */
export interface SubscriptionHost {
  /** Milliseconds that a reader may take until more fits. */
  readonly stallMs: number;
  readonly pageSize: number;
  read(afterId: number): Promise<LivePage | null>;
  snapshot(): Promise<Snapshot | null>;
  /** True when nothing was pushed to the others that a reader at `position` has not had. */
  joins(position: number): boolean;
  left(subscription: Subscription): void;
  failed(error: unknown): void;
}

/**
 * One reader of one execution, at its own position. It reads pages until it has caught up, then takes what the topic pushes. When
 * its buffer is full it goes back to reading from where it is, as fast as it can take it: nothing is lost and nothing piles up.
 */
export class Subscription {
  private readonly host: SubscriptionHost;
  private readonly sink: EventSink;
  private position: number;
  private open = true;
  private live = false;

  constructor(host: SubscriptionHost, sink: EventSink, afterId: number | null) {
    this.host = host;
    this.sink = sink;
    this.position = afterId ?? -1;
  }

  get isLive(): boolean {
    return this.live;
  }

  start(): void {
    void this.catchUp(true);
  }

  /** Takes events that the topic has read for all; those it has had already are left out. */
  push(events: readonly StoredEvent[], isOver: boolean): void {
    if (!this.live || !this.open) return;
    if (!this.take(events)) {
      this.live = false;
      void this.catchUp(false);
    } else if (isOver) this.finish('ended');
  }

  /** The reader has gone. */
  close(): void {
    if (!this.open) return;
    this.open = false;
    this.live = false;
    this.host.left(this);
  }

  finish(reason: FeedEnd): void {
    if (!this.open) return;
    this.close();
    this.sink.end(reason);
  }

  /** False when the buffer became full. */
  private take(events: readonly StoredEvent[]): boolean {
    for (const event of events) {
      if (event.eventId <= this.position) continue;
      this.position = event.eventId;
      if (!this.sink.event(event)) return false;
    }
    return true;
  }

  private async catchUp(hasRoom: boolean): Promise<void> {
    try {
      let room = hasRoom;
      if (this.position < 0) room = await this.begin();
      while (this.open && !this.live) {
        if (!room && !(await this.drains())) return this.finish('too_slow');
        room = await this.readPage();
      }
    } catch (error) {
      this.host.failed(error);
      this.finish('unavailable');
    }
  }

  private async begin(): Promise<boolean> {
    const snapshot = await this.host.snapshot();
    if (!this.open) return false;
    if (!snapshot) {
      this.finish('gone');
      return false;
    }
    this.position = snapshot.lastEventId;
    return this.sink.snapshot(snapshot);
  }

  /** Gives whether there is room for more. */
  private async readPage(): Promise<boolean> {
    const page = await this.host.read(this.position);
    if (!this.open) return false;
    if (!page) {
      this.finish('gone');
      return false;
    }
    if (!this.take(page.events)) return false;
    if (page.isOver) this.finish('ended');
    else if (page.events.length < this.host.pageSize) this.live = this.host.joins(this.position);
    return true;
  }

  private async drains(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), this.host.stallMs);
    });
    const drained = this.sink.drained().then(() => true);
    return Promise.race([drained, late]).finally(() => clearTimeout(timer));
  }
}
