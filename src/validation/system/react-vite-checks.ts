import { posix } from 'node:path';
import type { CheckResult, Finding, SourceFile } from '../../domain/index.ts';
import { notRun } from '../report.ts';
import { readCompilerOutput } from './compiler-output.ts';
import { type NodePackages, PACKAGES_INSIDE } from './node-packages.ts';
import { isWanted, judgeByExit, judgeTests, type PartContext, toolCheck, type ToolRun } from './part-run.ts';
import { reactStartup } from './react-startup.ts';
import { readVitestReport } from './vitest-report.ts';
import type { Workspace } from './workspace.ts';

const REPORT = '/tmp/mge-vitest.json';
const CHECKS = ['dependencies', 'types', 'build', 'tests', 'startup'];

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly hasReferences: boolean;
}

function textOf(files: readonly SourceFile[], path: string): string | null {
  const file = files.find((candidate) => posix.normalize(candidate.path) === posix.normalize(path));
  return file === undefined ? null : Buffer.from(file.bytes).toString('utf8');
}

function readManifest(files: readonly SourceFile[], directory: string): Manifest | null {
  const text = textOf(files, posix.join(directory, 'package.json'));
  if (text === null) return null;
  try {
    const manifest = JSON.parse(text) as Record<'dependencies' | 'devDependencies', Record<string, string> | undefined>;
    const references = /"references"\s*:/.test(textOf(files, posix.join(directory, 'tsconfig.json')) ?? '');
    return { dependencies: { ...manifest.dependencies, ...manifest.devDependencies }, hasReferences: references };
  } catch {
    return null;
  }
}

/** The first number of a version or range: what decides whether two versions speak the same language. */
function major(version: string): string | null {
  return /\d+/.exec(version)?.[0] ?? null;
}

function missingPackages(manifest: Manifest, packages: NodePackages): string[] {
  return Object.entries(manifest.dependencies).flatMap(([name, range]) => {
    const installed = packages.versionOf(name);
    if (installed === null) return [`${name} ${range}`];
    const wanted = major(range);
    return wanted === null || wanted === major(installed) ? [] : [`${name} ${range} (here: ${installed})`];
  });
}

/** Every bare import must be declared: the sandbox shows the project its declared packages only, as a fresh install would. */
function linkPackages(workspace: Workspace, directory: string, names: readonly string[]): Promise<unknown> {
  return Promise.all(
    names.map((name) => workspace.link(posix.join(directory, 'node_modules', name), `${PACKAGES_INSIDE}/${name}`)),
  );
}

function tool(packages: NodePackages, entry: string, args: readonly string[], timeoutMs: number): ToolRun {
  return {
    argv: ['node', `${PACKAGES_INSIDE}/${entry}`, ...args],
    readOnly: [{ from: packages.root, to: PACKAGES_INSIDE }],
    // The bundler and the test runner start as many threads as there are cores unless told otherwise; on a large machine that
    // alone would exceed the limits of processes and memory.
    env: { CI: 'true', NO_COLOR: '1', NODE_ENV: 'test', RAYON_NUM_THREADS: '2', TOKIO_WORKER_THREADS: '2' },
    timeoutMs,
    memoryMb: 2_048,
    processes: 768,
  };
}

function typesCheck(context: PartContext, packages: NodePackages, hasReferences: boolean): Promise<CheckResult> {
  const args = hasReferences ? ['-b', '--noEmit', '--pretty', 'false'] : ['--noEmit', '--pretty', 'false'];
  return toolCheck(context, 'types', tool(packages, 'typescript/bin/tsc', args, 120_000), (result) =>
    judgeByExit(result, 'tsc', context.directory, readCompilerOutput(result.stdout, context.directory)),
  );
}

function buildCheck(context: PartContext, packages: NodePackages): Promise<CheckResult> {
  const run = tool(packages, 'vite/bin/vite.js', ['build', '--logLevel', 'warn'], 180_000);
  const inProduction = { ...run, env: { ...run.env, NODE_ENV: 'production' } };
  return toolCheck(context, 'build', inProduction, (result) => judgeByExit(result, 'vite-build', context.directory));
}

const one = (check: CheckResult): CheckResult[] => [check];

/** A page that does not build is not opened. */
async function buildAndOpen(context: PartContext, packages: NodePackages): Promise<CheckResult[]> {
  const build = await buildCheck(context, packages);
  if (!isWanted(context, 'startup')) return [build];
  if (build.outcome !== 'passed')
    return [build, { ...notRun('startup', 'there is no built page to open'), part: context.name }];
  return [build, await reactStartup(context, tool(packages, 'vite/bin/vite.js', [], 60_000))];
}

function testsCheck(context: PartContext, packages: NodePackages): Promise<CheckResult> {
  const args = [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${REPORT}`,
    '--includeTaskLocation',
    '--maxWorkers=2',
  ];
  const run = { ...tool(packages, 'vitest/vitest.mjs', args, 180_000), resultFile: REPORT };
  return toolCheck(context, 'tests', run, (result) => {
    const root = posix.join('/project', context.directory).replace(/\/$/, '');
    return judgeTests(result, readVitestReport(result.result ?? '', root), 'vitest', context.directory);
  });
}

function manifestFinding(directory: string): Finding {
  const file = posix.join(directory, 'package.json');
  return {
    file,
    line: 1,
    column: 1,
    rule: 'no-manifest',
    severity: 'error',
    message: 'package.json is missing or not JSON',
    suggestion: null,
  };
}

/** Level 4 of a React and Vite part: its packages are known, it type-checks, builds, its tests pass, its page renders. */
export async function checkReactVitePart(
  context: PartContext,
  packages: NodePackages | null,
  files: readonly SourceFile[],
  workspace: Workspace,
  advice: string,
): Promise<CheckResult[]> {
  const part = context.name;
  const none = (reason: string, types = CHECKS): CheckResult[] =>
    types.map((type) => ({ ...notRun(type, reason), part }));
  if (packages === null) return none(advice);
  const manifest = readManifest(files, context.directory);
  const dependencies: CheckResult = {
    testType: 'dependencies',
    part,
    outcome: 'passed',
    reason: null,
    findings: [],
    durationMs: 0,
  };
  const rest = CHECKS.slice(1);
  if (manifest === null) {
    const failed: CheckResult = { ...dependencies, outcome: 'failed', findings: [manifestFinding(context.directory)] };
    return [failed, ...none('there is no package.json to run it with', rest)];
  }
  const missing = missingPackages(manifest, packages);
  if (missing.length > 0) return none(`packages that cannot be had without a network: ${missing.join(', ')}`);
  await linkPackages(workspace, context.directory, Object.keys(manifest.dependencies));
  const checks = [
    ...(isWanted(context, 'types') ? [typesCheck(context, packages, manifest.hasReferences).then(one)] : []),
    ...(isWanted(context, 'build') || isWanted(context, 'startup') ? [buildAndOpen(context, packages)] : []),
    ...(isWanted(context, 'tests') ? [testsCheck(context, packages).then(one)] : []),
  ];
  return [dependencies, ...(await Promise.all(checks)).flat()];
}
