import type { CheckResult, Finding } from '../../domain/index.ts';
import { type TakenWays, takenWays } from '../mutants/mark-branches.ts';
import { applyMutant, type Mutant } from '../mutants/mutant.ts';
import { strengthOf } from '../mutants/strength.ts';
import type { TestProbes } from '../mutants/test-probes.ts';
import { notRun } from '../report.ts';
import type { FileTests } from './running-checks.ts';
import type { TestRunRequest, TestRunResult } from './test-run.ts';
import type { TestRunner } from './test-runner.ts';

const TEST_STRENGTH = 'test_strength';

/** Mutants by the time that one run of the tests takes, in milliseconds: the first row whose limit is not passed. */
const MUTANTS_FOR: readonly (readonly [ms: number, mutants: number])[] = [
  [130, 12],
  [260, 6],
  [500, 3],
];
/** A mutant may take this many times the processor time of the tests, and this much more, in seconds, before it counts as endless. */
const TIMES = 3;
const GRACE_SECONDS = 0.3;

/** Findings at most: survivors first, then ways that are not taken, then input that is not tried. */
const MOST_FINDINGS = 20;

/** How many mutants tests may be judged by that took so long; 0: they are not judged. */
function mutantsFor(testMs: number): number {
  return MUTANTS_FOR.find(([limit]) => testMs <= limit)?.[1] ?? 0;
}

/** A text that passed what it was run against. */
export interface StrengthInput {
  readonly path: string;
  readonly text: string;
  /** Its tests; without any, the examples of the trial are judged. */
  readonly tests: readonly FileTests[];
  /** What the tests took, in milliseconds. */
  readonly testMs: number;
  /** The file's path as a run of the tests names it. */
  readonly inside: (root?: string) => string;
  /** The trial of the text on its examples and on inputs like theirs; null where none is known. */
  readonly trial: TestRunRequest | null;
}

/**
 * What it is worth to pass the tests of a text, or the examples where it has no tests: how many small changes of the text they notice, and
 * which of its ways they take. Never fails; what takes too long to be run some more times is not judged. `probesFor` makes the mutants,
 * off the event loop.
 */
export async function judgeTests(
  runner: TestRunner,
  input: StrengthInput,
  probesFor: (most: number) => Promise<TestProbes | null>,
): Promise<CheckResult> {
  const began = performance.now();
  const trial = input.trial === null ? null : await runner.run(input.trial);
  const byTests = input.tests.length > 0;
  if (!byTests && (trial === null || !saysWhatComes(trial)))
    return notRun(TEST_STRENGTH, 'neither test nor example says what must come out');
  const took = byTests ? input.testMs : (trial?.durationMs ?? 0);
  const most = mutantsFor(took);
  if (most === 0) return notRun(TEST_STRENGTH, `the tests take ${took} ms, too long to be run on changed texts`);
  const probes = await probesFor(most).catch(() => null);
  if (probes === null) return notRun(TEST_STRENGTH, 'there is nothing in the text that could be changed');
  const [noticed, ways] = await Promise.all([
    byTests ? noticedByTests(runner, probes.mutants, input) : new Map<Mutant, boolean>(),
    byTests ? waysOf(runner, probes, input) : null,
  ]);
  const open = probes.mutants.filter((mutant) => (byTests ? noticed.get(mutant) === false : true));
  const tried = trial === null ? new Map<Mutant, Trial>() : await tryMutants(runner, open, input, trial);
  return checkOf(input.path, { byTests, noticed, tried, ways, mutants: probes.mutants }, performance.now() - began);
}

interface Judged {
  readonly byTests: boolean;
  readonly mutants: readonly Mutant[];
  /** Whether the tests notice a mutant. */
  readonly noticed: ReadonlyMap<Mutant, boolean>;
  readonly tried: ReadonlyMap<Mutant, Trial>;
  readonly ways: TakenWays | null;
}

