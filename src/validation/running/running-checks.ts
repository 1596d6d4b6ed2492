import { posix } from 'node:path';
import type { CheckResult, Finding, TestCase } from '../../domain/index.ts';
import { notRun } from '../report.ts';
import { type Examined, probeRequest } from './examine.ts';
import { judgeAnswers } from './judge-answers.ts';
import type { TestFailure, TestRunRequest, TestRunResult } from './test-run.ts';
import type { TestRunner } from './test-runner.ts';

/** Tests that touch a file, ready to be run against a text of it. */
export type FileTests = Omit<TestRunRequest, 'calls' | 'doctests' | 'vary'>;

/** What one failing test tells the next attempt, in one line each: the call, what it should give, what it gave. */
export function describeFailure(failure: TestFailure): string {
  const { test, message, input, expected, actual, statement } = failure;
  const values = expected === undefined ? '' : ` expected ${expected}, got ${actual ?? ''}`;
  const at = statement ?? input;
  const shown = at === undefined ? '' : ` at \`${at.replaceAll(/\s+/g, ' ').trim()}\``;
  const where =
    input !== undefined && statement !== undefined && input !== statement
      ? ` (${input.replaceAll(/\s+/g, ' ').slice(0, 300)})`
      : '';
  return `${test}: ${message.trim().split('\n')[0] ?? ''}${shown}${where}${values}`.slice(0, 900);
}

function findingOf(path: string, failure: TestFailure): Finding {
  return {
    file: failure.file ?? path,
    line: failure.line ?? 1,
    column: 1,
    rule: 'failing-test',
    severity: 'error',
    message: describeFailure(failure),
    suggestion: null,
  };
}

const MOST_FAILURES = 3;

function casesOf(result: TestRunResult, file: string): TestCase[] {
  const failed = result.failures.map((failure): TestCase => ({
    name: failure.test,
    outcome: 'failed',
    durationMs: 0,
    message: failure.message,
    file,
  }));
  return [
    ...result.passed.map((name): TestCase => ({ name, outcome: 'passed', durationMs: 0, message: null, file })),
    ...failed,
  ];
}

/** Code and tests that draw lots or read the clock may fail once by chance. */
function mayBeChance(request: TestRunRequest): boolean {
  return Object.values(request.files).some((text) =>
    /\brandom|\bshuffle|Math\.random|\btime\b|Date\b|datetime/.test(text),
  );
}

/** What the tests of a file say, and what their runs took by themselves, in milliseconds: without waiting and the sandbox's start. */
export interface UnitRun {
  readonly check: CheckResult;
  readonly runMs: number;
}

/** Runs the tests that touch a file against its present text. */
export async function runUnit(
  runner: TestRunner,
  path: string,
  tests: readonly FileTests[],
  signal?: AbortSignal,
): Promise<UnitRun> {
  const began = performance.now();
  const results = await Promise.all(
    tests.map(async (request) => {
      const first = await runner.run(request, signal);
      // By chance at most once: what fails always fails again.
      return first.outcome === 'failed' && mayBeChance(request)
        ? runner.run({ ...request, again: true }, signal)
        : first;
    }),
  );
  const ran = results
    .map((result, index) => ({ ...result, file: posix.join(tests[index]?.root ?? '', tests[index]?.main ?? '') }))
    .filter(({ outcome }) => outcome !== 'not_run');
  if (ran.length === 0) return { check: notRun('unit', results[0]?.reason ?? 'no test touches it'), runMs: 0 };
  const failures = ran.flatMap((result) => result.failures);
  const cases = ran.flatMap((result) => casesOf(result, result.file));
  const passed = cases.filter(({ outcome }) => outcome === 'passed').length;
  const check: CheckResult = {
    testType: 'unit',
    outcome: failures.length > 0 ? 'failed' : 'passed',
    reason: null,
    findings: failures.slice(0, MOST_FAILURES).map((failure) => findingOf(path, failure)),
    durationMs: Math.round(performance.now() - began),
    tests: { passed, failed: cases.length - passed, skipped: 0 },
    cases,
    output: ran
      .map(({ output }) => output)
      .join('\n')
      .slice(-2_000),
  };
  return { check, runMs: ran.reduce((sum, result) => sum + result.durationMs, 0) };
}

/** Tries a file's functions on the examples of its task and on inputs like theirs. */
export async function examplesCheck(
  runner: TestRunner,
  examined: Examined,
  signal?: AbortSignal,
): Promise<CheckResult> {
  const began = performance.now();
  const request = probeRequest(examined);
  if (request === null) return notRun('examples', 'the task gives no example that could be tried');
  const result = await runner.run(request, signal);
  if (result.outcome === 'not_run') return notRun('examples', result.reason ?? 'it did not run');
  const findings = [
    ...result.failures.slice(0, 1).map((failure) => findingOf(examined.path, failure)),
    ...judgeAnswers(examined, result.answers ?? []),
  ];
  return {
    testType: 'examples',
    outcome: findings.some(({ severity }) => severity === 'error' || severity === 'critical') ? 'failed' : 'passed',
    reason: null,
    findings,
    durationMs: Math.round(performance.now() - began),
  };
}
