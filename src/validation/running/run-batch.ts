import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sandbox } from '../../adapters/sandbox/index.ts';
import { bundle, expectBundle } from './bundle.ts';
import { PYTHON_PROBE } from './python-probe-program.ts';
import { PYTHON_RUNNER } from './python-runner-program.ts';
import { SCRIPT_PROBE } from './script-probe-program.ts';
import { SCRIPT_RUNNER, SCRIPT_WORKER } from './script-runner-program.ts';
import { noRun, type ProbeAnswer, type TestFailure, type TestRunRequest, type TestRunResult } from './test-run.ts';

export type Family = 'python' | 'script';

export function familyOf(request: TestRunRequest): Family {
  return request.main.endsWith('.py') ? 'python' : 'script';
}

const DEFAULT_CPU_SECONDS = 4;
const DEFAULT_MEMORY_MB = 512;
const WALL_FACTOR = 4;
/** The interpreter's own start and the copying of files. */
const START_SECONDS = 15;

/** The interpreter, and what calls a batch off. */
export interface BatchOptions {
  readonly python: { readonly executable: string; readonly readOnly: readonly string[] } | null;
  readonly signal?: AbortSignal;
}

/** What the programs in the sandbox report of a job. */
export interface RawResult {
  readonly id: number;
  readonly ended: string;
  readonly durationMs: number;
  readonly output: string;
  readonly passed: readonly string[];
  readonly failed: readonly TestFailure[];
  readonly probe?: readonly ProbeAnswer[];
  readonly marks?: Readonly<Record<string, number>>;
}

/** A job made ready, or a result that needs no run. */
type Prepared = { readonly job: Record<string, unknown> } | { readonly result: TestRunResult };

