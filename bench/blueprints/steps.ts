/** What a generated project is put through: each step is a program that must succeed. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type * as Ruff from '@astral-sh/ruff-wasm-nodejs';
import type { BackendKind } from '../../test/support/generated-app.ts';
import { browse } from './browser-walk.ts';
import type { GeneratedProject } from './project.ts';

const run = promisify(execFile);
const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));

export interface StepResult {
  readonly part: string;
  readonly step: string;
  readonly passed: boolean;
  readonly seconds: number;
  /** The end of what it printed, when it failed. */
  readonly output?: string;
}

export interface StepOptions {
  /** Interpreter with the packages of the generated back ends. */
  readonly python: string;
  /** Take the packages of this repository instead of installing each project's. */
  readonly linked: boolean;
}

interface Step {
  readonly name: string;
  readonly work: () => Promise<void>;
}

async function program(cwd: string, file: string, args: readonly string[]): Promise<void> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '/',
    PYTHONDONTWRITEBYTECODE: '1',
    CI: 'true',
  };
  await run(file, [...args], { cwd, env, timeout: 600_000, maxBuffer: 64 * 1024 * 1024 });
}

function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending) && !path.includes('node_modules'))
    .map((path) => join(folder, path));
}

/** The rules of the generated `pyproject.toml`, and the formatter, as `make lint` runs them. */
function lintPython(folder: string): Promise<void> {
  const { Workspace, PositionEncoding } = createRequire(import.meta.url)('@astral-sh/ruff-wasm-nodejs') as typeof Ruff;
  const settings = { 'line-length': 100, 'target-version': 'py310', lint: { select: ['E', 'F', 'I', 'W'] } };
  const ruff = new Workspace(settings, PositionEncoding.Utf16);
  const problems = filesBelow(folder, '.py').flatMap((path) => {
    const text = readFileSync(path, 'utf8');
    const found = (ruff.check(text) as { code: string | null; message: string }[]).filter(
      // Without the file system the linter cannot tell the project's own packages from others.
      ({ code }) => code !== 'I001',
    );
    const formatted = ruff.format(text) === text ? [] : [{ code: 'format', message: 'is not formatted' }];
    return [...found, ...formatted].map(({ code, message }) => `${relative(folder, path)}: ${String(code)} ${message}`);
  });
  return problems.length === 0 ? Promise.resolve() : Promise.reject(new Error(problems.join('\n')));
}

function pythonSteps(folder: string, { python }: StepOptions): Step[] {
  const pyright = join(MODULES, 'pyright/index.js');
  return [
    { name: 'lint', work: () => lintPython(folder) },
    {
      name: 'types',
      work: () => program(folder, process.execPath, [pyright, '--pythonpath', python, '--level', 'error', '.']),
    },
    { name: 'tests', work: () => program(folder, python, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider']) },
  ];
}

function nodeSteps(folder: string, { linked }: StepOptions): Step[] {
  const { scripts = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    scripts?: Record<string, string>;
  };
  const install = (): Promise<void> => {
    if (!linked) return program(folder, 'npm', ['install', '--no-audit', '--no-fund']);
    if (!existsSync(join(folder, 'node_modules'))) symlinkSync(MODULES, join(folder, 'node_modules'));
    return Promise.resolve();
  };
  const wanted = ['lint', 'format:check', 'typecheck', 'test', 'build'].filter((name) => name in scripts);
  return [
    { name: 'install', work: install },
    ...wanted.map((name) => ({ name, work: () => program(folder, 'npm', ['run', '--silent', name]) })),
  ];
}

async function timed(part: string, { name, work }: Step): Promise<StepResult> {
  const start = performance.now();
  const seconds = (): number => Number(((performance.now() - start) / 1_000).toFixed(1));
  try {
    await work();
    return { part, step: name, passed: true, seconds: seconds() };
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    const output = `${stdout}\n${stderr}`.trim() === '' ? message : `${stdout}\n${stderr}`;
    return { part, step: name, passed: false, seconds: seconds(), output: output.slice(-3_000) };
  }
}

/** Runs the steps of every part of a project, one after the other; a front end is then opened in a browser with its back end behind it. */
export async function runSteps(project: GeneratedProject, options: StepOptions): Promise<StepResult[]> {
  const results: StepResult[] = [];
  for (const check of project.plan.checks) {
    const folder = join(project.root, check.directory);
    const steps = check.toolchain === 'python' ? pythonSteps(folder, options) : nodeSteps(folder, options);
    for (const step of steps) results.push(await timed(check.name, step));
  }
  const backend = backendOf(project);
  if (backend !== null) {
    const walk = { name: 'browser', work: () => browse(project.root, backend) };
    results.push(await timed('back end and front end', walk));
  }
  return results;
}

/** What serves the front end of a project; null where it has none. */
function backendOf({ root, plan }: GeneratedProject): BackendKind | null {
  if (!plan.checks.some(({ directory }) => directory === 'frontend')) return null;
  if (plan.checks.some(({ directory, toolchain }) => directory === 'backend' && toolchain !== 'python'))
    return 'fastify';
  return /fastapi/i.test(readFileSync(join(root, 'backend/requirements.txt'), 'utf8')) ? 'fastapi' : 'flask';
}