function checkOf(path: string, judged: Judged, durationMs: number): CheckResult {
  const { byTests, mutants, noticed, tried, ways } = judged;
  const verdictOf = (mutant: Mutant): 'killed' | 'same' | 'survived' | null => {
    const trial = tried.get(mutant);
    const isKilled = byTests ? noticed.get(mutant) : trial?.contradicts;
    if (isKilled === undefined) return null;
    if (isKilled) return 'killed';
    // A boundary shows at one value only, which the trial may have missed.
    return trial?.isSame && mutant.kind !== 'boundary' ? 'same' : 'survived';
  };
  const of = (wanted: string): Mutant[] => mutants.filter((mutant) => verdictOf(mutant) === wanted);
  const [killed, survivors, same] = [of('killed'), of('survived'), of('same')];
  const count = killed.length + survivors.length;
  if (count === 0 && ways === null) return notRun(TEST_STRENGTH, 'nothing could be told from runs on changed texts');
  return {
    testType: TEST_STRENGTH,
    outcome: 'passed',
    reason: null,
    findings: [
      ...survivors.map((mutant) => survivorFinding(path, mutant, byTests, tried.get(mutant)?.call)),
      ...wayFindings(path, ways),
    ].slice(0, MOST_FINDINGS),
    durationMs: Math.round(durationMs),
    tests: { passed: killed.length, failed: survivors.length, skipped: same.length },
    strength: strengthOf({ killed: killed.length, survivors, ways }),
    output: summary(byTests, killed.length, count, ways),
  };
}

function summary(byTests: boolean, killed: number, judged: number, ways: TakenWays | null): string {
  const told =
    ways === null
      ? ''
      : `; they take ${ways.all - ways.missed.length} of ${ways.all} ways through it, ${ways.once} once only`;
  return `The ${byTests ? 'tests' : 'examples'} notice ${killed} of ${judged} small changes of the text${told}.`;
}

function requests(input: StrengthInput, text: string): TestRunRequest[] {
  return input.tests.map((request) => ({
    ...request,
    files: { ...request.files, [input.inside(request.root)]: text },
    failFast: true,
  }));
}

function cpuSecondsFor(ms: number): number {
  // Never a whole number: those are limited less exactly.
  return Math.ceil((GRACE_SECONDS + (TIMES * ms) / 1_000) * 10) / 10 + 0.05;
}

async function noticedByTests(
  runner: TestRunner,
  mutants: readonly Mutant[],
  input: StrengthInput,
): Promise<Map<Mutant, boolean>> {
  const verdicts = await Promise.all(
    mutants.map(async (mutant) => [mutant, await isKilled(runner, mutant, input)] as const),
  );
  return new Map(verdicts.flatMap(([mutant, killed]) => (killed === null ? [] : [[mutant, killed]])));
}

/** Whether a test fails on the mutant; null where no run said anything. Of several test files the first that fails decides. */
async function isKilled(runner: TestRunner, mutant: Mutant, input: StrengthInput): Promise<boolean | null> {
  const text = applyMutant(input.text, mutant);
  const cpuSeconds = cpuSecondsFor(input.testMs);
  let ran = false;
  for (const request of requests(input, text)) {
    const { outcome } = await runner.run({ ...request, cpuSeconds });
    if (outcome === 'failed') return true;
    ran ||= outcome === 'passed';
  }
  return ran ? false : null;
}

/** The ways that the tests took in the text with marks; null where it did not pass as the text itself does. */
async function waysOf(runner: TestRunner, { marked }: TestProbes, input: StrengthInput): Promise<TakenWays | null> {
  if (marked === null) return null;
  const results: TestRunResult[] = await Promise.all(
    requests(input, marked.text).map((request) => runner.run({ ...request, marks: true })),
  );
  if (results.some(({ outcome }) => outcome !== 'passed')) return null;
  return takenWays(
    marked,
    results.map(({ marks = {} }) => marks),
  );
}

/** How a mutant does where the text itself was tried. */
interface Trial {
  /** It contradicts an example that the text fulfils. */
  readonly contradicts: boolean;
  /** It answers alike everywhere, and there was enough to answer. */
  readonly isSame: boolean;
  /** A call that tells the two apart. */
  readonly call?: string;
}

