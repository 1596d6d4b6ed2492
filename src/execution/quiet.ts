/** Milliseconds that a worker takes nothing for the sake of a suspect atom, at most, before it goes on without it. */
export const QUIET_MS = 60_000;

/** What a worker is kept quiet for: a lane. */
interface Waiting {
  wantMore(): void;
}

/** A worker that takes nothing new until it is empty, so that a suspect atom of one of its executions can run alone. */
export class Quiet<Lane extends Waiting> {
  private lane: Lane | null = null;
  private isServing = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly onOver: (lane: Lane) => void;

  /** `onOver` is called when it ends without anything having been tried. */
  constructor(onOver: (lane: Lane) => void) {
    this.onOver = onOver;
  }

  get isOn(): boolean {
    return this.lane !== null;
  }

  isFor(lane: Lane): boolean {
    return this.lane === lane;
  }

  begin(lane: Lane): void {
    if (this.lane) return;
    this.lane = lane;
    this.timer = setTimeout(() => {
      this.end();
      this.onOver(lane);
    }, QUIET_MS);
    this.timer.unref();
  }

  /** The lane has its slot now; the next `served` ends it. */
  serve(): void {
    this.isServing = true;
  }

  /** A transaction of the lane is over. Whether it claimed a suspect or not: once is enough. */
  served(lane: Lane): void {
    if (this.isServing && this.isFor(lane)) this.end();
  }

  /** Nothing runs any more: the lane may take its suspect. */
  isEmpty(): void {
    this.lane?.wantMore();
  }

  end(): void {
    clearTimeout(this.timer);
    this.lane = null;
    this.isServing = false;
  }
}
