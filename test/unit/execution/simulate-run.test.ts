import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scheduleSeconds } from '../../../src/execution/estimate/schedule-run.ts';
import { simulateRun, type AttemptModel } from '../../../src/execution/estimate/simulate-run.ts';

const SURE: AttemptModel = {
  draftPasses: 1,
  answerPasses: 1,
  answerSeconds: [10],
  checks: { busySeconds: 1, ownSeconds: 0 },
  usdPerAnswer: 0.5,
  maxAttempts: 4,
};

describe('a simulated schedule', () => {
  it('takes the longest chain where there are slots enough', () => {
    // 0 <- 1 <- 2, and 3 alone.
    expect(scheduleSeconds([[1], [2], [3], [5]], [[], [0], [1], []], 10)).toBe(6);
  });

  it('takes the whole work where there is one slot', () => {
    expect(scheduleSeconds([[1], [2], [3], [5]], [[], [0], [1], []], 1)).toBe(11);
  });

  it('has all atoms wait for the same checkers, after each call', () => {
    const checks = { busySeconds: 2, ownSeconds: 1 };
    // The second call comes back while the first one is checked, waits for that, and is asked again.
    expect(scheduleSeconds([[3], [3.5, 4]], [[], []], 10, checks)).toBe(3 + 2 + 2 + 1 + 4 + 2 + 1);
  });

  it('never ends before the longest chain, nor before the work is shared out, nor later than twice both', () => {
    const plans = fc.integer({ min: 1, max: 40 }).chain((count) =>
      fc.record({
        seconds: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: count, maxLength: count }),
        dependencies: fc.tuple(
          ...Array.from({ length: count }, (_, atom) =>
            atom === 0 ? fc.constant([]) : fc.uniqueArray(fc.integer({ min: 0, max: atom - 1 }), { maxLength: 3 }),
          ),
        ),
        slots: fc.integer({ min: 1, max: 8 }),
      }),
    );
    fc.assert(
      fc.property(plans, ({ seconds, dependencies, slots }) => {
        const chain: number[] = [];
        seconds.forEach((own, atom) => {
          chain[atom] = own + Math.max(0, ...(dependencies[atom] ?? []).map((on) => chain[on] ?? 0));
        });
        const work = seconds.reduce((sum, one) => sum + one, 0) / slots;
        const bound = Math.max(work, ...chain);
        const taken = scheduleSeconds(
          seconds.map((one) => [one]),
          dependencies,
          slots,
        );
        expect(taken).toBeGreaterThanOrEqual(bound - 1e-9);
        // List scheduling is within 2 - 1/slots of the best (Graham 1966).
        expect(taken).toBeLessThanOrEqual(work + Math.max(...chain) + 1e-9);
      }),
    );
  });
});

describe('a simulated run', () => {
  const plan = { hasDraft: [true, false, false], dependencies: [[], [0], [0]] };

  it('pays for answers and not for drafts', () => {
    expect(simulateRun(plan, SURE, 10, () => 0.5)).toEqual({ seconds: 1 + 10 + 2, answers: 2, usd: 1 });
  });

  it('counts every attempt until the last', () => {
    const never = { ...SURE, draftPasses: 0, answerPasses: 0 };
    expect(simulateRun(plan, never, 10, () => 0.5)).toEqual({
      // The draft and three answers, each with its check; then two atoms take turns with the checkers.
      seconds: 1 + 3 * 11 + 4 * 11 + 1,
      answers: 3 + 4 + 4,
      usd: 5.5,
    });
  });
});
