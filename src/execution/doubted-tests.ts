/**
 * When a test that a model drafted is more likely wrong than the code that it refuses. Texts that were written independently, told each
 * time what the test expects, and that agree against it while passing everything else, are evidence against the test (after Chen et
 * al., "CodeT: Code Generation with Generated Tests", 2022: agreement among samples tells right code from wrong tests).
 */
import type { CheckResult, Finding } from '../domain/index.ts';
import { type LevelReport, reportOf } from '../validation/index.ts';

/** One expectation of a drafted test that a text did not meet while it met all else. */
export interface TestDoubt {
  /** The test's file. */
  readonly file: string;
  /** The test as its runner names it; null where the expectation was read in the file and not run. */
  readonly test: string | null;
  /** Name of the atom that it refused. */
  readonly about: string;
  /** What was asserted, expected and got. Two texts that fail with the same words fail alike. */
  readonly message: string;
}

/** Texts that must fail alike before a test is in doubt; at the last attempt fewer are left to come. */
export const TEXTS_TO_DOUBT = 3;
export const TEXTS_AT_LAST_ATTEMPT = 2;

/** Rule of findings that say that a test may be wrong. */
export const IN_DOUBT = 'test-in-doubt';

const isGrave = ({ severity }: Finding): boolean => severity === 'error' || severity === 'critical';
const failedOf = ({ checks }: LevelReport): CheckResult[] => checks.filter(({ outcome }) => outcome === 'failed');
const isNamed = (name: string, text: string): boolean => name !== '' && text.split(/[^\w$]+/).includes(name);

/** Addresses differ from run to run and say nothing. What is stored as JSON holds no NUL and no half characters. */
function wordsOf(message: string): string {
  const text = message
    .replaceAll(/0x[0-9a-f]{6,}/gi, '0x')
    .replaceAll('\0', ' ')
    .replaceAll(/\s+/g, ' ');
  return text
    .trim()
    .slice(0, 900)
    .replaceAll(/\p{Surrogate}/gu, '\ufffd');
}

export interface Refused {
  /** What was found with everything in place, and without what is only read in drafted tests. */
  readonly report: LevelReport;
  readonly withoutReading: LevelReport;
  /** Paths of tests that a model drafted and nobody has approved. */
  readonly drafted: ReadonlySet<string>;
  /** Those of them whose text the first report was held to. */
  readonly read: readonly string[];
  readonly atom: { readonly name: string; readonly isWholeFile: boolean };
}

/**
 * What a refused text failed of drafted tests when it failed nothing else; empty where anything else stands against it: another check,
 * a test that was brought, more failures than are listed one by one, or a test that does not speak of this atom of its file.
 */
export function doubtsOf(refused: Refused): TestDoubt[] {
  const { withoutReading } = refused;
  const failed = failedOf(withoutReading);
  if (withoutReading.outcome === 'failed' && failed.length === 0) return [];
  const [unit, ...others] = failed;
  if (unit === undefined) return readDoubts(refused);
  return others.length === 0 && unit.testType === 'unit' ? runDoubts(refused, unit) : [];
}

function runDoubts({ drafted, atom }: Refused, unit: CheckResult): TestDoubt[] {
  const failures = (unit.cases ?? []).filter(({ outcome }) => outcome === 'failed');
  // Findings are the first failures, in their order: a text that fails more than is listed has too much against it.
  if (failures.length === 0 || failures.length !== unit.findings.length) return [];
  const doubts = failures.map(({ name, file }, index): TestDoubt | null => {
    const message = wordsOf(unit.findings[index]?.message ?? '');
    if (file === undefined || !drafted.has(file) || !(atom.isWholeFile || isNamed(atom.name, message))) return null;
    return { file, test: wordsOf(name), about: atom.name, message };
  });
  return doubts.every((doubt) => doubt !== null) ? doubts : [];
}

