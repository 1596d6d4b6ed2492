import { posix } from 'node:path';
import type { AcceptanceCriterion, CheckResult, ProjectCheck, SourceFile } from '../domain/index.ts';
import type { Sandbox } from '../adapters/sandbox/index.ts';
import { decodeSource } from '../adapters/parser/index.ts';
import { assemble } from './assembly.ts';
import type { AtomInput } from './atom-checks.ts';
import { CheckAborted, CheckPool, type CheckJob } from './check-pool.ts';
import type { TaskContract } from './contract/task-contract.ts';
import { type LevelReport, notRun, reportOf } from './report.ts';
import { type Examined, isRunnable, probeRequest } from './running/examine.ts';
import type { TestProbes } from './mutants/test-probes.ts';
import { examplesCheck, type FileTests, runUnit, type UnitRun } from './running/running-checks.ts';
import { judgeTests } from './running/strength-check.ts';
import { createTestRunner, type ResultCache, type TestRunner } from './running/test-runner.ts';
import { findPython } from './system/python-toolchain.ts';
import { runSystemChecks } from './system/system-checks.ts';
import type { ToolchainState } from './system/toolchain-state.ts';
import { detectToolchains, type Toolchains } from './system/toolchains.ts';
import type { VerdictStore } from './verdict-store.ts';

export interface ValidationOptions {
  readonly sandbox: Sandbox;
  /** Checking threads; default: one less than the cores, at least 1. */
  readonly threads?: number;
  /** Longest time of one level 1 or 2 job in milliseconds; default 30,000. */
  readonly timeoutMs?: number;
  /** Programs of the host to look for; default: those that are found on the PATH. Tests pass their own. */
  readonly pythonCandidates?: readonly string[];
  /** Where results of test runs are kept for other attempts, runs and workers; default: in this process only. */
  readonly results?: ResultCache;
  /** Where verdicts of rules are kept for them; default: in each thread only. */
  readonly verdicts?: VerdictStore;
}

export interface SystemProject {
  readonly files: readonly SourceFile[];
  readonly checks: readonly ProjectCheck[];
  /** Acceptance criteria of the plan; without them there are no `acceptance` rows. */
  readonly criteria?: readonly AcceptanceCriterion[];
  /** Kinds of checks to run (`tests`, `types`); default all. */
  readonly only?: readonly string[];
}

/** The four levels. Levels 1 and 2 run in threads of this process, level 4 in the sandbox. */
export interface Validation {
  /** Level 1: a candidate inside its file. */
  validateAtom(input: AtomInput): Promise<LevelReport>;
  /** Level 2: an assembled file, held to its contract where one is given. */
  validateModule(file: SourceFile, contract?: TaskContract, tests?: readonly FileTests[]): Promise<LevelReport>;
  /** Level 3: the files of a folder or milestone (`paths`; all where absent) among those of the whole project. */
  validateComponent(files: readonly SourceFile[], paths?: readonly string[]): Promise<LevelReport>;
  /** Level 4: the whole project with its own tools and tests. Never rejects for what the project does. */
  validateSystem(project: SystemProject, signal?: AbortSignal): Promise<LevelReport>;
  /** What level 4 can run on this machine. */
  toolchains(): Promise<ToolchainState[]>;
  close(): Promise<void>;
}

async function pooled(pool: CheckPool, job: CheckJob, firstCheck: string): Promise<CheckResult[]> {
  try {
    return await pool.run(job);
  } catch (error) {
    if (error instanceof CheckAborted) return [notRun(firstCheck, error.message)];
    throw error;
  }
}

/** What is asked about a file, and how to get its text where it comes to be run: files are put together off the event loop otherwise. */
interface Asked {
  readonly language: string;
  readonly contract: TaskContract | null;
  readonly tests: readonly FileTests[] | undefined;
  examine(): Examined;
  /** Mutants of the text; set where its tests are to be judged. */
  readonly probesFor?: (most: number) => Promise<TestProbes | null>;
}

const NO_TESTS: UnitRun = { check: notRun('unit', 'no test touches it'), runMs: 0 };

