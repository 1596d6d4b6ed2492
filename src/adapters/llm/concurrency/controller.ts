/**
 * How many calls of one API key may be out at once: additive increase, multiplicative decrease (Chiu and Jain 1989, as in TCP). Pure:
 * time and chance are given. All times are milliseconds of one clock, the database's.
 */

export interface ConcurrencyPolicy {
  /** Never fewer; default 10. */
  readonly min: number;
  /** Never more; default 200. */
  readonly max: number;
  /** Where a key begins that nothing is known about; default 100. */
  readonly start: number;
  /** Calls that a good round adds on average; default 5. The step is drawn between half and one and a half of it. */
  readonly step: number;
  /** Milliseconds of a round; default 1000. */
  readonly roundMs: number;
  /** Milliseconds after a decrease in which no second one follows: the calls that are out belong to the first; default 2000. */
  readonly cooldownMs: number;
  /** Milliseconds over which calls come back after a pause that the API asked for; default 3000. */
  readonly rampMs: number;
  /** Calls that a round needs to say something about errors and latency; default 10. */
  readonly minCalls: number;
  /** Share of failed calls from which on it is too many; default 0.2. */
  readonly errorRate: number;
  /** Times the usual latency from which on it is too slow; default 2. */
  readonly latencyRatio: number;
}

export const DEFAULT_POLICY: ConcurrencyPolicy = {
  min: 10,
  max: 200,
  start: 100,
  step: 5,
  roundMs: 1_000,
  cooldownMs: 2_000,
  rampMs: 3_000,
  minCalls: 10,
  errorRate: 0.2,
  latencyRatio: 2,
};

/** What the limit is multiplied with, by what went wrong. */
const DECREASE = { rate_limited: 0.5, errors: 0.7, latency: 0.85 } as const;
/** How fast the usual latency follows a round that was faster, and one that was slower. */
const FOLLOW = { faster: 0.5, slower: 0.05 } as const;
/** Share of the limit that must be in use for an increase to mean anything. */
const USED_SHARE = 0.8;

export type ChangeReason = keyof typeof DECREASE | 'increase';

/** What calls came to since the last look. */
export interface CallSample {
  readonly answered: number;
  /** Turned away with 429. */
  readonly throttled: number;
  /** 5xx, timeouts, broken streams, no connection. */
  readonly failed: number;
  /** Sum over the answered ones. */
  readonly latencyMs: number;
  /** The longest wait that the API asked for; 0 = none. */
  readonly retryAfterMs: number;
  /** Most calls that were out or waited at once, over all workers. */
  readonly demand: number;
}

export const NO_CALLS: CallSample = {
  answered: 0,
  throttled: 0,
  failed: 0,
  latencyMs: 0,
  retryAfterMs: 0,
  demand: 0,
};

export interface LimitChange {
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly reason: ChangeReason;
}

export interface ControlState {
  /** Fractional: steps are small. */
  readonly limit: number;
  /** Usual latency; null before the first round that says something. */
  readonly usualMs: number | null;
  /** Mean latency and share of failures of the last round that said something. */
  readonly latencyMs: number | null;
  readonly errorRate: number | null;
  /** No call goes out before; 0 = none was asked to wait. */
  readonly heldUntil: number;
  readonly decreasedAt: number;
  readonly roundEndsAt: number;
  readonly round: CallSample;
  readonly lastChange: LimitChange | null;
}

export function initialState(policy: ConcurrencyPolicy, now: number): ControlState {
  return {
    limit: policy.start,
    usualMs: null,
    latencyMs: null,
    errorRate: null,
    heldUntil: 0,
    decreasedAt: 0,
    roundEndsAt: now + policy.roundMs,
    round: NO_CALLS,
    lastChange: null,
  };
}

