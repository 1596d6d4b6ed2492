import { PassThrough, type Readable } from 'node:stream';
import type { EventSink, FeedEnd, Snapshot, StoredEvent } from '../../execution/index.ts';
import { isTerminal } from '../../execution/index.ts';
import { presentExecution } from '../present-execution.ts';
import { HEARTBEAT, serverSentEvent } from './server-sent.ts';

/** Why a stream ended; `client` = the other side closed it. */
export type StreamEnd = FeedEnd | 'client' | 'maintenance' | 'shutting_down' | 'token_expired';

/** Bytes that wait for a client at most, beside one message; then the feed is told to hold back. */
const BUFFER_BYTES = 65_536;
/** Milliseconds after which a client comes back by itself. */
const RETRY_MS = 3_000;
/** After these the client should leave the service alone for a while. */
const RETRY_LATER_MS = 30_000;

export interface EventStreamOptions {
  readonly executionId: string;
  readonly masterplanId: string;
  /** When the caller's token ends, and with it the stream; null = never. */
  readonly expiresAt: Date | null;
  /** Called once, when the stream has ended for whatever reason. */
  readonly onEnd: (reason: StreamEnd) => void;
}

/** One open connection: what the feed gives, as text, through a buffer that does not grow. */
export class EventStream implements EventSink {
  readonly body: Readable;
  readonly expiresAt: Date | null;
  private readonly options: EventStreamOptions;
  private readonly buffer: PassThrough;
  private reason: StreamEnd | null = null;
  private hasTold = false;
  private wasTerminal = false;
  private wroteSinceBeat = false;

  constructor(options: EventStreamOptions) {
    this.options = options;
    this.expiresAt = options.expiresAt;
    this.buffer = new PassThrough({ highWaterMark: BUFFER_BYTES });
    this.body = this.buffer;
    this.buffer.write(`retry: ${RETRY_MS}\n\n`);
    this.buffer.once('close', () => this.ended('client'));
    this.buffer.on('error', () => this.ended('client'));
  }

  snapshot({ view, lastEventId }: Snapshot): boolean {
    return this.write(
      serverSentEvent({
        id: lastEventId,
        event: 'snapshot',
        data: { ...presentExecution(view), last_event_id: lastEventId },
      }),
    );
  }

  event(event: StoredEvent): boolean {
    const { executionId, masterplanId } = this.options;
    this.wasTerminal = isTerminal(event);
    const about = { execution_id: executionId, masterplan_id: masterplanId, at: event.at.toISOString() };
    return this.write(serverSentEvent({ id: event.eventId, event: event.type, data: { ...about, ...event.data } }));
  }

  drained(): Promise<void> {
    if (!this.buffer.writableNeedDrain || this.buffer.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.buffer.off('drain', done).off('close', done);
        resolve();
      };
      this.buffer.once('drain', done).once('close', done);
    });
  }

  /** Ends the stream. The client learns why, unless the closing event of the execution has told it, or it does not read. */
  end(reason: StreamEnd): void {
    if (this.reason !== null) return;
    this.ended(reason);
    if (reason === 'too_slow') {
      this.buffer.destroy();
      return;
    }
    const isPlain = reason === 'ended' && this.wasTerminal;
    const retryMs = reason === 'maintenance' ? RETRY_LATER_MS : undefined;
    if (!isPlain)
      this.write(serverSentEvent({ event: 'stream.closing', data: { reason }, ...(retryMs ? { retryMs } : {}) }));
    this.buffer.end();
  }

  /** Shows that the connection lives, where nothing else has since the last beat. */
  beat(): void {
    if (!this.wroteSinceBeat && !this.buffer.writableNeedDrain) this.write(HEARTBEAT);
    this.wroteSinceBeat = false;
  }

  private write(text: string): boolean {
    if (!this.buffer.writable) return true;
    this.wroteSinceBeat = true;
    this.buffer.write(text);
    return !this.buffer.writableNeedDrain;
  }

  private ended(reason: StreamEnd): void {
    this.reason ??= reason;
    if (this.hasTold) return;
    this.hasTold = true;
    this.options.onEnd(this.reason);
  }
}
