export interface WaitOptions {
  /** Default 10 seconds. */
  readonly timeoutMs?: number;
  /** Pause between two looks; default 20 ms. */
  readonly intervalMs?: number;
  /** What is waited for, named in the error. */
  readonly what?: string;
}

/**
 * Looks at `condition` until it gives something truthy, and returns that.
 * @throws when the time is over; a condition that threw the last time gives the cause.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  options: WaitOptions = {},
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    let problem: unknown;
    try {
      const value = await condition();
      if (value) return value as Exclude<T, false | null | undefined | 0 | ''>;
    } catch (error) {
      problem = error;
    }
    if (Date.now() >= deadline)
      throw new Error(`${options.what ?? 'the condition'} did not come true within ${timeoutMs} ms`, {
        cause: problem,
      });
    await new Promise((resolve) => setTimeout(resolve, options.intervalMs ?? 20));
  }
}
