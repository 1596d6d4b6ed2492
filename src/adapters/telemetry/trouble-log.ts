import type { Logger } from './logger.ts';

export interface TroubleLogOptions {
  readonly log: Pick<Logger, 'warn' | 'info'>;
  /** What is in trouble, as messages name it: constant. */
  readonly what: string;
  /** Milliseconds before the same trouble is told again; doubles each time; default 60000. */
  readonly remindMs?: number;
  /** Milliseconds between two reminders at most; default 3600000. */
  readonly maxRemindMs?: number;
  /** Milliseconds; default performance.now. */
  readonly now?: () => number;
}

/**
 * Tells of a server that fails: one line when the trouble begins or shows another face, reminders at growing intervals while it lasts,
 * one line when it is over. A client that tries again ten times a second must not write ten lines a second.
 */
export class TroubleLog {
  private readonly options: TroubleLogOptions;
  private readonly faces = new Set<string>();
  private untold = 0;
  private remindAt = Infinity;
  private remindMs: number;

  constructor(options: TroubleLogOptions) {
    this.options = options;
    this.remindMs = options.remindMs ?? 60_000;
  }

  readonly trouble = (error: unknown): void => {
    const { log, what, maxRemindMs = 3_600_000 } = this.options;
    const now = (this.options.now ?? (() => performance.now()))();
    const face = faceOf(error);
    const isDue = now >= this.remindAt;
    if (this.faces.has(face) && !isDue) {
      this.untold += 1;
      return;
    }
    if (isDue) this.remindMs = Math.min(maxRemindMs, this.remindMs * 2);
    this.remindAt = now + this.remindMs;
    this.faces.add(face);
    log.warn({ err: error, ...(this.untold > 0 ? { repeats: this.untold } : {}) }, `${what} is in trouble`);
    this.untold = 0;
  };

  readonly well = (): void => {
    if (this.faces.size === 0) return;
    this.faces.clear();
    this.untold = 0;
    this.remindAt = Infinity;
    this.remindMs = this.options.remindMs ?? 60_000;
    this.options.log.info(`${this.options.what} is well again`);
  };
}

/** What makes an error another one: its code, or the first word of what a server says (`WRONGPASS`), not addresses and times. */
function faceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return code;
  return `${error.name} ${/^[A-Z]{4,}\b/.exec(error.message)?.[0] ?? error.message.slice(0, 60)}`;
}
