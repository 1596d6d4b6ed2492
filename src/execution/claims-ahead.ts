import type { ClaimedAtom } from './attempt-outcome.ts';

/** Milliseconds that a claimed atom may wait for a slot of its worker before it is given back for others to take. */
export const HOLD_MS = 25;

/** Atoms that one worker claims beyond its slots at most. */
const MOST_AHEAD = 1_000;

/** How much of the pace before counts when a slower group was seen once: it takes a few quick groups to claim ahead again. */
const MEMORY = 0.5;

/**
 * Atoms that were claimed before there is a slot for them, and how many of those are worth it: as many as the slots work off while
 * one transaction runs. Bodies that take longer than a transaction get none, so that claiming ahead never makes an atom wait for
 * longer than fetching it later would have taken.
 */
export class ClaimsAhead {
  private readonly held: ClaimedAtom[] = [];
  private readonly onOverdue: () => void;
  private timer: NodeJS.Timeout | undefined;
  private heldSince = 0;
  /** How many may be claimed ahead, as `allowance` found last. */
  allowed = 0;
  /** Mean milliseconds of a body; null until the first group has ended. */
  private bodyMs: number | null = null;
  private transactionMs = 0;
  private groupMs = 0;
  private groupSize = 0;

  /** `onOverdue` is called when atoms have waited for too long. */
  constructor(onOverdue: () => void) {
    this.onOverdue = onOverdue;
  }

  get size(): number {
    return this.held.length;
  }

  hold(atoms: readonly ClaimedAtom[]): void {
    if (this.held.length === 0) this.heldSince = performance.now();
    for (const atom of atoms) this.held.push(atom);
  }

  /** The next `count` atoms, in the order in which they were claimed. */
  next(count: number): ClaimedAtom[] {
    return this.held.splice(0, count);
  }

  /** All that wait. After this nothing is claimed ahead until bodies have shown again that they are quick. */
  giveUp(): ClaimedAtom[] {
    this.bodyMs = Math.max(this.bodyMs ?? 0, 40 * HOLD_MS);
    this.allowed = 0;
    return this.next(this.held.length);
  }

  /** Looks after what is held until it is gone. */
  watch(): void {
    if (this.held.length === 0 || this.timer) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.held.length > 0 && performance.now() - this.heldSince >= HOLD_MS) this.onOverdue();
      this.watch();
    }, HOLD_MS);
    this.timer.unref();
  }

  bodyTook(ms: number): void {
    this.groupMs += ms;
    this.groupSize += 1;
  }

  transactionTook(ms: number): void {
    this.transactionMs = this.transactionMs === 0 ? ms : 0.7 * this.transactionMs + 0.3 * ms;
  }

  /** How many atoms beyond the slots are worth claiming now. Grows by steps, falls at once. */
  allowance(slots: number): number {
    if (this.groupSize > 0) {
      const mean = this.groupMs / this.groupSize;
      this.bodyMs = this.bodyMs === null ? mean : Math.max(mean, MEMORY * this.bodyMs);
      [this.groupMs, this.groupSize] = [0, 0];
    }
    if (this.bodyMs === null) return 0;
    const worth = slots * Math.floor(this.transactionMs / Math.max(this.bodyMs, 0.01));
    this.allowed = Math.min(MOST_AHEAD, worth, 2 * this.allowed + slots);
    return this.allowed;
  }
}
