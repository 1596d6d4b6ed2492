import { describe, expect, it } from 'vitest';
import {
  allowedAt,
  DEFAULT_POLICY,
  initialState,
  NO_CALLS,
  observe,
  type CallSample,
  type ControlState,
} from '../../../../src/adapters/llm/concurrency/controller.ts';
import { seeded } from '../../../support/model-server.ts';

/** Half of where it begins by default: room to grow. */
const POLICY = { ...DEFAULT_POLICY, start: 50 };
const START = 1_000_000;
const EVEN = 0.5;
const good = (calls: number, more: Partial<CallSample> = {}): CallSample => ({
  ...NO_CALLS,
  answered: calls,
  latencyMs: calls * 400,
  demand: 1_000,
  ...more,
});

/** Rounds of a second each. */
function run(state: ControlState, samples: readonly CallSample[], from = START, random = () => EVEN): ControlState {
  return samples.reduce(
    (now, sample, i) => observe(POLICY, now, sample, from + (i + 1) * POLICY.roundMs, random()),
    state,
  );
}
const fresh = () => initialState(POLICY, START);
const limits = (states: readonly ControlState[]) => states.map((state) => state.limit);

describe('the limit of calls that are out at once', () => {
  it('grows by a step a round while calls go well, and never past the most', () => {
    expect(
      limits(
        [1, 2, 3].map((rounds) =>
          run(
            fresh(),
            Array.from({ length: rounds }, () => good(20)),
          ),
        ),
      ),
    ).toEqual([55, 60, 65]);
    const long = run(
      fresh(),
      Array.from({ length: 100 }, () => good(20)),
    );
    expect(long.limit).toBe(POLICY.max);
    expect(long.lastChange).toMatchObject({ to: 200, reason: 'increase' });
  });

  it('takes steps of different sizes, so that keys and restarts do not move in step', () => {
    const grown = (seed: number) => run(fresh(), [good(20), good(20), good(20)], START, seeded(seed)).limit;
    expect(grown(1)).not.toBe(grown(2));
    for (const seed of [1, 2, 3]) {
      expect(grown(seed)).toBeGreaterThanOrEqual(50 + 3 * 2.5);
      expect(grown(seed)).toBeLessThanOrEqual(50 + 3 * 7.5);
    }
  });

  it('does not grow on calls that never came near it', () => {
    expect(run(fresh(), [good(20, { demand: 12 }), good(20, { demand: 39 })]).limit).toBe(50);
    expect(run(fresh(), [good(20, { demand: 40 })]).limit).toBe(55);
  });

  it('is halved by a 429 at once, once for all calls that were out, and never goes below the least', () => {
    const one = observe(POLICY, fresh(), { ...NO_CALLS, throttled: 7 }, START + 10, EVEN);
    expect(one).toMatchObject({ limit: 25, lastChange: { from: 50, to: 25, reason: 'rate_limited' } });
    const two = observe(POLICY, one, { ...NO_CALLS, throttled: 5 }, START + 500, EVEN);
    expect(two.limit).toBe(25);
    const later = observe(POLICY, two, { ...NO_CALLS, throttled: 1 }, START + 10 + POLICY.cooldownMs, EVEN);
    expect(later.limit).toBe(12.5);
    const last = observe(POLICY, later, { ...NO_CALLS, throttled: 1 }, START + 10 + 2 * POLICY.cooldownMs, EVEN);
    expect(last.limit).toBe(POLICY.min);
  });

  it('rests after a decrease before it grows again', () => {
    const cut = observe(POLICY, fresh(), { ...NO_CALLS, throttled: 1 }, START + 10, EVEN);
    const soon = observe(POLICY, cut, good(20), START + 1_001, EVEN);
    const then = observe(POLICY, soon, good(20), START + 2_002, EVEN);
    const after = observe(POLICY, then, good(20), START + 3_003, EVEN);
    expect(limits([cut, soon, then, after])).toEqual([25, 25, 25, 30]);
  });

  it('falls with the share of calls that fail, and stands while few do', () => {
    expect(run(fresh(), [good(16, { failed: 4 })]).limit).toBe(50);
    const bad = run(fresh(), [good(15, { failed: 5 })]);
    expect(bad).toMatchObject({ limit: 35, errorRate: 0.25, lastChange: { reason: 'errors' } });
    // Two calls of which one failed say nothing.
    expect(run(fresh(), [good(1, { failed: 1 })]).limit).toBe(50);
  });

  it('falls when answers take twice as long as usual', () => {
    const usual = run(fresh(), [good(20), good(20)]);
    const slower = observe(POLICY, usual, good(20, { latencyMs: 20 * 790 }), START + 3_000, EVEN);
    expect(slower.limit).toBe(65);
    const slow = observe(POLICY, usual, good(20, { latencyMs: 20 * 1_000 }), START + 3_000, EVEN);
    expect(slow).toMatchObject({ limit: 60 * 0.85, latencyMs: 1_000, lastChange: { reason: 'latency' } });
    // Load does not make itself the usual.
    expect(slow.usualMs).toBeLessThan(450);
  });

  it('finds what an API bears and stays about there', () => {
    // An API that turns away what goes beyond 80 calls at once.
    const random = seeded(4);
    let state = fresh();
    const seen: number[] = [];
    for (let round = 1; round <= 400; round += 1) {
      const out = allowedAt(POLICY, state, START + round * 1_000);
      const sample = out > 80 ? { ...good(80), throttled: out - 80 } : good(out);
      state = observe(POLICY, state, sample, START + round * 1_000, random());
      if (round > 50) seen.push(out);
    }
    const mean = seen.reduce((sum, n) => sum + n, 0) / seen.length;
    expect(mean).toBeGreaterThan(50);
    expect(mean).toBeLessThan(80);
    expect(Math.max(...seen)).toBeLessThanOrEqual(88);
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(POLICY.min);
  });
});

describe('a wait that the API asks for', () => {
  const held = observe(POLICY, fresh(), { ...NO_CALLS, throttled: 1, retryAfterMs: 4_000 }, START, EVEN);

  it('keeps every call back until it is over', () => {
    expect([0, 2_000, 3_999].map((ms) => allowedAt(POLICY, held, START + ms))).toEqual([0, 0, 0]);
  });

  it('lets calls come back step by step', () => {
    const back = [4_000, 5_000, 6_000, 7_000, 60_000].map((ms) => allowedAt(POLICY, held, START + ms));
    expect(back).toEqual([10, 15, 20, 25, 25]);
  });

  it('is never made shorter by a later answer', () => {
    const again = observe(POLICY, held, { ...NO_CALLS, throttled: 1, retryAfterMs: 100 }, START + 500, EVEN);
    expect(allowedAt(POLICY, again, START + 3_999)).toBe(0);
  });
});