/** What runs the code comes after what reads it: a text that is known to be wrong is not run. */
async function withRuns(runner: TestRunner, checks: CheckResult[], asked: Asked): Promise<CheckResult[]> {
  const { language, contract } = asked;
  if (!isRunnable(language) || (asked.tests === undefined && contract === null)) return checks;
  if (checks.some(({ outcome }) => outcome === 'failed')) {
    const reason = 'the text is wrong without being run';
    return [...checks, notRun('unit', reason), notRun('examples', reason)];
  }
  const examined = asked.examine();
  const inside = (root = ''): string => (root === '' ? examined.path : posix.relative(root, examined.path));
  const own = (asked.tests ?? []).map((request) => ({
    ...request,
    files: { ...request.files, [inside(request.root)]: examined.text },
  }));
  const [unit, examples] = await Promise.all([
    own.length === 0 ? NO_TESTS : runUnit(runner, examined.path, own),
    examplesCheck(runner, examined),
  ]);
  const ran = [...checks, unit.check, examples];
  const { probesFor } = asked;
  const isJudged = ![unit.check, examples].some(({ outcome }) => outcome === 'failed');
  if (probesFor === undefined || !isJudged || (unit.check.outcome !== 'passed' && examples.outcome !== 'passed'))
    return ran;
  const { path, text } = examined;
  const tests = unit.check.outcome === 'passed' ? own : [];
  const judged = { path, text, tests, testMs: unit.runMs, inside, trial: probeRequest(examined) };
  return [...ran, await judgeTests(runner, judged, probesFor)];
}

/** Opens the validation. Nothing runs until the first call; toolchains are looked for at the first level 4. */
export async function createValidation(options: ValidationOptions): Promise<Validation> {
  const pool = new CheckPool({
    ...(options.threads === undefined ? {} : { threads: options.threads }),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    ...(options.verdicts === undefined ? {} : { verdicts: options.verdicts }),
  });
  let found: Promise<Toolchains> | undefined;
  const toolchains = (): Promise<Toolchains> => (found ??= detectToolchains(options.sandbox, options.pythonCandidates));
  const runner = createTestRunner({
    sandbox: options.sandbox,
    python: async () => (await findPython(options.pythonCandidates)).python,
    ...(options.results === undefined ? {} : { cache: options.results }),
  });
  return {
    async validateAtom({ tests, ...input }) {
      const checks = await pooled(pool, { kind: 'atom', input }, 'syntax');
      const { path, language, contract = null } = input;
      const examine = (): Examined => {
        const { text, start, end } = assemble(input.before, input.candidate, input.after);
        const whole = input.before.length + input.after.length === 0;
        return { path, language, text, contract, ...(whole ? {} : { focus: text.slice(start, end) }) };
      };
      const probesFor = (most: number): Promise<TestProbes | null> =>
        pool.probesOf({ language, ...assemble(input.before, input.candidate, input.after), most });
      return reportOf('atomic', await withRuns(runner, checks, { language, contract, tests, examine, probesFor }));
    },
    async validateModule(file, contract, tests) {
      const job: CheckJob = { kind: 'module', file, ...(contract === undefined ? {} : { contract }) };
      const checks = await pooled(pool, job, 'syntax');
      const of = { path: file.path, language: file.language, contract: contract ?? null };
      const examine = (): Examined => ({ ...of, text: decodeSource(file.bytes).text });
      return reportOf('module', await withRuns(runner, checks, { ...of, tests, examine }));
    },
    async validateComponent(files, paths) {
      if (files.length === 0) return reportOf('component', [notRun('contracts', 'the component has no files')]);
      const input = { files, ...(paths === undefined ? {} : { paths }) };
      return reportOf('component', await pooled(pool, { kind: 'component', input }, 'interfaces'));
    },
    validateSystem: async (project, signal) =>
      reportOf(
        'system',
        await runSystemChecks({ sandbox: options.sandbox, toolchains: await toolchains() }, project, signal),
      ),
    toolchains: async () => (await toolchains()).states,
    close: () => pool.close(),
  };
}
