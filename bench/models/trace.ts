/** When each atom of a run could begin, began its calls, had its answer and passed its checks: told from outside, the product knows nothing of it. */
import type { CodeProvider, ProviderLookup } from '../../src/adapters/llm/provider.ts';
import type { Validation } from '../../src/validation/index.ts';

/** One attempt with an answer. Milliseconds of `performance.now()`. */
interface Attempt {
  /** The provider was asked: everything that the prompt needs is loaded and the money is set aside. */
  readonly asked: number;
  answered: number;
  checkBegan: number;
  checkEnded: number;
}

export class RunTrace {
  readonly atoms = new Map<string, Attempt[]>();

  providers(lookup: ProviderLookup): ProviderLookup {
    const traced = new WeakMap<CodeProvider, CodeProvider>();
    return (name, model) => {
      const provider = lookup(name, model);
      const known = traced.get(provider) ?? this.traced(provider);
      traced.set(provider, known);
      return known;
    };
  }

  validation<V extends Pick<Validation, 'validateAtom'>>(validation: V): V {
    return {
      ...validation,
      validateAtom: async (input) => {
        const attempt = this.of(input.atom.name).at(-1);
        if (attempt !== undefined) attempt.checkBegan = performance.now();
        try {
          return await validation.validateAtom(input);
        } finally {
          if (attempt !== undefined) attempt.checkEnded = performance.now();
        }
      },
    };
  }

  private traced(provider: CodeProvider): CodeProvider {
    return {
      ...provider,
      generate: async (request, signal) => {
        const attempt: Attempt = { asked: performance.now(), answered: 0, checkBegan: 0, checkEnded: 0 };
        this.of(request.atom.name).push(attempt);
        try {
          return await provider.generate(request, signal);
        } finally {
          attempt.answered = performance.now();
        }
      },
    };
  }

  private of(name: string): Attempt[] {
    const attempts = this.atoms.get(name) ?? [];
    this.atoms.set(name, attempts);
    return attempts;
  }
}

const round = (value: number): number => Math.round(value);

function spread(values: number[]): { median: number; p90: number; max: number; sum: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
  return { median: at(0.5), p90: at(0.9), max: at(1), sum: round(values.reduce((a, b) => a + b, 0)) };
}

interface Call {
  readonly name: string;
  readonly at: number;
  readonly end: number;
}

/**
 * Where the time of a run went, in milliseconds per atom. `calls` are those that the server saw, on the clock of `performance.now()`;
 * `dependencies` gives the numbers of the atoms that the n-th one waits for.
 */
export function lossesOf(
  trace: RunTrace,
  run: {
    readonly atoms: number;
    readonly began: number;
    readonly ended: number;
    readonly slots: number;
    readonly calls: readonly Call[];
    readonly dependencies: (n: number) => readonly number[];
    readonly chain: (n: number) => number;
  },
) {
  const attemptsOf = (n: number): Attempt[] => trace.atoms.get(`atom ${n}`) ?? [];
  const passed = (n: number): number => attemptsOf(n).at(-1)?.checkEnded ?? 0;
  const unblocked = (n: number): number => Math.max(run.began, ...run.dependencies(n).map(passed));
  const firstCall = new Map<string, number>();
  for (const { name, at } of run.calls) if (!firstCall.has(name)) firstCall.set(name, at);
  const numbers = Array.from({ length: run.atoms }, (_, n) => n).filter((n) => firstCall.has(`atom ${n}`));
  const callAt = (n: number): number => firstCall.get(`atom ${n}`) ?? 0;
  const attempts = numbers.flatMap(attemptsOf);
  const checked = attempts.filter(({ checkEnded }) => checkEnded > 0);
  return {
    unblockedToAsked: spread(numbers.map((n) => (attemptsOf(n)[0]?.asked ?? 0) - unblocked(n))),
    askedToCall: spread(numbers.map((n) => callAt(n) - (attemptsOf(n)[0]?.asked ?? 0))),
    answeredToCheck: spread(checked.map(({ answered, checkBegan }) => checkBegan - answered)),
    check: spread(checked.map(({ checkBegan, checkEnded }) => checkEnded - checkBegan)),
    rejectedToAskedAgain: spread(
      numbers.flatMap((n) =>
        attemptsOf(n)
          .slice(1)
          .map(({ asked }, i) => asked - Math.max(attemptsOf(n)[i]?.answered ?? 0, attemptsOf(n)[i]?.checkEnded ?? 0)),
      ),
    ),
    lastPassedToEnd: round(run.ended - Math.max(...numbers.map(passed))),
    ...idleSlots(
      run,
      numbers.map((n) => ({ from: unblocked(n), to: callAt(n) })),
    ),
    outOfOrder: outOfOrder(numbers.map((n) => ({ ready: unblocked(n), start: callAt(n), chain: run.chain(n) }))),
  };
}

/** Slots without an open call while atoms wait for one, in slot milliseconds; and all slots without a call. */
function idleSlots(
  run: { readonly began: number; readonly ended: number; readonly slots: number; readonly calls: readonly Call[] },
  waits: readonly { readonly from: number; readonly to: number }[],
): { idleWhileReady: number; meanOpenCalls: number; busiestPart: string } {
  const steps = [
    ...run.calls.flatMap(({ at, end }) => [
      { at, open: 1, ready: 0 },
      { at: end, open: -1, ready: 0 },
    ]),
    ...waits.flatMap(({ from, to }) => [
      { at: from, open: 0, ready: 1 },
      { at: to, open: 0, ready: -1 },
    ]),
  ].toSorted((a, b) => a.at - b.at);
  let [open, ready, last, idle, busy, full] = [0, 0, run.began, 0, 0, 0];
  for (const step of steps) {
    const ms = step.at - last;
    idle += ms * Math.max(0, Math.min(run.slots - open, ready));
    busy += ms * open;
    if (open >= run.slots * 0.95) full += ms;
    [open, ready, last] = [open + step.open, ready + step.ready, step.at];
  }
  const wall = run.ended - run.began;
  return {
    idleWhileReady: round(idle),
    meanOpenCalls: round(busy / wall),
    busiestPart: `${round((100 * full) / wall)} % of the time at least 95 % of the slots had a call out`,
  };
}

/** Starts before which an atom with a longer chain behind it had been ready for 100 ms and was left waiting. */
function outOfOrder(
  atoms: readonly { readonly ready: number; readonly start: number; readonly chain: number }[],
): number {
  return atoms.filter(({ start, chain }) =>
    atoms.some((other) => other.chain > chain && other.ready + 100 < start && other.start > start + 100),
  ).length;
}
