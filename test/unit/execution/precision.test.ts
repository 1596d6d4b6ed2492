import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../../../src/domain/index.ts';
import { computePrecision, type PrecisionInput } from '../../../src/execution/precision.ts';

const check = (values: Partial<CheckResult>): CheckResult => ({
  testType: 'tests',
  outcome: 'passed',
  reason: null,
  findings: [],
  durationMs: 1,
  ...values,
});
const testCase = (name: string, outcome: 'passed' | 'failed' | 'skipped') => ({
  name,
  outcome,
  durationMs: 1,
  message: null,
});

const BASE: PrecisionInput = {
  provider: 'blueprint',
  criteria: [],
  system: [],
  atoms: { total: 10, accepted: 10 },
  files: [],
};

describe('the precision of an execution', () => {
  it('is nothing but validation when nothing else ran, and says so', () => {
    const precision = computePrecision(BASE);
    expect(precision.percent).toBe(100);
    expect(precision.specConformance.score).toBeNull();
    expect(precision.integrationPass).toMatchObject({ score: null, ran: 0, why: ['level 4 did not run'] });
  });

  it('weighs 0.50, 0.30 and 0.20 when all three ran', () => {
    const precision = computePrecision({
      ...BASE,
      criteria: [
        { text: 'creates', test: 'tests/test_a.py::test_create' },
        { text: 'deletes', test: 'tests/test_a.py::test_delete' },
      ],
      system: [
        check({
          tests: { passed: 3, failed: 1, skipped: 0 },
          cases: [
            testCase('tests/test_a.py::test_create', 'passed'),
            testCase('tests/test_a.py::test_delete', 'failed'),
          ],
        }),
      ],
      atoms: { total: 10, accepted: 8 },
    });
    // 0.5 * 1/2 + 0.3 * 3/4 + 0.2 * 8/10
    expect(precision.percent).toBe(63.5);
    expect(precision.specConformance).toMatchObject({
      ran: 2,
      passed: 1,
      why: ['failed: tests/test_a.py::test_delete'],
    });
  });

  it('does not count what did not run, neither as passed nor as failed', () => {
    const precision = computePrecision({
      ...BASE,
      criteria: [
        { text: 'creates', test: 'test_create' },
        { text: 'skipped one', test: 'test_skip' },
        { text: 'has no test', test: null },
        { text: 'is not reported', test: 'test_gone' },
      ],
      system: [
        check({ tests: { passed: 1, failed: 0, skipped: 1 }, cases: [testCase('a.py::test_create', 'passed')] }),
        check({ testType: 'build', outcome: 'not_run', reason: 'no npm' }),
      ],
      files: [
        { path: 'a.py', outcome: 'passed' },
        { path: 'b.md', outcome: 'not_run' },
      ],
    });
    expect(precision.specConformance).toMatchObject({ ran: 0, notRun: 4, score: null });
    expect(precision.integrationPass).toMatchObject({ ran: 1, passed: 1, notRun: 2, score: 1 });
    expect(precision.validationPass).toMatchObject({ ran: 11, passed: 11, notRun: 1 });
    expect(precision.integrationPass.why).toEqual(['not run: build (no npm)']);
  });

  it('finds a test under the folder of its part and through its parameters', () => {
    const system = [
      check({
        cases: [testCase('tests/test_a.py::test_x[1-2]', 'passed'), testCase('src/a.test.ts > list > shows', 'failed')],
      }),
    ];
    const conformance = (test: string) =>
      computePrecision({ ...BASE, criteria: [{ text: 't', test }], system }).specConformance;
    expect(conformance('backend/tests/test_a.py::test_x')).toMatchObject({ ran: 1, passed: 1 });
    expect(conformance('src/a.test.ts > list')).toMatchObject({ ran: 1, passed: 0 });
    expect(conformance('tests/test_a.py::test_xy').ran).toBe(0);
  });

  it('rounds down: 100 means that nothing failed', () => {
    const precision = computePrecision({ ...BASE, atoms: { total: 100_000, accepted: 99_999 } });
    expect(precision.percent).toBe(99.99);
  });
});
