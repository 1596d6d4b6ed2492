import { describe, expect, it } from 'vitest';
import { resultOf } from '../../../src/validation/running/run-batch.ts';
import type { TestFailure } from '../../../src/validation/running/test-run.ts';

function outcomeOf(failure: Omit<TestFailure, 'test'>): string {
  const raw = { id: 0, ended: 'normal', output: '', passed: [], failed: [{ test: 'a', ...failure }], durationMs: 1 };
  return resultOf(raw, { kind: 'jest', files: {}, main: 'a.test.ts' }).outcome;
}

describe('a test that needs what its runner lacks', () => {
  it.each([
    { message: 'TypeError: vi.stubGlobal is not a function' },
    { message: 'TypeError: not a function', statement: 'vi.stubGlobal("fetch", fetch);' },
    { message: 'ReferenceError: sessionStorage is not defined' },
    { message: "ReferenceError: 'document' is not defined" },
  ])('says nothing: $message', (failure) => {
    expect(outcomeOf(failure)).toBe('not_run');
  });

  it.each([
    { message: 'TypeError: total.toFixd is not a function', statement: 'expect(vi.fn()).toBe(1)' },
    { message: 'TypeError: not a function', statement: 'expect(total(1)).toBe(2)' },
    { message: 'ReferenceError: totl is not defined' },
  ])('fails for the code: $message', (failure) => {
    expect(outcomeOf(failure)).toBe('failed');
  });
});
