import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { tasksOf } from '../../src/domain/index.ts';
import { createBlueprintProvider } from '../../src/masterplan/index.ts';
import { freePort, ROOT } from './program.ts';
import { serveSite, type Site } from './static-site.ts';
import { waitFor } from './wait-for.ts';

export type BackendKind = 'fastapi' | 'flask' | 'fastify';

const PYTHON = process.env['MGE_TEST_PYTHON'] ?? '/usr/bin/python3';
const BIN = join(ROOT, 'node_modules/.bin');
const INHERITED = ['PATH', 'LANG', 'TZ'];

/** How each back end is started on a port of the loopback interface, in its own folder. */
const COMMANDS: Readonly<Record<BackendKind, (port: number) => readonly string[]>> = {
  fastapi: (port) => [PYTHON, '-m', 'uvicorn', 'app.main:create_app', '--factory', '--port', String(port)],
  flask: (port) => [PYTHON, '-m', 'flask', '--app', 'app.main', 'run', '--port', String(port)],
  fastify: () => [process.execPath, 'dist/main.js'],
};

export interface AppRequest {
  readonly userRequest: string;
  readonly spec?: unknown;
  readonly backend: BackendKind;
}

/** A generated project that is served as its users get it. */
export interface GeneratedApp {
  readonly root: string;
  /** Where the built front end is, with the back end behind `/api`. */
  readonly address: string;
  /** Everything that the back end has printed. */
  output(): string;
  stop(): Promise<void>;
}

/** Writes the project of a request into a folder of its own, with this repository's packages for its JavaScript parts. */
async function writeProject({ userRequest, spec = null }: AppRequest): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'mge-app-'));
  const plan = await createBlueprintProvider().plan({ userRequest, spec, seed: 0 }, new AbortController().signal);
  for (const task of tasksOf(plan)) {
    if (task.draft === null) throw new Error(`${task.filePath} has no draft`);
    const path = join(root, task.filePath);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, task.draft);
  }
  const parts = plan.checks.filter((check) => check.toolchain !== 'python');
  for (const { directory } of parts) await symlink(join(ROOT, 'node_modules'), join(root, directory, 'node_modules'));
  return root;
}

function environment(root: string, more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const inherited = INHERITED.map((name) => [name, process.env[name] ?? ''] as const).filter(
    ([, value]) => value !== '',
  );
  return { ...Object.fromEntries(inherited), HOME: root, PYTHONDONTWRITEBYTECODE: '1', ...more };
}

interface Started {
  readonly child: ChildProcess;
  output(): string;
}

function start(argv: readonly string[], cwd: string, env: Record<string, string>): Started {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.on('error', (error) => (printed += String(error)));
  return { child, output: () => printed };
}

async function build(root: string, part: string, argv: readonly string[]): Promise<void> {
  const built = start(argv, join(root, part), environment(root));
  const [code] = (await once(built.child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${argv.join(' ')} failed:\n${built.output()}`);
}

async function startBackend(root: string, backend: BackendKind): Promise<Started & { readonly address: string }> {
  const port = await freePort();
  const folder = join(root, 'backend');
  const database = { DATABASE_URL: `${backend === 'fastify' ? 'file:' : 'sqlite:///'}${join(root, 'app.db')}` };
  const own = { ...database, PORT: String(port), HOST: '127.0.0.1', UPLOAD_DIR: join(root, 'uploads') };
  const started = start(COMMANDS[backend](port), folder, environment(root, own));
  const address = `http://127.0.0.1:${port}`;
  const healthy = async (): Promise<boolean> => {
    if (started.child.exitCode !== null) return true;
    return (await fetch(`${address}/health`)).ok;
  };
  await waitFor(healthy, { timeoutMs: 60_000, intervalMs: 100, what: `an answer of the ${backend} back end` });
  if (started.child.exitCode !== null) throw new Error(`the ${backend} back end ended:\n${started.output()}`);
  return { ...started, address };
}

async function stopProcess({ child }: Started): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await closed;
  clearTimeout(late);
}

/** Serves both parts of a project that is built already; its folder stays. */
export async function serveBuiltApp(root: string, backend: BackendKind): Promise<GeneratedApp> {
  const started = await startBackend(root, backend);
  const site: Site = await serveSite(join(root, 'frontend/dist'), { '/api': started.address });
  const stop = async (): Promise<void> => {
    await site.close();
    await stopProcess(started);
  };
  return { root, address: site.address, output: () => started.output(), stop };
}

/** Generates a project, builds its front end and serves both parts on free ports of the loopback interface. */
export async function startGeneratedApp(request: AppRequest): Promise<GeneratedApp> {
  const root = await writeProject(request);
  const removeRoot = (): Promise<void> => rm(root, { recursive: true, force: true });
  try {
    await build(root, 'frontend', [join(BIN, 'vite'), 'build']);
    if (request.backend === 'fastify') await build(root, 'backend', [join(BIN, 'tsc'), '-p', 'tsconfig.build.json']);
    const served = await serveBuiltApp(root, request.backend);
    const stop = async (): Promise<void> => {
      await served.stop();
      await removeRoot();
    };
    return { ...served, stop };
  } catch (error) {
    await removeRoot();
    throw error;
  }
}
