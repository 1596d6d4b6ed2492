import type { AcceptanceCriterion, CheckResult, Finding } from '../../domain/index.ts';
import { notRun } from '../report.ts';
import { TestOutcomes } from './test-outcomes.ts';

/** Share of the criteria with a test that ran which have to hold, by their priority. */
const SHARES = { must: 1, should: 0.95 } as const;

/** The plan's acceptance criteria, one check for each priority that it uses: all of MUST and 95 % of SHOULD have to hold. */
export function acceptanceChecks(
  criteria: readonly AcceptanceCriterion[],
  checks: readonly CheckResult[],
): CheckResult[] {
  const outcomes = new TestOutcomes(checks.flatMap((check) => check.cases ?? []));
  return (['must', 'should'] as const).flatMap((priority) => {
    const of = criteria.filter((criterion) => criterion.priority === priority);
    return of.length === 0 ? [] : [acceptanceCheck(priority, of, outcomes)];
  });
}

function acceptanceCheck(
  priority: 'must' | 'should',
  criteria: readonly AcceptanceCriterion[],
  outcomes: TestOutcomes,
): CheckResult {
  const judged = criteria.map((criterion) => ({
    ...criterion,
    outcome: criterion.test === null ? null : outcomes.of(criterion.test),
  }));
  const passed = judged.filter(({ outcome }) => outcome === 'passed').length;
  const failed = judged.filter(({ outcome }) => outcome === 'failed');
  const open = judged.filter(({ outcome }) => outcome === null || outcome === 'skipped');
  const label = priority.toUpperCase();
  const ran = passed + failed.length;
  if (ran === 0) return { ...notRun('acceptance', `no test of a ${label} criterion ran`), part: priority };
  const share = passed / ran;
  const holds = share >= SHARES[priority];
  const percent = Math.floor(share * 1_000) / 10;
  const lines = [
    `${label}: ${passed} of ${ran} criteria with a test that ran hold (${percent} %, needed ${SHARES[priority] * 100} %)`,
    ...open.map(
      ({ text, test }) => `not proven: ${text}${test === null ? ' (no test is named)' : ` (${test} did not run)`}`,
    ),
  ];
  return {
    testType: 'acceptance',
    part: priority,
    outcome: holds ? 'passed' : 'failed',
    reason: null,
    findings: failed.map(({ text, test }) => unmet(label, text, test ?? '', holds)),
    durationMs: 0,
    tests: { passed, failed: failed.length, skipped: open.length },
    output: lines.join('\n').slice(0, 8_000),
  };
}

function unmet(label: string, text: string, test: string, holds: boolean): Finding {
  const file = test.split(/::| > /)[0] || '.';
  const message = `${label} is not met: ${text} (${test} fails)`;
  return {
    file,
    line: 1,
    column: 1,
    rule: 'acceptance',
    severity: holds ? 'warning' : 'error',
    message,
    suggestion: null,
  };
}
