import { describe, expect, it } from 'vitest';
import type { CheckResult } from '../../../src/domain/index.ts';
import {
  areInDoubt,
  doubtsOf,
  holdsDoubt,
  IN_DOUBT,
  type TestDoubt,
  withDoubts,
} from '../../../src/execution/doubted-tests.ts';
import { doubtedTestsOf, evidenceOf, scoreConfidence } from '../../../src/review/index.ts';
import { reportOf } from '../../../src/validation/index.ts';

const TEST = 'tests/test_price.py';
const check = (testType: string, outcome: CheckResult['outcome'], more: Partial<CheckResult> = {}): CheckResult => ({
  testType,
  outcome,
  reason: null,
  findings: [],
  durationMs: 1,
  ...more,
});
const finding = (message: string) => ({
  file: 'price.py',
  line: 1,
  column: 1,
  rule: 'failing-test',
  severity: 'error' as const,
  message,
  suggestion: null,
});
const passing = [check('syntax', 'passed'), check('semantics', 'passed')];
const testCase = (name: string, outcome: 'passed' | 'failed', file: string) => ({
  name,
  outcome,
  durationMs: 0,
  message: null,
  file,
});
const unit = (messages: readonly string[], file = TEST, passed = 0) =>
  check('unit', 'failed', {
    findings: messages.slice(0, 3).map(finding),
    cases: [
      ...Array.from({ length: passed }, (_, n) => testCase(`ok${n}`, 'passed', file)),
      ...messages.map((_, n) => testCase(`${file}::test_${n}`, 'failed', file)),
    ],
  });
const refusal = (checks: readonly CheckResult[], isWholeFile = true) => {
  const report = reportOf('atomic', [...passing, ...checks]);
  const atom = { name: 'gross', isWholeFile };
  return { report, withoutReading: report, drafted: new Set([TEST]), read: [TEST], atom };
};
const low = () => ({ ...refusal([]), withoutReading: { ...refusal([]).report, outcome: 'failed' as const } });
const doubt = (message = 'assert 119 == 121', test: string | null = `${TEST}::test_gross`): TestDoubt => ({
  file: TEST,
  test,
  about: 'gross',
  message,
});

describe('what a refused text holds against drafted tests', () => {
  it('is each expectation that it failed and nothing else', () => {
    expect(doubtsOf(refusal([unit(['gross(1) at 0x7fabcdef01'])]))).toEqual([
      { file: TEST, test: `${TEST}::test_0`, about: 'gross', message: 'gross(1) at 0x' },
    ]);
  });

  it.each([
    ['another check fails too', refusal([unit(['a']), check('examples', 'failed', { findings: [finding('b')] })])],
    ['a test that was brought fails', refusal([unit(['a'], 'tests/test_brought.py')])],
    ['more tests fail than are listed', refusal([unit(['a', 'b', 'c', 'd'])])],
    ['the test speaks of another atom of the file', refusal([unit(['net(1) is wrong'])], false)],
    ['the score is too low although nothing failed', low()],
  ])('is nothing when %s', (_, refused) => {
    expect(doubtsOf(refused)).toEqual([]);
  });

  it('counts what was only read in one drafted test, and of several nothing', () => {
    const report = reportOf('atomic', [check('semantics', 'failed', { findings: [finding('should give 121')] })]);
    const read = { ...refusal([]), report };
    expect(doubtsOf(read)).toMatchObject([{ file: TEST, test: null, message: 'failing-test: should give 121' }]);
    expect(doubtsOf({ ...read, read: [TEST, 'tests/test_shop.py'] })).toEqual([]);
  });
});

describe('the choice between texts and test', () => {
  const texts = (...shas: string[]) => shas.map((sha256) => ({ sha256, doubts: [doubt()] }));
  const ask = (past: ReturnType<typeof texts>, more: Partial<Parameters<typeof areInDoubt>[0]> = {}) =>
    areInDoubt({ present: { sha256: 'now', doubts: [doubt()] }, past, isLast: false, brought: '', ...more });

  it('goes against the test from the third text, or the second when no other will come', () => {
    expect(ask(texts('a', 'b'))).toBe(true);
    expect(ask(texts('a'))).toBe(false);
    expect(ask(texts('a'), { isLast: true })).toBe(true);
    expect(ask([], { isLast: true })).toBe(false);
  });

  it('counts different texts that fail alike', () => {
    expect(ask(texts('a', 'a', 'now'))).toBe(false);
    expect(ask([...texts('a'), { sha256: 'b', doubts: [doubt('assert 118 == 121')] }])).toBe(false);
    const two = { sha256: 'now', doubts: [doubt(), doubt('another')] };
    expect(ask(texts('a', 'b'), { present: two })).toBe(false);
  });

  it('leaves a test alone whose example was brought', () => {
    const present = { sha256: 'now', doubts: [doubt('assert gross( 100 ) == 121')] };
    const past = ['a', 'b'].map((sha256) => ({ ...present, sha256 }));
    expect(ask(past, { present })).toBe(true);
    expect(ask(past, { present, brought: 'Taxes: gross(100) is 121.' })).toBe(false);
    expect(ask(past, { present, brought: 'Taxes: gross(200) is 242.' })).toBe(true);
  });
});

describe('a text whose test is in doubt', () => {
  it('passes with a warning, and its confidence says so', () => {
    const report = withDoubts(refusal([unit(['gross(1)'])]).report, [doubt()]);
    expect(report).toMatchObject({ outcome: 'passed' });
    const weighed = report.checks.find(({ testType }) => testType === 'unit');
    expect(weighed).toMatchObject({ outcome: 'not_run', findings: [{ rule: IN_DOUBT, severity: 'warning' }] });
    const beside = withDoubts(refusal([unit(['gross(1)'], TEST, 2)]).report, [doubt()]);
    expect(beside.checks.find(({ testType }) => testType === 'unit')).toMatchObject({ outcome: 'passed' });
    expect(evidenceOf(report.checks)).toBe(0.3);
    expect(evidenceOf(beside.checks)).toBe(0.6);
    const { parts } = scoreConfidence({
      checks: { atomic: 1, module: null },
      doubtedTests: doubtedTestsOf(report.checks),
      attempts: 3,
      maxAttempts: 4,
      complexity: 1,
      integration: null,
    });
    expect(parts.validation.note).toContain('expectations of drafted tests that are in doubt: 1');
  });

  it('is found again in the piece of the test file that holds the expectation', () => {
    expect(holdsDoubt(doubt('x', `${TEST}::TestGross::test_gross[1-2]`), 'def test_gross(a):')).toBe(true);
    expect(holdsDoubt(doubt('x', 'price.test.ts > prices > adds tax'), "it('adds tax', () => {")).toBe(true);
    expect(holdsDoubt(doubt('x', null), 'assert gross(1) == 2')).toBe(true);
    expect(holdsDoubt(doubt('x', null), 'import engross')).toBe(false);
  });
});
