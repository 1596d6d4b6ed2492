import { ModelCallError } from './model-error.ts';

export interface CallTimeouts {
  /** Milliseconds for the whole answer; default 300000. */
  readonly totalMs: number;
  /** Milliseconds without a sign of life; default 60000. */
  readonly idleMs: number;
}

export const DEFAULT_TIMEOUTS: CallTimeouts = { totalMs: 300_000, idleMs: 60_000 };

/** Ends a call that takes too long or is no longer wanted. `close` must be called when the call is over. */
export class CallWatch {
  readonly signal: AbortSignal;
  private readonly controller = new AbortController();
  private readonly timeouts: CallTimeouts;
  private readonly outer: AbortSignal;
  private readonly total: NodeJS.Timeout;
  private idle: NodeJS.Timeout;
  private late: string | null = null;

  constructor(outer: AbortSignal, timeouts: CallTimeouts) {
    this.outer = outer;
    this.timeouts = timeouts;
    this.signal = this.controller.signal;
    this.total = setTimeout(() => this.expire(`no whole answer within ${timeouts.totalMs} ms`), timeouts.totalMs);
    this.idle = this.startIdle();
    if (outer.aborted) this.controller.abort();
    else outer.addEventListener('abort', this.onOuter, { once: true });
  }

  /** There was a sign of life. */
  touch(): void {
    clearTimeout(this.idle);
    this.idle = this.startIdle();
  }

  /** Throws when the call was ended from here: streams of the client libraries end silently then. @throws {ModelCallError} */
  check(spentUsd: number): void {
    if (this.outer.aborted) throw new ModelCallError('broken', 'the call was ended from here', { spentUsd });
    if (this.late !== null) throw new ModelCallError('timeout', `the model gave ${this.late}`, { spentUsd });
  }

  close(): void {
    clearTimeout(this.total);
    clearTimeout(this.idle);
    this.outer.removeEventListener('abort', this.onOuter);
  }

  private readonly onOuter = (): void => this.controller.abort();

  private startIdle(): NodeJS.Timeout {
    return setTimeout(() => this.expire(`no sign of life for ${this.timeouts.idleMs} ms`), this.timeouts.idleMs);
  }

  private expire(why: string): void {
    this.late = why;
    this.controller.abort();
  }
}
