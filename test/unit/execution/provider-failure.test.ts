import { describe, expect, it } from 'vitest';
import { ModelCallError, type ModelFailure } from '../../../src/adapters/llm/model-error.ts';
import { MgeError } from '../../../src/domain/index.ts';
import { classifyFailure, spentOn } from '../../../src/execution/provider-failure.ts';
import { MAX_POSTPONEMENTS } from '../../../src/execution/retry-policy.ts';

const failed = (failure: ModelFailure, retryAfterMs?: number) =>
  new ModelCallError(failure, 'x', retryAfterMs === undefined ? {} : { retryAfterMs });

describe('a call without an answer', () => {
  it.each([
    ['a request that the API does not take', failed('request'), { kind: 'terminal' }],
    ['a provider that is not configured', new MgeError('REQUEST_NOT_SERVED', 'x'), { kind: 'terminal' }],
    ['a refused key', failed('key'), { kind: 'budget' }],
    ['a budget that is used up', new MgeError('BUDGET_EXCEEDED', 'x'), { kind: 'budget' }],
    ['429 that says when', failed('rate_limited', 7_000), { kind: 'retryable', delayMs: 7_000 }],
    ['429 that does not', failed('rate_limited'), { kind: 'retryable', delayMs: 1_000 }],
    ['an overload', failed('unavailable'), { kind: 'retryable', delayMs: 1_000 }],
    ['a timeout', failed('timeout'), { kind: 'retryable', delayMs: 1_000 }],
    ['a stream that broke', failed('broken'), { kind: 'retryable', delayMs: 100 }],
    ['what nobody foresaw', new Error('socket hang up'), { kind: 'retryable', delayMs: 1_000 }],
  ])('because of %s has its class', (_what, error, expected) => {
    expect(classifyFailure(error, 0)).toEqual(expected);
  });

  it('is waited for longer each time, and not for ever', () => {
    const delays = Array.from({ length: MAX_POSTPONEMENTS + 1 }, (_, n) => classifyFailure(failed('unavailable'), n));
    expect(delays.map((it) => (it.kind === 'retryable' ? it.delayMs : it.kind))).toEqual([
      1_000,
      2_000,
      4_000,
      8_000,
      16_000,
      32_000,
      60_000,
      60_000,
      'terminal',
    ]);
    expect(classifyFailure(failed('broken'), 1)).toEqual({ kind: 'retryable', delayMs: 2_000 });
    // A budget is a matter of people however often it was hit.
    expect(classifyFailure(failed('key'), 99)).toEqual({ kind: 'budget' });
  });

  it('may have cost something all the same', () => {
    expect(spentOn(new ModelCallError('broken', 'x', { spentUsd: 0.2 }))).toBe(0.2);
    expect(spentOn(new Error('x'))).toBe(0);
  });
});
