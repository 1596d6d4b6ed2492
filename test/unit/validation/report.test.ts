import { describe, expect, it } from 'vitest';
import type { CheckOutcome, CheckResult, Severity } from '../../../src/domain/index.ts';
import { LEVEL_WEIGHTS, notRun, reportOf } from '../../../src/validation/report.ts';

function check(testType: string, outcome: CheckOutcome, severities: Severity[] = []): CheckResult {
  const findings = severities.map((severity) => ({
    file: 'a',
    line: 1,
    column: 1,
    rule: 'r',
    severity,
    message: 'm',
    suggestion: null,
  }));
  return { testType, outcome, reason: null, findings, durationMs: 1 };
}

describe('the report of a level', () => {
  it('weighs what ran and leaves out what did not', () => {
    const report = reportOf('atomic', [
      check('syntax', 'passed'),
      check('atomicity', 'passed'),
      notRun('types', 'no checker'),
      notRun('semantics', 'later'),
    ]);
    expect(report).toMatchObject({ passed: true, outcome: 'passed', score: 1 });
  });

  it('never turns a check that did not run into a pass', () => {
    expect(reportOf('component', [notRun('contracts', 'not checked')])).toMatchObject({
      passed: false,
      outcome: 'not_run',
      score: null,
    });
    expect(reportOf('system', [])).toMatchObject({ passed: false, outcome: 'not_run', score: null });
  });

  it('fails when one check fails, whatever the score', () => {
    const checks = ['syntax', 'semantics', 'atomicity', 'types'].map((type) => check(type, 'passed'));
    const report = reportOf('atomic', [...checks, check('security', 'failed', ['critical'])]);
    expect(report.score).toBeCloseTo(0.9 / 0.95, 4);
    expect(report).toMatchObject({ passed: false, outcome: 'failed' });
  });

  it('takes something off for each warning', () => {
    const report = reportOf('atomic', [check('syntax', 'passed'), check('atomicity', 'passed', ['warning', 'info'])]);
    expect(report.score).toBeCloseTo((0.25 + 0.25 * 0.96) / 0.5, 4);
    expect(report.passed).toBe(true);
  });

  it('fails below the threshold even when no check fails', () => {
    const warnings: Severity[] = Array.from({ length: 33 }, () => 'warning');
    expect(reportOf('atomic', [check('syntax', 'passed'), check('atomicity', 'passed', warnings)])).toMatchObject({
      passed: false,
      outcome: 'failed',
    });
  });

  it('counts compiling, types and build of level 4 as one quarter', () => {
    const all = [
      check('dependencies', 'passed'),
      check('compile', 'passed'),
      check('types', 'passed'),
      check('build', 'failed'),
      check('tests', 'passed'),
    ];
    expect(reportOf('system', all).score).toBeCloseTo((0.25 + 0.25 * (2 / 3) + 0.2) / 0.7, 4);
  });

  it('does not pass level 4 when the tests of a part did not run', () => {
    const checks = [
      check('dependencies', 'passed'),
      check('compile', 'passed'),
      check('tests', 'passed'),
      notRun('tests', 'no Python'),
    ];
    expect(reportOf('system', checks)).toMatchObject({ passed: false, outcome: 'not_run', score: 1 });
  });

  it('shares the weight of a kind among its checks', () => {
    const report = reportOf('system', [
      check('dependencies', 'passed'),
      check('tests', 'passed'),
      check('tests', 'failed'),
    ]);
    expect(report.score).toBeCloseTo((0.25 + 0.2 * 0.5) / 0.45, 4);
  });

  it('has weights that add up to one for the first three levels', () => {
    for (const level of ['atomic', 'module', 'component'] as const) {
      expect(Object.values(LEVEL_WEIGHTS[level]).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 10);
    }
  });
});
