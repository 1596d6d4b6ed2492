import type { CheckResult, Finding, TestCase } from '../../domain/index.ts';
import {
  type Sandbox,
  type SandboxResult,
  type SandboxSpec,
  SandboxUnavailable,
} from '../../adapters/sandbox/index.ts';
import { notRun } from '../report.ts';
import { tail } from './compiler-output.ts';
import type { PlacedTest } from './junit-report.ts';
import type { Limiter } from './limiter.ts';

/** One part of a project with what its checks run on. */
export interface PartContext {
  readonly name: string;
  /** Folder of the part inside the project. */
  readonly directory: string;
  /** Host folder that holds the project. */
  readonly folder: string;
  readonly sandbox: Sandbox;
  readonly limiter: Limiter;
  readonly signal?: AbortSignal;
  /** Kinds of checks that are wanted; default all. */
  readonly only?: readonly string[];
}

/** Whether a kind of check is wanted. */
export function isWanted({ only }: Pick<PartContext, 'only'>, testType: string): boolean {
  return only === undefined || only.includes(testType);
}

export type ToolRun = Omit<SandboxSpec, 'directory' | 'workingDirectory' | 'signal'>;

/** Runs a tool in the sandbox and turns what it did into a check. What cannot run says why; it never counts as passed. */
export async function toolCheck(
  context: PartContext,
  testType: string,
  tool: ToolRun,
  judge: (result: SandboxResult) => Omit<CheckResult, 'testType' | 'part' | 'durationMs'>,
): Promise<CheckResult> {
  const part = context.name;
  try {
    const result = await runTool(context, tool);
    const { durationMs } = result;
    if (result.stoppedBy === 'aborted') return { ...notRun(testType, 'the validation was stopped'), part, durationMs };
    return { testType, part, durationMs, ...judge(result) };
  } catch (error) {
    if (!(error instanceof SandboxUnavailable)) throw error;
    return { ...notRun(testType, `the sandbox could not run it: ${error.message}`), part };
  }
}

export function runTool(context: PartContext, tool: ToolRun): Promise<SandboxResult> {
  return context.limiter.run(() =>
    context.sandbox.run({
      ...tool,
      directory: context.folder,
      workingDirectory: context.directory,
      ...(context.signal === undefined ? {} : { signal: context.signal }),
    }),
  );
}

const STOPS: Readonly<Record<string, string>> = {
  time: 'it did not end in time',
  memory: 'it used more memory than allowed',
  processes: 'it started more processes than allowed',
  output: 'it printed more than allowed',
};

/** One sentence on how a run ended. */
export function howItEnded(result: SandboxResult): string {
  if (result.stoppedBy !== null) return STOPS[result.stoppedBy] ?? result.stoppedBy;
  return result.signal === null
    ? `it ended with code ${result.exitCode ?? 'unknown'}`
    : `it was ended by ${result.signal}`;
}

function fileFinding(file: string, rule: string, message: string, line = 1): Finding {
  return { file, line: Math.max(1, line), column: 1, rule, severity: 'error', message, suggestion: null };
}

/** The judgement of a tool that says by its exit code whether all is well. */
export function judgeByExit(
  result: SandboxResult,
  rule: string,
  directory: string,
  findings: readonly Finding[] = [],
): Omit<CheckResult, 'testType' | 'part' | 'durationMs'> {
  const output = tail(result.stdout, result.stderr);
  if (result.exitCode === 0) return { outcome: 'passed', reason: null, findings, output };
  const found =
    findings.length > 0 ? findings : [fileFinding(directory, rule, `${howItEnded(result)}: ${lastLine(output)}`)];
  return { outcome: 'failed', reason: null, findings: found, output };
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1)?.slice(0, 500) ?? '';
}

/** The judgement of a test run: every test under its name, and a finding for each that failed. */
export function judgeTests(
  result: SandboxResult,
  tests: readonly PlacedTest[],
  rule: string,
  directory: string,
): Omit<CheckResult, 'testType' | 'part' | 'durationMs'> {
  const count = (outcome: TestCase['outcome']): number => tests.filter((test) => test.outcome === outcome).length;
  const counts = { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
  const prefix = directory === '.' ? '' : `${directory}/`;
  const findings = tests
    .filter((test) => test.outcome === 'failed')
    .map((test) =>
      fileFinding(
        `${prefix}${test.file}`,
        rule,
        `${test.name}: ${test.message ?? 'failed'}`.slice(0, 2_000),
        test.line,
      ),
    );
  const cases = tests.map(({ name, outcome, durationMs, message }) => ({ name, outcome, durationMs, message }));
  const shared = { tests: counts, cases, output: tail(result.stdout, result.stderr) };
  const isClean = result.exitCode === 0 && counts.failed === 0;
  if (isClean && counts.passed === 0)
    return { outcome: 'not_run', reason: 'the project has no test that ran', findings: [], ...shared };
  if (isClean) return { outcome: 'passed', reason: null, findings: [], ...shared };
  const all =
    findings.length > 0
      ? findings
      : [fileFinding(directory, rule, `the test run failed: ${howItEnded(result)}: ${lastLine(shared.output)}`)];
  return { outcome: 'failed', reason: null, findings: all, ...shared };
}