/** Makes a request a job for the programs, or says why it needs none. */
export async function prepare(request: TestRunRequest, id: number): Promise<Prepared> {
  const common = {
    id,
    kind: request.kind,
    main: request.main,
    filter: request.filter ?? 'all',
    tests: request.tests,
    calls: request.calls,
    doctests: request.doctests,
    vary: request.vary ?? false,
    only: request.only,
    env: request.env ?? {},
    cpuSeconds: request.cpuSeconds ?? DEFAULT_CPU_SECONDS,
    wallSeconds: (request.cpuSeconds ?? DEFAULT_CPU_SECONDS) * WALL_FACTOR,
    memoryMb: request.memoryMb ?? DEFAULT_MEMORY_MB,
    skippedCount: request.skippedCount ?? false,
    failFast: request.failFast ?? false,
    marks: request.marks ?? false,
  };
  if (familyOf(request) === 'python') return { job: { ...common, files: request.files } };
  const bundled = await bundle(request.files, request.main);
  const foreign = bundled.missing.find((name) => isDeclared(name, request.declared));
  if (request.kind === 'probe' && bundled.missing[0] !== undefined)
    return { result: noRun(`the file imports ${bundled.missing[0]}, which is not here`) };
  if (foreign !== undefined)
    return { result: noRun(`the package ${foreign} is not available to tests of single files`) };
  if ('problem' in bundled) {
    // The bundler writes for a terminal.
    const message = bundled.problem.replaceAll(/\u001B\[[\d;]*m/g, '');
    return { result: { ...noRun(''), reason: null, outcome: 'failed', failures: [{ test: request.main, message }] } };
  }
  return {
    job: { ...common, code: bundled.code, token: randomUUID(), testFrom: firstLineOf(bundled.code, request.main) },
  };
}

/** The bundle's line from which the test file's own text stands; the bundler writes each file's path above it. */
function firstLineOf(code: string, main: string): number {
  const at = code.split('\n').findIndex((line) => line.startsWith('// ') && line.endsWith(`/${main}`));
  return at < 0 ? 1 : at + 1;
}

function isDeclared(name: string, declared: readonly string[] | undefined): boolean {
  if (declared === undefined || name.startsWith('.')) return false;
  return declared.some(
    (known) => known === '*' || name === known || name.startsWith(`${known}/`) || name.startsWith(`${known}.`),
  );
}

/** A module of the project itself that is missing is the project's own fault. */
export function isOwn(name: string, { files }: TestRunRequest): boolean {
  const [top = ''] = name.split('.');
  return Object.keys(files).some((path) => path === `${top}.py` || path.startsWith(`${top}/`));
}

const FAILED_ENDS: Readonly<Record<string, string>> = {
  time: 'it did not end in time: an endless loop, or far too slow',
  memory: 'it used more memory than it may',
  early: 'it ended the interpreter before the tests were over',
};

/** What a page has and a test run without one has not. */
const OF_A_PAGE = /\b(?:document|window|sessionStorage|localStorage|location|HTML\w*Element)'? is not defined/;

/** Whether a test failed for what its runner lacks: an ability of `vi` or `jest`, or a page. That says nothing about the code. */
function lacksRunner({ message, statement = '' }: TestFailure): boolean {
  // Not every interpreter names what it cannot call; the statement of the test does.
  const unnamed = /TypeError: not a function/.test(message) ? statement : '';
  const called = /([\w$.]+) is not a function/.exec(message)?.[1] ?? unnamed;
  return OF_A_PAGE.test(message) || /^(?:await )?(?:vi|jest)\.\w/.test(called);
}

/** What the report of a job means. */
export function resultOf(raw: RawResult, request: TestRunRequest): TestRunResult {
  const base = { passed: raw.passed, output: raw.output, durationMs: raw.durationMs, reason: null };
  const missing = raw.failed.find(
    (failure) =>
      failure.missing !== undefined &&
      isDeclared(failure.missing, request.declared) &&
      !isOwn(failure.missing, request),
  );
  if (request.kind === 'probe' && raw.failed.some((failure) => /^(?:ModuleNotFound|Import)Error/.test(failure.message)))
    return noRun('the file imports something that is not here');
  const lacking = raw.failed.find(lacksRunner);
  if (lacking) return noRun(`the test runner does not have what a test needs: ${lacking.message.slice(0, 200)}`);
  if (missing) return noRun(`the package ${missing.missing ?? ''} is declared, but not installed on this machine`);
  if (raw.ended !== 'normal') {
    const message = FAILED_ENDS[raw.ended] ?? `it was ended by ${raw.ended}`;
    return { ...base, outcome: 'failed', failures: [...raw.failed, { test: request.main, message }] };
  }
  return {
    ...base,
    outcome: raw.failed.length > 0 ? 'failed' : 'passed',
    failures: raw.failed,
    ...(raw.probe ? { answers: raw.probe } : {}),
    ...(request.marks && raw.marks ? { marks: raw.marks } : {}),
  };
}

const ENDED_RUNNER: TestFailure = { test: '', message: 'it ended the process that runs the tests' };

async function programFiles(family: Family): Promise<Record<string, string>> {
  if (family === 'python')
    return {
      'runner.py': `${PYTHON_RUNNER}\n${PYTHON_PROBE}\nJOBS = {**KINDS, 'probe': run_probe}\nif __name__ == '__main__':\n    main()\n`,
    };
  return {
    'runner.mjs': SCRIPT_RUNNER,
    'worker.cjs': `${SCRIPT_PROBE}\n${SCRIPT_WORKER}`,
    'expect.cjs': await expectBundle(),
  };
}

function commandOf(family: Family, python: string): string[] {
  return family === 'python' ? [python, '-s', '-B', 'runner.py'] : ['node', '--no-warnings', 'runner.mjs'];
}

/**
 * Runs jobs of one language one after another in one sandbox. A job that takes the runner with it is found by running the jobs of its
 * batch alone.
 */
export async function runBatch(
  sandbox: Sandbox,
  requests: readonly TestRunRequest[],
  options: BatchOptions,
): Promise<TestRunResult[]> {
  const [first] = requests;
  if (first === undefined) return [];
  const family = familyOf(first);
  const prepared = await Promise.all(requests.map((request, id) => prepare(request, id)));
  const jobs = prepared.flatMap((entry) => ('job' in entry ? [entry.job] : []));
  const raw = jobs.length === 0 ? [] : await runJobs(sandbox, family, jobs, options);
  const byId = new Map(raw?.map((result) => [result.id, result]));
  return Promise.all(
    requests.map(async (request, id): Promise<TestRunResult> => {
      const entry = prepared[id];
      if (entry !== undefined && 'result' in entry) return entry.result;
      const result = byId.get(id);
      if (result !== undefined) return resultOf(result, request);
      if (options.signal?.aborted) return noRun('it was called off');
      if (requests.length > 1) return (await runBatch(sandbox, [request], options))[0] ?? noRun('nothing ran');
      return { ...noRun(''), reason: null, outcome: 'failed', failures: [{ ...ENDED_RUNNER, test: request.main }] };
    }),
  );
}

/** Null when the runner did not live to report. */
async function runJobs(
  sandbox: Sandbox,
  family: Family,
  jobs: readonly Record<string, unknown>[],
  options: BatchOptions,
): Promise<RawResult[] | null> {
  const directory = await mkdtemp(join(tmpdir(), 'mge-runs-'));
  try {
    await mkdir(directory, { recursive: true });
    const files = { ...(await programFiles(family)), 'jobs.json': JSON.stringify(jobs) };
    await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(directory, name), text)));
    const wall = jobs.reduce((sum, job) => sum + (job['wallSeconds'] as number), START_SECONDS);
    const memory = Math.max(...jobs.map((job) => job['memoryMb'] as number));
    const result = await sandbox.run({
      argv: commandOf(family, options.python?.executable ?? 'python3'),
      readOnly: family === 'python' ? (options.python?.readOnly ?? []) : [],
      directory,
      timeoutMs: wall * 1_000,
      // Beside the job stands the interpreter that started it.
      memoryMb: memory + (family === 'python' ? 128 : 512),
      diskMb: 64,
      processes: 64,
      resultFile: '/project/results.json',
      env: { PYTHONHASHSEED: '0' },
      ...(options.signal ? { signal: options.signal } : {}),
    });
    return result.result === null ? null : parsed(result.result);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function parsed(text: string): RawResult[] | null {
  try {
    return JSON.parse(text) as RawResult[];
  } catch {
    return null;
  }
}
