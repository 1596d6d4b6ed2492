import { Worker } from 'node:worker_threads';
import { entryBeside } from '../threads/entry.ts';
import type { ConfinedCommand, LaunchJob, LaunchLimits, LaunchOrder, LaunchReply } from './launch-orders.ts';
import { type SandboxResult, SandboxUnavailable } from './sandbox.ts';

interface Pending {
  /** Leader of the process group, written by the thread; 0 until it has been started, and for what has none. */
  readonly pid: Int32Array;
  readonly resolve: (result: SandboxResult | Uint8Array) => void;
  readonly reject: (error: Error) => void;
  readonly forgetSignal: () => void;
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

/** A thread that starts sandboxed programs, so that this one need not stand still. It starts with the first program and again when it died. */
export class Launcher {
  private worker: Worker | null = null;
  private readonly pending = new Map<number, Pending>();
  private lastId = 0;

  /**
   * Runs a confined command to its end within limits of time, memory, processes and output.
   * @throws {SandboxUnavailable} when the confinement did not come up: then the program was not started; or when the thread died.
   */
  async run(command: ConfinedCommand, limits: LaunchLimits): Promise<SandboxResult> {
    const { signal, ...rest } = limits;
    return (await this.ask({ kind: 'run', command, limits: rest }, signal)) as SandboxResult;
  }

  /**
   * Runs a program of our own without confinement, and hands back what it writes to its result pipe, in memory that threads share.
   * @throws {Error} with what it said on standard error, when it fails or writes nothing.
   */
  async capture(command: ConfinedCommand, timeoutMs: number): Promise<Uint8Array> {
    return (await this.ask({ kind: 'capture', command, timeoutMs })) as Uint8Array;
  }

  /** Ends the thread and with it all that runs. A later run starts another one. */
  async stop(): Promise<void> {
    await this.worker?.terminate();
  }

  private ask(job: LaunchJob, signal?: AbortSignal): Promise<SandboxResult | Uint8Array> {
    const id = ++this.lastId;
    const worker = (this.worker ??= this.start());
    const onAbort = (): void => worker.postMessage({ abort: id } satisfies LaunchOrder);
    const pid = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    worker.postMessage({ id, job, pid } satisfies LaunchOrder);
    worker.ref();
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
    return new Promise((resolve, reject) => {
      const forgetSignal = (): void => signal?.removeEventListener('abort', onAbort);
      this.pending.set(id, { pid, resolve, reject, forgetSignal });
    });
  }

  private start(): Worker {
    const { url, execArgv } = entryBeside(import.meta.url, 'launch-thread');
    const worker = new Worker(url, { execArgv, env: {} });
    worker.on('message', (reply: LaunchReply) => this.settle(worker, reply));
    worker.on('error', (error: Error) => this.lose(worker, `: ${error.message}`));
    worker.on('exit', () => this.lose(worker, ''));
    return worker;
  }

  private settle(worker: Worker, reply: LaunchReply): void {
    const pending = this.pending.get(reply.id);
    if (pending === undefined) return;
    this.pending.delete(reply.id);
    pending.forgetSignal();
    if (this.pending.size === 0) worker.unref();
    if ('result' in reply) pending.resolve(reply.result);
    else if (!reply.isUnavailable) pending.reject(reply.error);
    else pending.reject(new SandboxUnavailable(reply.error.message, { cause: reply.error.cause }));
  }

  private lose(worker: Worker, why: string): void {
    if (this.worker !== worker) return;
    this.worker = null;
    for (const { pid, reject, forgetSignal } of this.pending.values()) {
      forgetSignal();
      const leader = Atomics.load(pid, 0);
      if (leader > 0) killGroup(leader);
      reject(new SandboxUnavailable(`the thread that starts sandboxed programs stopped${why}`));
    }
    this.pending.clear();
  }
}

const launcher = new Launcher();

/** {@link Launcher.run} by the one thread of this program. */
export function launch(command: ConfinedCommand, limits: LaunchLimits): Promise<SandboxResult> {
  return launcher.run(command, limits);
}

/** {@link Launcher.capture} by the one thread of this program. */
export function capture(command: ConfinedCommand, timeoutMs: number): Promise<Uint8Array> {
  return launcher.capture(command, timeoutMs);
}
