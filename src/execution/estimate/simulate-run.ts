import { scheduleSeconds, type CheckTimes } from './schedule-run.ts';

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
  /** Seconds until an answer is there, of which one is drawn for each. A draft is there at once. */
  readonly answerSeconds: readonly number[];
  /** What judging takes; all atoms share the checkers. */
  readonly checks: CheckTimes;
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
 * Plays a run through: each atom takes attempts until one passes, each call as long as one of those seen before, then waits for the
 * checkers; at most `slots` atoms at a time, the longest remaining chain first, as the engine does. An atom that exhausts its attempts
 * holds nobody up here: how long the rest takes is the question.
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
    atoms.map((atom) => atom.calls),
    plan.dependencies,
    slots,
    model.checks,
  );
  return { seconds, answers, usd: answers * model.usdPerAnswer };
}

function drawAtom(
  hasDraft: boolean,
  model: AttemptModel,
  random: () => number,
): { readonly calls: number[]; readonly answers: number } {
  const calls: number[] = [];
  for (let attempt = 1; attempt <= model.maxAttempts; attempt += 1) {
    const isDraft = attempt === 1 && hasDraft;
    calls.push(isDraft ? 0 : (model.answerSeconds[Math.floor(random() * model.answerSeconds.length)] ?? 0));
    if (random() < (isDraft ? model.draftPasses : model.answerPasses)) break;
  }
  return { calls, answers: calls.length - (hasDraft ? 1 : 0) };
}