/** What only the reading of a drafted test held against the text. Of several tests nobody knows which one it was. */
function readDoubts({ report, read, atom }: Refused): TestDoubt[] {
  const [file, ...more] = read;
  if (file === undefined || more.length > 0) return [];
  return failedOf(report)
    .flatMap(({ findings }) => findings.filter(isGrave))
    .map(({ rule, message }) => ({ file, test: null, about: atom.name, message: wordsOf(`${rule}: ${message}`) }));
}

/** A text of an atom and the drafted expectations that it failed alone. */
export interface DoubtfulText {
  readonly sha256: string | null;
  readonly doubts: readonly TestDoubt[];
}

export interface DoubtQuestion {
  readonly present: DoubtfulText;
  readonly past: readonly DoubtfulText[];
  /** No attempt is left after this one. */
  readonly isLast: boolean;
  /** The words of the request and of the task. */
  readonly brought: string;
}

const keyOf = ({ file, test, message }: TestDoubt): string => JSON.stringify([file, test, message]);

/**
 * True when the drafted tests are to be doubted rather than the text: enough different texts fail each expectation in the same way, and
 * no call that it makes is an example in the words that were brought.
 */
export function areInDoubt({ present, past, isLast, brought }: DoubtQuestion): boolean {
  const needed = isLast ? TEXTS_AT_LAST_ATTEMPT : TEXTS_TO_DOUBT;
  return (
    present.doubts.length > 0 &&
    present.doubts.every((doubt) => {
      const key = keyOf(doubt);
      const alike = [present, ...past].filter(({ doubts }) => doubts.some((one) => keyOf(one) === key));
      const texts = new Set(alike.flatMap(({ sha256 }) => sha256 ?? []));
      return texts.size >= needed && !isQuoted(doubt, brought);
    })
  );
}

/** A call that the expectation is about stands, with the same arguments, in the words that were brought. */
function isQuoted({ about, message }: TestDoubt, brought: string): boolean {
  const bare = (text: string): string => text.replaceAll(/\s/g, '').replaceAll('"', "'");
  const name = about.split('.').at(-1) ?? about;
  const calls = [...message.matchAll(/[\w$]+\([^()]*\)/g)].map(([call]) => bare(call));
  const words = bare(brought);
  return calls.some((call) => call.startsWith(`${name}(`) && words.includes(call));
}

/** A doubt as a finding, against the test or, as a warning, beside the text that the test refused. */
export function doubtFinding({ file, test, about, message }: TestDoubt, severity: 'error' | 'warning'): Finding {
  const what = test === null ? 'an expectation' : `the test ${test}`;
  const text = `${what} may be wrong: different texts of ${about} fail it alike and pass everything else (${message})`;
  return { file, line: 1, column: 1, rule: IN_DOUBT, severity, message: text, suggestion: null };
}

/** The report on a text whose drafted tests are in doubt: what they refuse are warnings, and tests that pass still count. */
export function withDoubts(withoutReading: LevelReport, doubts: readonly TestDoubt[]): LevelReport {
  const unit = withoutReading.checks.find(({ testType }) => testType === 'unit');
  const passes = unit?.cases?.some(({ outcome }) => outcome === 'passed') === true;
  const weighed: CheckResult = {
    ...(unit ?? { testType: 'unit', durationMs: 0 }),
    outcome: passes ? 'passed' : 'not_run',
    reason: passes ? null : 'every test that touches it is in doubt',
    findings: doubts.map((doubt) => doubtFinding(doubt, 'warning')),
  };
  const others = withoutReading.checks.filter((check) => check !== unit);
  return reportOf('atomic', [...others, weighed]);
}

/** True when a piece of a test file holds the expectation: the test by its name, else any use of what it refused. */
export function holdsDoubt({ test, about }: TestDoubt, text: string): boolean {
  const leaf =
    (test ?? '')
      .split(/::| > /)
      .at(-1)
      ?.replace(/\[.*$/s, '') ?? '';
  if (leaf !== '') return text.includes(leaf);
  return isNamed(about.split('.').at(-1) ?? about, text);
}
