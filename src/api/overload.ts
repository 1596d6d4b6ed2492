/** Looks in a row that must show lag before calls are turned away: one long stop (a start, a big collection) is over when it is seen. */
const SUSTAINED_LOOKS = 3;

/** Tells an event loop that cannot keep up from one that stopped once. */
export class OverloadWatch {
  private readonly limitMs: number;
  private looks = 0;

  /** @param limitMs mean lag of the event loop, over the time between two looks, that is too much. */
  constructor(limitMs: number) {
    this.limitMs = limitMs;
  }

  /** Takes the mean lag since the last look; not finite = no sample, which is no sign of anything. */
  look(lagMs: number): void {
    this.looks = Number.isFinite(lagMs) && lagMs > this.limitMs ? this.looks + 1 : 0;
  }

  get isOverloaded(): boolean {
    return this.looks >= SUSTAINED_LOOKS;
  }
}
