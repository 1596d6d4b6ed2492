import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { type ConfinedCommand, INPUT_DESCRIPTOR, type LaunchLimits } from './launch-orders.ts';
import { leakedDescriptors } from './leaked-descriptors.ts';
import { cpuMsOf, treeUsage } from './process-tree.ts';
import { type SandboxResult, type SandboxStop, SandboxUnavailable } from './sandbox.ts';

/** How often the process tree is measured, in milliseconds. */
const WATCH_EVERY_MS = 200;

/** The result file at most, plus the mark before it. */
const MAX_RESULT_BYTES = 8 * 1024 * 1024 + 16;

const CONFINED_MARK = 'up\n';

/** Exit codes with which a shell reports the signals that limits send. */
const SIGNALS: Readonly<Record<number, string>> = {
  134: 'SIGABRT',
  135: 'SIGBUS',
  136: 'SIGFPE',
  137: 'SIGKILL',
  139: 'SIGSEGV',
  143: 'SIGTERM',
  152: 'SIGXCPU',
  153: 'SIGXFSZ',
};

/** Collects a stream up to a limit; `onFull` is called once when more comes. */
function collect(stream: Readable, limit: number, onFull: () => void): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    const room = limit - bytes;
    if (room > 0) chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
    if (chunk.length > room) onFull();
    bytes += Math.min(chunk.length, Math.max(0, room));
  });
  // A pipe that breaks because its writer was killed is how these streams end.
  stream.on('error', () => undefined);
  return () => Buffer.concat(chunks).toString('utf8');
}

function kill(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    // The whole group; the process namespace dies with its first process, whatever groups were opened inside.
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}

/** Standard streams and the result pipe; what this program itself was handed by mistake is covered with /dev/null. */
function stdioOf(devNull: number, hasInput: boolean): StdioOptions {
  const stdio: (number | 'ignore' | 'pipe')[] = ['ignore', 'pipe', 'pipe', 'pipe'];
  for (const descriptor of leakedDescriptors()) {
    while (stdio.length < descriptor) stdio.push('ignore');
    stdio[descriptor] = devNull;
  }
  if (hasInput) stdio[INPUT_DESCRIPTOR] = 'pipe';
  return stdio;
}

function start(command: ConfinedCommand): ChildProcess {
  const [program = '', ...args] = command.argv;
  const devNull = openSync('/dev/null', 'r+');
  try {
    // Detached: a process group of its own, to be killed as one.
    const stdio = stdioOf(devNull, command.input !== undefined);
    return spawn(program, args, { cwd: '/', env: { ...command.env }, stdio, detached: true });
  } finally {
    closeSync(devNull);
  }
}

function writeInput(child: ChildProcess, input: readonly Uint8Array[]): void {
  const pipe = child.stdio[INPUT_DESCRIPTOR] as Writable | null | undefined;
  // A set-up that ends before it has read says why on its standard error.
  pipe?.on('error', () => undefined);
  for (const piece of input) pipe?.write(piece);
  pipe?.end();
}

/** Watches a child from outside and stops it for the first reason that comes up. */
function guard(
  child: ChildProcess,
  limits: LaunchLimits,
): { stop: (why: SandboxStop) => void; reason: () => SandboxStop; end: () => void } {
  let why: SandboxStop = null;
  const stop = (reason: SandboxStop): void => {
    why ??= reason;
    kill(child);
  };
  const clock = setTimeout(() => stop('time'), limits.timeoutMs);
  const watch = setInterval(() => {
    if (child.pid === undefined) return;
    const usage = treeUsage(child.pid);
    if (limits.cpuMs !== undefined && cpuMsOf(child.pid) > limits.cpuMs) stop('time');
    else if (usage.memoryMb > limits.memoryMb) stop('memory');
    else if (usage.processes > limits.processes) stop('processes');
  }, WATCH_EVERY_MS);
  const onAbort = (): void => stop('aborted');
  limits.signal?.addEventListener('abort', onAbort, { once: true });
  if (limits.signal?.aborted === true) onAbort();
  const end = (): void => {
    clearTimeout(clock);
    clearInterval(watch);
    limits.signal?.removeEventListener('abort', onAbort);
  };
  return { stop, reason: () => why, end };
}

/**
 * Runs a confined command to its end within limits of time, memory, processes and output, with this thread as the one that starts and
 * watches it. `onStart` is told the process, which leads a group of its own.
 * @throws {SandboxUnavailable} when the confinement did not come up: then the program was not started.
 */
export async function runConfined(
  command: ConfinedCommand,
  limits: LaunchLimits,
  onStart: (pid: number) => void = () => undefined,
): Promise<SandboxResult> {
  const began = performance.now();
  const child = start(command);
  if (child.pid !== undefined) onStart(child.pid);
  const [, stdoutPipe, stderrPipe, resultPipe] = child.stdio as unknown as [null, Readable, Readable, Readable];
  const guarded = guard(child, limits);
  if (command.input !== undefined) writeInput(child, command.input);
  const stdout = collect(stdoutPipe, limits.outputBytes, () => guarded.stop('output'));
  const stderr = collect(stderrPipe, limits.outputBytes, () => guarded.stop('output'));
  const result = collect(resultPipe, MAX_RESULT_BYTES, () => undefined);
  try {
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exitCode, exitSignal) => resolve([exitCode, exitSignal]));
    });
    const stoppedBy = guarded.reason();
    const back = result();
    if (!back.startsWith(CONFINED_MARK) && stoppedBy === null)
      throw new SandboxUnavailable(stderr().trim() || `it ended with ${code ?? signal}`);
    const shellSignal = code === null ? undefined : SIGNALS[code];
    return {
      exitCode: stoppedBy !== null || shellSignal !== undefined ? null : code,
      signal: stoppedBy !== null ? 'SIGKILL' : (shellSignal ?? signal),
      timedOut: stoppedBy === 'time',
      stoppedBy,
      stdout: stdout(),
      stderr: stderr(),
      result: back.length > CONFINED_MARK.length ? back.slice(CONFINED_MARK.length) : null,
      durationMs: Math.round(performance.now() - began),
    };
  } catch (error) {
    if (error instanceof SandboxUnavailable) throw error;
    throw new SandboxUnavailable((error as Error).message, { cause: error });
  } finally {
    guarded.end();
    kill(child);
  }
}

/**
 * Runs a program of our own without confinement, and hands back what it writes to its result pipe, in memory that threads share.
 * @throws {Error} with what it said on standard error, when it fails or writes nothing.
 */
export async function captureResult(command: ConfinedCommand, timeoutMs: number): Promise<Uint8Array> {
  const [program = '', ...args] = command.argv;
  const child = spawn(program, args, {
    cwd: '/',
    env: { ...command.env },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  const [, , stderr, output] = child.stdio as unknown as [null, null, Readable, Readable];
  const pieces: Buffer[] = [];
  let said = '';
  output.on('data', (piece: Buffer) => pieces.push(piece));
  stderr.on('data', (piece: Buffer) => (said = (said + piece.toString('utf8')).slice(-2_000)));
  writeInput(child, command.input ?? []);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0 || pieces.length === 0) throw new Error(said.trim() || `it ended with ${String(code)}`);
  const shared = new Uint8Array(new SharedArrayBuffer(pieces.reduce((sum, { length }) => sum + length, 0)));
  let at = 0;
  for (const piece of pieces) {
    shared.set(piece, at);
    at += piece.length;
  }
  return shared;
}
