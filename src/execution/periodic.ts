/** A loop that runs `work` every `everyMs`, or at once when woken; never twice at the same time. */
export class Periodic {
  private readonly everyMs: number;
  private readonly work: () => Promise<void>;
  private readonly onError: (error: unknown) => void;
  private readonly onWell: (() => void) | undefined;
  private stopped = false;
  private woken = false;
  private wake: (() => void) | undefined;
  private loop: Promise<void> | undefined;

  constructor(options: {
    readonly everyMs: number;
    readonly work: () => Promise<void>;
    readonly onError: (error: unknown) => void;
    /** Called after every run that did not fail. */
    readonly onWell?: () => void;
  }) {
    this.everyMs = options.everyMs;
    this.work = options.work;
    this.onError = options.onError;
    this.onWell = options.onWell;
  }

  start(): void {
    this.loop ??= this.run();
  }

  /** Runs the work as soon as the present run ends. */
  poke(): void {
    this.woken = true;
    this.wake?.();
  }

  /** Lets the present run end. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wake?.();
    await this.loop;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      this.woken = false;
      try {
        await this.work();
        this.onWell?.();
      } catch (error) {
        this.onError(error);
        this.woken = false;
      }
      if (!this.stopped && !this.woken) await this.rest();
    }
  }

  private rest(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wake?.(), this.everyMs);
      this.wake = () => {
        clearTimeout(timer);
        this.wake = undefined;
        resolve();
      };
    });
  }
}
