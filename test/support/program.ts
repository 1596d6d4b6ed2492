import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MGE = join(ROOT, 'bin/mge.js');
const run = promisify(execFile);

let built: Promise<unknown> | null = null;

/** Compiles the program once per test process; a second call costs nothing, an unchanged tree next to nothing. */
export function buildProgram(): Promise<unknown> {
  built ??= run(process.execPath, [
    join(ROOT, 'node_modules/typescript/bin/tsc'),
    '-p',
    join(ROOT, 'tsconfig.build.json'),
  ]);
  return built;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export interface ProgramResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `mge ARGS…` to its end. Never throws for a non-zero exit: the code is part of the answer. */
export async function mge(args: readonly string[], env: Record<string, string>, cwd = ROOT): Promise<ProgramResult> {
  await buildProgram();
  try {
    const { stdout, stderr } = await run(process.execPath, [MGE, ...args], {
      env: { ...process.env, ...env },
      cwd,
      maxBuffer: 64 << 20,
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const failed = error as { code?: number; stdout?: string; stderr?: string };
    return { code: failed.code ?? -1, stdout: failed.stdout ?? '', stderr: failed.stderr ?? '' };
  }
}

export interface RunningService {
  readonly base: string;
  readonly dataDir: string;
  readonly env: Record<string, string>;
  readonly process: ChildProcess;
  /** Everything it has printed. */
  output(): string;
  token(sub: string, role: string, expiresIn?: string): Promise<string>;
  stop(): Promise<number | null>;
}

/** Starts `mge start` on a free port with a data folder of its own and waits until it is ready. */
export async function startService(extra: Record<string, string> = {}, command = 'start'): Promise<RunningService> {
  await buildProgram();
  const dataDir = extra['MGE_DATA_DIR'] ?? mkdtempSync(join(tmpdir(), 'mge-e2e-'));
  const port = await freePort();
  const env = { MGE_DATA_DIR: dataDir, PORT: String(port), HOST: '127.0.0.1', LOG_LEVEL: 'warn', ...extra };
  const child = spawn(process.execPath, [MGE, command], {
    env: { ...process.env, ...env },
    cwd: dataDir,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const exited = new Promise<number | null>((done) => child.once('exit', done));
  const base = `http://127.0.0.1:${port}`;
  await ready(base, child, () => printed);
  return {
    base,
    dataDir,
    env,
    process: child,
    output: () => printed,
    token: async (sub, role, expiresIn = '1h') =>
      (await mge(['token', '--sub', sub, '--role', role, `--expires-in=${expiresIn}`], env)).stdout.trim(),
    stop: async () => {
      if (child.exitCode === null) child.kill('SIGTERM');
      const code = await exited;
      if (!extra['MGE_DATA_DIR']) rmSync(dataDir, { recursive: true, force: true });
      return code;
    },
  };
}

async function ready(base: string, child: ChildProcess, printed: () => string): Promise<void> {
  const deadline = Date.now() + 90_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode}:\n${printed()}`);
    const answer = await fetch(`${base}/health/ready`).catch(() => null);
    if (answer?.status === 200) return;
    await new Promise((later) => setTimeout(later, 100));
  }
  child.kill('SIGKILL');
  throw new Error(`the service was not ready within 90 s:\n${printed()}`);
}