/** Compared inputs from which on a mutant that always answers alike counts as the same program, written otherwise. */
const ENOUGH = 12;

function saysWhatComes({ answers = [] }: TestRunResult): boolean {
  return answers.some(({ matches, role }) => matches === true || role === 'doctests');
}

/** Tries mutants on the examples and on inputs like theirs. What could not be compared is left out. */
async function tryMutants(
  runner: TestRunner,
  mutants: readonly Mutant[],
  { trial, text, path }: StrengthInput,
  own: TestRunResult,
): Promise<Map<Mutant, Trial>> {
  if (trial === null || own.outcome === 'not_run') return new Map();
  const answers = answersOf(own);
  const broken = contradictionsOf(own);
  const cpuSeconds = cpuSecondsFor(own.durationMs);
  const trials = await Promise.all(
    mutants.slice(0, mutantsFor(own.durationMs)).map(async (mutant): Promise<readonly [Mutant, Trial] | null> => {
      const files = { ...trial.files, [path]: applyMutant(text, mutant) };
      const result = await runner.run({ ...trial, files, cpuSeconds });
      if (result.outcome === 'not_run') return null;
      const others = answersOf(result);
      const call = [...answers.keys()].find((key) => answers.get(key) !== others.get(key));
      const contradicts = result.outcome === 'failed' || [...contradictionsOf(result)].some((key) => !broken.has(key));
      const isSame = call === undefined && answers.size >= ENOUGH;
      return [mutant, { contradicts, isSame, ...(call === undefined ? {} : { call }) }];
    }),
  );
  return new Map(trials.filter((trial) => trial !== null));
}

function answersOf({ answers = [] }: TestRunResult): Map<string, string> {
  const calls = answers.filter(({ role, ended }) => ended !== 'unusable' && role !== 'doctest' && role !== 'doctests');
  return new Map(calls.map(({ fn, args, ended, text }) => [`${fn}(${args})`, `${ended} ${text}`]));
}

function contradictionsOf({ answers = [] }: TestRunResult): Set<string> {
  return new Set(answers.filter(({ matches }) => matches === false).map(({ fn, args }) => `${fn}(${args})`));
}

function survivorFinding(file: string, mutant: Mutant, byTests: boolean, call?: string): Finding {
  return {
    file,
    line: mutant.line,
    column: 1,
    rule: `unnoticed-${mutant.kind}`,
    severity: 'info',
    message: `no ${byTests ? 'test' : 'example'} notices when ${mutant.what} in line ${mutant.line}`,
    suggestion: call === undefined ? null : `\`${call.slice(0, 200)}\` would tell the two apart.`,
  };
}

const WAY_WORDS: Readonly<Record<string, (what: string) => string>> = {
  b: (what) => `no test comes to \`${what}\``,
  t: (what) => `in no test does \`${what}\` hold`,
  f: (what) => `in all tests \`${what}\` holds`,
  e: (what) => `no test tries the limit of \`${what}\`, where both sides are equal`,
};

function wayFindings(file: string, ways: TakenWays | null): Finding[] {
  const finding = (line: number, rule: string, message: string): Finding => ({
    file,
    line,
    column: 1,
    rule,
    severity: 'info',
    message,
    suggestion: null,
  });
  const missed = (ways?.missed ?? []).map(({ mark, way }) =>
    finding(mark.line, way === 'e' ? 'untried-limit' : 'untaken-way', WAY_WORDS[way]?.(mark.what) ?? ''),
  );
  const untried = (ways?.untried ?? []).map(({ parameter: { name, isAsked }, line, what }) =>
    isAsked
      ? finding(line, 'untried-input', `no test passes \`${name}\` with ${what}`)
      : finding(line, 'unconsidered-input', `no test passes \`${name}\` with ${what}, and no condition asks about it`),
  );
  return [...missed, ...untried];
}
