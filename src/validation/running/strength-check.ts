import type { CheckResult, Finding } from '../../domain/index.ts';
import { type MissedWay, missedWays } from '../mutants/mark-branches.ts';
import { applyMutant, type Mutant } from '../mutants/mutant.ts';
import type { TestProbes } from '../mutants/test-probes.ts';
import { notRun } from '../report.ts';
import type { FileTests } from './running-checks.ts';
import type { TestRunRequest, TestRunResult } from './test-run.ts';
import type { TestRunner } from './test-runner.ts';

const TEST_STRENGTH = 'test_strength';

/** Mutants by the time that one run of the tests takes, in milliseconds: the first row whose limit is not passed. */
const MUTANTS_FOR: readonly (readonly [ms: number, mutants: number])[] = [
  [120, 12],
  [250, 6],
  [500, 3],
];
/** A mutant may take this many times the processor time of the tests, and this much more, in seconds, before it counts as endless. */
const TIMES = 3;
const GRACE_SECONDS = 0.3;

/** How many mutants tests may be judged by that took so long; 0: they are not judged. */
function mutantsFor(testMs: number): number {
  return MUTANTS_FOR.find(([limit]) => testMs <= limit)?.[1] ?? 0;
}

/** A text that passed its tests, and the runs that it passed. */
export interface StrengthInput {
  readonly path: string;
  readonly text: string;
  readonly tests: readonly FileTests[];
  /** What each of the tests took, in milliseconds. */
  readonly testMs: number;
  /** The file's path as a run of the tests names it. */
  readonly inside: (root?: string) => string;
}

/**
 * What the tests are worth that a text has been run against: nothing can be said where it fails them, or where they take too long to
 * be run some more times. `probesFor` makes the mutants, off the event loop.
 */
export async function judgeTests(
  runner: TestRunner,
  unit: CheckResult,
  input: StrengthInput,
  probesFor: (most: number) => Promise<TestProbes | null>,
): Promise<CheckResult> {
  if (unit.outcome !== 'passed') return notRun(TEST_STRENGTH, 'tests are judged by a text that passes them');
  const most = mutantsFor(input.testMs);
  if (most === 0)
    return notRun(TEST_STRENGTH, `the tests take ${input.testMs} ms, too long to be run on changed texts`);
  return strengthCheck(runner, await probesFor(most).catch(() => null), input);
}

/** Judges the tests of a text that passes them: which small changes of it they notice, and which of its ways they take. Never fails. */
async function strengthCheck(
  runner: TestRunner,
  probes: TestProbes | null,
  input: StrengthInput,
): Promise<CheckResult> {
  const began = performance.now();
  if (probes === null) return notRun(TEST_STRENGTH, 'there is nothing in the text that could be changed');
  const [reports, marks] = await Promise.all([
    Promise.all(probes.mutants.map(async (mutant) => ({ mutant, killed: await isKilled(runner, mutant, input) }))),
    marksOf(runner, probes, input),
  ]);
  const judged = reports.filter(({ killed }) => killed !== null);
  const survivors = judged.filter(({ killed }) => killed === false).map(({ mutant }) => mutant);
  const ways = probes.marked === null || marks === null ? null : missedWays(probes.marked, marks);
  if (judged.length === 0 && ways === null) return notRun(TEST_STRENGTH, 'the tests could not be run on changed texts');
  const killed = judged.length - survivors.length;
  return {
    testType: TEST_STRENGTH,
    outcome: 'passed',
    reason: null,
    findings: [...survivors.map((mutant) => survivorFinding(input.path, mutant)), ...wayFindings(input.path, ways)],
    durationMs: Math.round(performance.now() - began),
    tests: { passed: killed, failed: survivors.length, skipped: 0 },
    output: summary(killed, judged.length, ways),
  };
}

function summary(killed: number, judged: number, ways: ReturnType<typeof missedWays> | null): string {
  const told = ways === null ? '' : `; they take ${ways.all - ways.missed.length} of ${ways.all} ways through it`;
  return `The tests notice ${killed} of ${judged} small changes of the text${told}.`;
}

function requests(input: StrengthInput, text: string): TestRunRequest[] {
  return input.tests.map((request) => ({
    ...request,
    files: { ...request.files, [input.inside(request.root)]: text },
    failFast: true,
  }));
}

/** Whether a test fails on the mutant; null where no run said anything. Of several test files the first that fails decides. */
async function isKilled(runner: TestRunner, mutant: Mutant, input: StrengthInput): Promise<boolean | null> {
  const text = applyMutant(input.text, mutant);
  const cpuSeconds = Math.ceil((GRACE_SECONDS + (TIMES * input.testMs) / 1_000) * 10) / 10 + 0.05;
  let ran = false;
  for (const request of requests(input, text)) {
    const { outcome } = await runner.run({ ...request, cpuSeconds });
    if (outcome === 'failed') return true;
    ran ||= outcome === 'passed';
  }
  return ran ? false : null;
}

/** The ways that the tests took in the text with marks; null where it did not pass as the text itself does. */
async function marksOf(runner: TestRunner, { marked }: TestProbes, input: StrengthInput): Promise<string[] | null> {
  if (marked === null) return null;
  const results: TestRunResult[] = await Promise.all(
    requests(input, marked.text).map((request) => runner.run({ ...request, marks: true })),
  );
  if (results.some(({ outcome }) => outcome !== 'passed')) return null;
  return results.flatMap(({ marks = [] }) => marks);
}

function survivorFinding(file: string, mutant: Mutant): Finding {
  return {
    file,
    line: mutant.line,
    column: 1,
    rule: `unnoticed-${mutant.kind}`,
    severity: 'info',
    message: `no test notices when ${mutant.what} in line ${mutant.line}`,
    suggestion: 'Look whether this is meant so: no test would tell.',
  };
}

const WAY_WORDS: Readonly<Record<string, (what: string) => string>> = {
  b: (what) => `no test comes to \`${what}\``,
  t: (what) => `in no test does \`${what}\` hold`,
  f: (what) => `in all tests \`${what}\` holds`,
  e: (what) => `no test tries the limit of \`${what}\`, where both sides are equal`,
};

function wayFindings(file: string, ways: { readonly missed: readonly MissedWay[] } | null): Finding[] {
  return (ways?.missed ?? []).map(({ mark, way }) => ({
    file,
    line: mark.line,
    column: 1,
    rule: way === 'e' ? 'untried-limit' : 'untaken-way',
    severity: 'info',
    message: WAY_WORDS[way]?.(mark.what) ?? '',
    suggestion: null,
  }));
}
