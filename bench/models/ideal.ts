/** The two neighbours of the layer before that the n-th atom of layers of `width` depends on. */
export function dependenciesOf(n: number, width: number): number[] {
  return n < width ? [] : [0, 1].map((k) => (Math.floor(n / width) - 1) * width + (((n % width) + k) % width));
}

/**
 * Milliseconds that a perfect scheduler needs for layers of `width` atoms, each depending on two neighbours of the layer before, with so
 * many slots and no cost of its own: greedy, the longest remaining chain first.
 */
export function idealMs(durations: readonly number[], width: number, slots: number): number {
  const count = durations.length;
  const dependents: number[][] = durations.map(() => []);
  const unmet = durations.map((_, n) => dependenciesOf(n, width).length);
  for (let n = 0; n < count; n += 1) for (const on of dependenciesOf(n, width)) dependents[on]?.push(n);
  const chain = new Array<number>(count).fill(0);
  for (let n = count - 1; n >= 0; n -= 1)
    chain[n] = (durations[n] ?? 0) + Math.max(0, ...(dependents[n] ?? []).map((next) => chain[next] ?? 0));
  const ready = durations.map((_, n) => n).filter((n) => unmet[n] === 0);
  const running: { n: number; end: number }[] = [];
  let now = 0;
  while (ready.length > 0 || running.length > 0) {
    ready.sort((a, b) => (chain[b] ?? 0) - (chain[a] ?? 0));
    while (running.length < slots && ready.length > 0) {
      const n = ready.shift() ?? 0;
      running.push({ n, end: now + (durations[n] ?? 0) });
    }
    running.sort((a, b) => a.end - b.end);
    const done = running.shift();
    if (done === undefined) break;
    now = done.end;
    for (const next of dependents[done.n] ?? []) {
      unmet[next] = (unmet[next] ?? 0) - 1;
      if (unmet[next] === 0) ready.push(next);
    }
  }
  return now;
}
