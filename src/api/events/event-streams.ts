import type { Readable } from 'node:stream';
import type { Clock } from '../../adapters/runtime.ts';
import type { Logger } from '../../adapters/telemetry/logger.ts';
import type { Metrics } from '../../adapters/telemetry/metrics.ts';
import { MgeError } from '../../domain/index.ts';
import type { EventFeed } from '../../execution/index.ts';
import type { MaintenanceWatch } from '../../operations/index.ts';
import { EventStream, type StreamEnd } from './event-stream.ts';

export interface EventStreamLimits {
  /** Milliseconds between two signs of life; default 15,000. */
  readonly heartbeatMs: number;
  /** Milliseconds between two looks at maintenance and at the ends of tokens; default 1,000. */
  readonly watchMs: number;
  /** Open streams per subject and process; default 20. */
  readonly perSubject: number;
  /** Open streams per process; default 2,000. */
  readonly total: number;
}

const DEFAULTS: EventStreamLimits = { heartbeatMs: 15_000, watchMs: 1_000, perSubject: 20, total: 2_000 };
/** Milliseconds that a caller with too many streams is told to wait. */
const RETRY_MS = 5_000;

export interface EventStreamsOptions {
  readonly feed: EventFeed;
  readonly maintenance: MaintenanceWatch;
  readonly metrics: Pick<Metrics, 'eventStreams' | 'eventStreamsEnded'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits?: Partial<EventStreamLimits>;
}

export interface OpenStream {
  readonly subject: string;
  readonly executionId: string;
  readonly masterplanId: string;
  /** The last event that the client has; null begins with a snapshot. */
  readonly afterId: number | null;
  readonly expiresAt: Date | null;
}

/** The open streams of this process: how many each caller may have, their heartbeat, and their end. */
export class EventStreams {
  private readonly options: EventStreamsOptions;
  private readonly limits: EventStreamLimits;
  private readonly open = new Map<EventStream, string>();
  private timers: NodeJS.Timeout[] = [];

  constructor(options: EventStreamsOptions) {
    this.options = options;
    this.limits = { ...DEFAULTS, ...options.limits };
  }

  get size(): number {
    return this.open.size;
  }

  /**
   * Begins to stream.
   * @throws {MgeError} RATE_LIMITED when the subject has as many as it may, OVERLOADED when the process has
   */
  start(request: OpenStream): Readable {
    this.admit(request.subject);
    const { feed, metrics, log } = this.options;
    let unfollow: (() => void) | null = null;
    const stream = new EventStream({
      ...request,
      onEnd: (reason) => {
        this.open.delete(stream);
        unfollow?.();
        if (this.open.size === 0) this.rest();
        metrics.eventStreams.set(this.open.size);
        metrics.eventStreamsEnded.inc({ reason });
        log.debug({ executionId: request.executionId, reason }, 'event stream ended');
      },
    });
    this.open.set(stream, request.subject);
    metrics.eventStreams.set(this.open.size);
    if (this.timers.length === 0) this.watch();
    unfollow = feed.follow(request.executionId, request.afterId, stream);
    return stream.body;
  }

  endAll(reason: StreamEnd): void {
    for (const stream of [...this.open.keys()]) stream.end(reason);
  }

  private admit(subject: string): void {
    const { perSubject, total } = this.limits;
    if (this.open.size >= total)
      throw new MgeError('OVERLOADED', `This instance has ${total} open event streams; try again shortly.`, {
        retryAfterMs: RETRY_MS,
      });
    let own = 0;
    for (const owner of this.open.values()) if (owner === subject) own += 1;
    if (own >= perSubject)
      throw new MgeError('RATE_LIMITED', `You have ${own} open event streams, as many as allowed; close one first.`, {
        retryAfterMs: RETRY_MS,
        details: { limit: perSubject },
      });
  }

  private watch(): void {
    const beat = setInterval(() => {
      for (const stream of this.open.keys()) stream.beat();
    }, this.limits.heartbeatMs);
    this.timers = [beat, setInterval(() => void this.check(), this.limits.watchMs)];
  }

  private rest(): void {
    for (const timer of this.timers) clearInterval(timer);
    this.timers = [];
  }

  private async check(): Promise<void> {
    if ((await this.options.maintenance.current()).enabled) return this.endAll('maintenance');
    const now = this.options.clock.now();
    for (const stream of [...this.open.keys()])
      if (stream.expiresAt !== null && stream.expiresAt <= now) stream.end('token_expired');
  }
}
