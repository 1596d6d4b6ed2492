import { spawn } from 'node:child_process';
import { homedir, tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { EntryPoint } from '../threads/entry.ts';
import { endProcess, exitOf, type RunningServer } from './server-process.ts';

/**
 * Starts a module of this program as a server process that cannot outlive us: it holds a channel to us and ends when that closes.
 * The task goes over the channel, so no password shows in the process list. Its output goes to the file descriptor `out`.
 */
export function spawnGuarded(
  entry: EntryPoint,
  task: Readonly<Record<string, unknown>>,
  out: number,
): Pick<RunningServer, 'exited' | 'stop'> {
  const child = spawn(process.execPath, [...entry.execArgv, fileURLToPath(entry.url)], {
    stdio: ['ignore', out, out, 'ipc'],
    detached: true,
    // Nothing of our own environment: it may hold keys that a server does not need.
    env: { HOME: homedir(), TMPDIR: tmpdir(), PATH: '/usr/local/bin:/usr/bin:/bin' },
  });
  const exited = exitOf(child);
  let gone = false;
  void exited.then(() => (gone = true));
  child.on('error', () => undefined);
  child.send(task, () => undefined);
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

/** In the child: hands over the task and ends the process when the one that started it is gone, however it went. */
export function runGuarded(serve: (task: Readonly<Record<string, unknown>>) => Promise<void>): void {
  // SIGKILL, because native code may hold every other way out.
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.once('message', (task) => {
    serve(task as Readonly<Record<string, unknown>>).catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exit(1);
    });
  });
}
