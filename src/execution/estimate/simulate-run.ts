/** What one simulated run needs to know about the atoms: dependencies as a compact list per atom. */
export interface SimulatedPlan {
  /** One entry per atom: whether its first attempt takes a draft. */
  readonly hasDraft: readonly boolean[];
  /** Indices of the atoms that each atom depends on. */
  readonly dependencies: readonly (readonly number[])[];
}

/** How attempts go, as far as anything is known. */
export interface AttemptModel {
  /** Probability that a draft passes. */
  readonly draftPasses: number;
  /** Probability that a generated answer passes. */
  readonly answerPasses: number;
  /** Seconds of an attempt with a draft, some of which are drawn from. */
  readonly draftSeconds: readonly number[];
  /** Seconds of an attempt with a generated answer. */
  readonly answerSeconds: readonly number[];
  /** US dollars of one generated answer. */
  readonly usdPerAnswer: number;
  readonly maxAttempts: number;
}

export interface SimulatedRun {
  readonly seconds: number;
  readonly answers: number;
  readonly usd: number;
}

/**
 * Plays a run through: each atom takes attempts until one passes, each as long as one of those seen before, at most `slots` atoms at a
 * time, the longest remaining chain first, as the engine does. An atom that exhausts its attempts holds nobody up here: how long the rest
 * takes is the question.
 */
export function simulateRun(
  plan: SimulatedPlan,
  model: AttemptModel,
  slots: number,
  random: () => number,
): SimulatedRun {
  const atoms = plan.hasDraft.map((hasDraft) => drawAtom(hasDraft, model, random));
  const answers = atoms.reduce((sum, atom) => sum + atom.answers, 0);
  const seconds = scheduleSeconds(
    atoms.map((atom) => atom.seconds),
    plan.dependencies,
    slots,
  );
  return { seconds, answers, usd: answers * model.usdPerAnswer };
}

function drawAtom(
  hasDraft: boolean,
  model: AttemptModel,
  random: () => number,
): { readonly seconds: number; readonly answers: number } {
  let seconds = 0;
  let answers = 0;
  for (let attempt = 1; attempt <= model.maxAttempts; attempt += 1) {
    const isDraft = attempt === 1 && hasDraft;
    const times = isDraft ? model.draftSeconds : model.answerSeconds;
    seconds += times[Math.floor(random() * times.length)] ?? 0;
    answers += isDraft ? 0 : 1;
    if (random() < (isDraft ? model.draftPasses : model.answerPasses)) break;
  }
  return { seconds, answers };
}

/** Wall seconds of greedy list scheduling by longest remaining chain. Circular dependencies are taken as met. */
export function scheduleSeconds(
  seconds: readonly number[],
  dependencies: readonly (readonly number[])[],
  slots: number,
): number {
  const dependents: number[][] = seconds.map(() => []);
  const unmet = new Int32Array(seconds.length);
  dependencies.forEach((on, atom) => {
    unmet[atom] = on.length;
    for (const dependency of on) dependents[dependency]?.push(atom);
  });
  const chain = remainingChains(seconds, dependents, Int32Array.from(unmet));
  const ready = new Heap((a, b) => (chain[b] ?? 0) - (chain[a] ?? 0));
  const end = new Float64Array(seconds.length);
  const running = new Heap((a, b) => (end[a] ?? 0) - (end[b] ?? 0));
  unmet.forEach((count, atom) => {
    if (count === 0) ready.push(atom);
  });
  let now = 0;
  for (;;) {
    while (running.size < slots && ready.size > 0) {
      const atom = ready.pop();
      end[atom] = now + (seconds[atom] ?? 0);
      running.push(atom);
    }
    if (running.size === 0) return now;
    const done = running.pop();
    now = end[done] ?? now;
    for (const next of dependents[done] ?? []) {
      unmet[next] = (unmet[next] ?? 0) - 1;
      if (unmet[next] === 0) ready.push(next);
    }
  }
}

/** Seconds from the start of each atom to the end of its longest chain of dependents. */
function remainingChains(
  seconds: readonly number[],
  dependents: readonly (readonly number[])[],
  unmet: Int32Array,
): Float64Array {
  const order: number[] = [];
  unmet.forEach((count, atom) => {
    if (count === 0) order.push(atom);
  });
  for (let at = 0; at < order.length; at += 1)
    for (const next of dependents[order[at] ?? 0] ?? []) {
      unmet[next] = (unmet[next] ?? 0) - 1;
      if (unmet[next] === 0) order.push(next);
    }
  const chain = new Float64Array(seconds.length);
  for (const atom of order.toReversed()) {
    let longest = 0;
    for (const next of dependents[atom] ?? []) longest = Math.max(longest, chain[next] ?? 0);
    chain[atom] = (seconds[atom] ?? 0) + longest;
  }
  return chain;
}

/** A binary heap of atom indices, the least by `compare` on top. */
class Heap {
  private readonly items: number[] = [];
  private readonly compare: (a: number, b: number) => number;

  constructor(compare: (a: number, b: number) => number) {
    this.compare = compare;
  }

  get size(): number {
    return this.items.length;
  }

  push(item: number): void {
    const { items } = this;
    items.push(item);
    let at = items.length - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (this.compare(items[at] ?? 0, items[above] ?? 0) >= 0) break;
      this.swap(at, above);
      at = above;
    }
  }

  /** The least item; there must be one. */
  pop(): number {
    const { items } = this;
    const top = items[0] ?? 0;
    const last = items.pop() ?? 0;
    if (items.length === 0) return top;
    items[0] = last;
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let least = at;
      if (left < items.length && this.compare(items[left] ?? 0, items[least] ?? 0) < 0) least = left;
      if (right < items.length && this.compare(items[right] ?? 0, items[least] ?? 0) < 0) least = right;
      if (least === at) return top;
      this.swap(at, least);
      at = least;
    }
  }

  private swap(a: number, b: number): void {
    const { items } = this;
    [items[a], items[b]] = [items[b] ?? 0, items[a] ?? 0];
  }
}
