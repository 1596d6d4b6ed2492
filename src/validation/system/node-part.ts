import { posix } from 'node:path';
import type { CheckResult, Finding, SourceFile } from '../../domain/index.ts';
import { notRun } from '../report.ts';
import { readCompilerOutput } from './compiler-output.ts';
import { type NodePackages, PACKAGES_INSIDE } from './node-packages.ts';
import { judgeByExit, judgeTests, type PartContext, toolCheck, type ToolRun } from './part-run.ts';
import { readVitestReport } from './vitest-report.ts';
import type { Workspace } from './workspace.ts';

const REPORT = '/tmp/mge-vitest.json';

/** What is read of a part's package.json and tsconfig.json. */
export interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  /** File that `main` names; null where it names none. */
  readonly main: string | null;
  readonly hasTsconfig: boolean;
  /** Whether tsconfig.json is made of other projects. */
  readonly hasReferences: boolean;
}

function textOf(files: readonly SourceFile[], path: string): string | null {
  const file = files.find((candidate) => posix.normalize(candidate.path) === posix.normalize(path));
  return file === undefined ? null : Buffer.from(file.bytes).toString('utf8');
}

function textsIn(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** The manifest of a part; null where there is none or it is not JSON. */
export function readManifest(files: readonly SourceFile[], directory: string): Manifest | null {
  const text = textOf(files, posix.join(directory, 'package.json'));
  if (text === null) return null;
  try {
    const manifest = JSON.parse(text) as Record<string, unknown>;
    const tsconfig = textOf(files, posix.join(directory, 'tsconfig.json'));
    return {
      dependencies: { ...textsIn(manifest['dependencies']), ...textsIn(manifest['devDependencies']) },
      scripts: textsIn(manifest['scripts']),
      main: typeof manifest['main'] === 'string' ? manifest['main'] : null,
      hasTsconfig: tsconfig !== null,
      hasReferences: /"references"\s*:/.test(tsconfig ?? ''),
    };
  } catch {
    return null;
  }
}

/** The first number of a version or range: what decides whether two versions speak the same language. */
function major(version: string): string | null {
  return /\d+/.exec(version)?.[0] ?? null;
}

/** What neither building, testing nor starting a part needs: without them only the linter does not run. */
const TOOLS_OF_STYLE = new Set(['eslint', 'prettier', 'typescript-eslint']);

function missingPackages(manifest: Manifest, packages: NodePackages): string[] {
  return Object.entries(manifest.dependencies).flatMap(([name, range]) => {
    const installed = packages.versionOf(name);
    if (TOOLS_OF_STYLE.has(name)) return [];
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

/** A run of one of this program's tools. */
export function nodeTool(packages: NodePackages, entry: string, args: readonly string[], timeoutMs: number): ToolRun {
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

/** `tsc --noEmit` with the part's own settings. */
export function typesCheck(context: PartContext, packages: NodePackages, hasReferences: boolean): Promise<CheckResult> {
  const args = hasReferences ? ['-b', '--noEmit', '--pretty', 'false'] : ['--noEmit', '--pretty', 'false'];
  return toolCheck(context, 'types', nodeTool(packages, 'typescript/bin/tsc', args, 120_000), (result) =>
    judgeByExit(result, 'tsc', context.directory, readCompilerOutput(result.stdout, context.directory)),
  );
}

/** `vitest run`, each test by its name. */
export function vitestCheck(context: PartContext, packages: NodePackages): Promise<CheckResult> {
  const args = [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${REPORT}`,
    '--includeTaskLocation',
    '--maxWorkers=2',
  ];
  const run = { ...nodeTool(packages, 'vitest/vitest.mjs', args, 180_000), resultFile: REPORT };
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

/** What the checks of a part run with. */
export interface NodePart {
  readonly packages: NodePackages;
  readonly manifest: Manifest;
}

/**
 * Level 4 of a part with a package.json: its packages are known here and linked into the part, then `run` checks it. `kinds` are the
 * checks that `run` makes, for saying why none of them ran.
 */
export async function checkNodePackages(
  context: PartContext,
  found: NodePackages | null,
  project: { readonly files: readonly SourceFile[]; readonly workspace: Workspace; readonly advice: string },
  kinds: readonly string[],
  run: (part: NodePart) => Promise<CheckResult[]>,
): Promise<CheckResult[]> {
  const part = context.name;
  const { files, workspace, advice } = project;
  const none = (reason: string, types: readonly string[]): CheckResult[] =>
    types.map((type) => ({ ...notRun(type, reason), part }));
  const all = ['dependencies', ...kinds];
  if (found === null) return none(advice, all);
  const manifest = readManifest(files, context.directory);
  const dependencies: CheckResult = {
    testType: 'dependencies',
    part,
    outcome: 'passed',
    reason: null,
    findings: [],
    durationMs: 0,
  };
  if (manifest === null) {
    const failed: CheckResult = { ...dependencies, outcome: 'failed', findings: [manifestFinding(context.directory)] };
    return [failed, ...none('there is no package.json to run it with', kinds)];
  }
  const missing = missingPackages(manifest, found);
  if (missing.length > 0) return none(`packages that cannot be had without a network: ${missing.join(', ')}`, all);
  const linked = Object.keys(manifest.dependencies).filter((name) => found.versionOf(name) !== null);
  await linkPackages(workspace, context.directory, linked);
  return [dependencies, ...(await run({ packages: found, manifest }))];
}