/** Sums of two samples; waits and demands are the greater ones. */
export function addSamples(one: CallSample, two: CallSample): CallSample {
  return {
    answered: one.answered + two.answered,
    throttled: one.throttled + two.throttled,
    failed: one.failed + two.failed,
    latencyMs: one.latencyMs + two.latencyMs,
    retryAfterMs: Math.max(one.retryAfterMs, two.retryAfterMs),
    demand: Math.max(one.demand, two.demand),
  };
}

/**
 * Takes in what happened. A 429 lowers the limit at once; errors, latency and the increase wait for the end of the round.
 * @param random 0 to 1.
 */
export function observe(
  policy: ConcurrencyPolicy,
  state: ControlState,
  sample: CallSample,
  now: number,
  random: number,
): ControlState {
  let next: ControlState = { ...state, round: addSamples(state.round, sample) };
  if (sample.retryAfterMs > 0) next = { ...next, heldUntil: Math.max(next.heldUntil, now + sample.retryAfterMs) };
  if (sample.throttled > 0) next = decrease(policy, next, 'rate_limited', now);
  return now < next.roundEndsAt ? next : endRound(policy, next, now, random);
}

function endRound(policy: ConcurrencyPolicy, state: ControlState, now: number, random: number): ControlState {
  const { round } = state;
  const ended = { ...state, round: NO_CALLS, roundEndsAt: now + policy.roundMs };
  const calls = round.answered + round.failed;
  if (calls < policy.minCalls) {
    const isGood = calls > 0 && round.failed === 0 && round.throttled === 0;
    return isGood ? increase(policy, ended, round.demand, now, random) : ended;
  }
  const errorRate = round.failed / calls;
  const mean = round.answered > 0 ? round.latencyMs / round.answered : null;
  const judged = { ...ended, errorRate, latencyMs: mean, usualMs: usualLatency(state.usualMs, mean) };
  if (errorRate > policy.errorRate) return decrease(policy, judged, 'errors', now);
  if (mean !== null && state.usualMs !== null && mean > policy.latencyRatio * state.usualMs)
    return decrease(policy, judged, 'latency', now);
  return round.throttled > 0 || round.failed > 0 ? judged : increase(policy, judged, round.demand, now, random);
}

/** Follows a faster round at once and a slower one slowly: load must not make itself the usual. */
function usualLatency(usual: number | null, mean: number | null): number | null {
  if (mean === null || usual === null) return mean ?? usual;
  return usual + (mean - usual) * (mean < usual ? FOLLOW.faster : FOLLOW.slower);
}

function decrease(
  policy: ConcurrencyPolicy,
  state: ControlState,
  reason: keyof typeof DECREASE,
  now: number,
): ControlState {
  if (now < state.decreasedAt + policy.cooldownMs) return state;
  const limit = Math.max(policy.min, state.limit * DECREASE[reason]);
  return changed({ ...state, decreasedAt: now }, limit, reason, now);
}

function increase(
  policy: ConcurrencyPolicy,
  state: ControlState,
  demand: number,
  now: number,
  random: number,
): ControlState {
  const isResting = now < Math.max(state.heldUntil, state.decreasedAt + policy.cooldownMs);
  if (isResting || demand < state.limit * USED_SHARE) return state;
  return changed(state, Math.min(policy.max, state.limit + policy.step * (0.5 + random)), 'increase', now);
}

function changed(state: ControlState, limit: number, reason: ChangeReason, now: number): ControlState {
  if (limit === state.limit) return state;
  return { ...state, limit, lastChange: { at: now, from: state.limit, to: limit, reason } };
}

/** Calls that may be out now: none while the API wants to be left alone, then step by step up to the limit. */
export function allowedAt(policy: ConcurrencyPolicy, state: ControlState, now: number): number {
  if (now < state.heldUntil) return 0;
  const back = state.heldUntil === 0 ? 1 : Math.min(1, (now - state.heldUntil) / policy.rampMs);
  const floor = Math.min(policy.min, state.limit);
  return Math.floor(floor + (state.limit - floor) * back);
}
