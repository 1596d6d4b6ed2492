import { setImmediate } from 'node:timers/promises';

/** Milliseconds of work after which others get their turn. */
const SLICE_MS = 5;

/** Lets other work of the thread through, as often as needed: call between pieces of long work. */
export class Breather {
  private since = performance.now();

  /** Returns at once until a slice of time is used up. */
  async pause(): Promise<void> {
    if (performance.now() - this.since < SLICE_MS) return;
    await setImmediate();
    this.since = performance.now();
  }
}
