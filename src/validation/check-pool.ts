import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { CheckResult, SourceFile } from '../domain/index.ts';
import { entryBeside } from '../adapters/threads/entry.ts';
import type { AtomInput } from './atom-checks.ts';
import type { ComponentInput } from './component/component-checks.ts';
import type { TaskContract } from './contract/task-contract.ts';
import { PythonTypeService, type TypeAnswer } from './python/type-service.ts';

export type CheckJob =
  | { readonly kind: 'atom'; readonly input: AtomInput }
  | { readonly kind: 'module'; readonly file: SourceFile; readonly contract?: TaskContract }
  | { readonly kind: 'component'; readonly input: ComponentInput };
export type CheckReply =
  { readonly id: number; readonly checks: CheckResult[] } | { readonly id: number; readonly error: string };
/** A thread's question to the program, which owns what all threads share, and its answer. */
export interface TypeQuestion {
  readonly question: number;
  readonly text: string;
}
export interface TypeReply {
  readonly question: number;
  readonly answer: TypeAnswer;
}

/** A job that no thread could finish. */
export class CheckAborted extends Error {
  override readonly name = 'CheckAborted';
}

interface Pending {
  readonly job: CheckJob;
  readonly resolve: (checks: CheckResult[]) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  current: { readonly id: number; readonly pending: Pending; readonly timer: NodeJS.Timeout } | null;
}

export interface CheckPoolOptions {
  /** Threads at most; default: one less than the cores, at least 1. */
  readonly threads?: number;
  /** Longest time of one job in milliseconds, default 30,000; a thread that takes longer is ended and replaced. */
  readonly timeoutMs?: number;
}

/** Threads that check candidates and files. They start on demand, one job at a time each, and do not keep the program alive. */
export class CheckPool {
  private readonly limit: number;
  private readonly timeoutMs: number;
  private readonly types = new PythonTypeService();
  private readonly threads = new Set<Thread>();
  private readonly waiting: Pending[] = [];
  private lastId = 0;
  private closed = false;

  constructor(options: CheckPoolOptions = {}) {
    this.limit = Math.max(1, options.threads ?? availableParallelism() - 1);
    this.timeoutMs = options.timeoutMs ?? 30_000;
  }

  /** @throws {CheckAborted} when the job does not end in time, its thread dies, or the pool is closed. */
  run(job: CheckJob): Promise<CheckResult[]> {
    if (this.closed) return Promise.reject(new CheckAborted('the validation is closed'));
    return new Promise((resolve, reject) => {
      this.waiting.push({ job, resolve, reject });
      this.dispatch();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    this.types.close();
    for (const pending of this.waiting.splice(0)) pending.reject(new CheckAborted('the validation is closed'));
    await Promise.all([...this.threads].map((thread) => this.end(thread, 'the validation is closed')));
  }

  private dispatch(): void {
    while (this.waiting.length > 0) {
      const idle = [...this.threads].find((thread) => thread.current === null) ?? this.start();
      if (idle === null) return;
      const pending = this.waiting.shift();
      if (pending !== undefined) this.assign(idle, pending);
    }
  }

  private assign(thread: Thread, pending: Pending): void {
    const id = ++this.lastId;
    const timer = setTimeout(
      () => void this.end(thread, `the checks did not end within ${this.timeoutMs / 1_000} s`),
      this.timeoutMs,
    );
    thread.current = { id, pending, timer };
    thread.worker.ref();
    thread.worker.postMessage({ id, job: pending.job });
  }

  private start(): Thread | null {
    if (this.threads.size >= this.limit) return null;
    const { url, execArgv } = entryBeside(import.meta.url, 'check-thread');
    const thread: Thread = { worker: new Worker(url, { execArgv, env: {} }), current: null };
    thread.worker.on('message', (message: CheckReply | TypeQuestion) => {
      if ('question' in message) void this.answer(thread, message);
      else this.settle(thread, message);
    });
    thread.worker.on('error', (error: Error) => void this.end(thread, `the checking thread stopped: ${error.message}`));
    thread.worker.on('exit', () => void this.end(thread, 'the checking thread stopped'));
    thread.worker.unref();
    this.threads.add(thread);
    return thread;
  }

  private settle(thread: Thread, reply: CheckReply): void {
    const { current } = thread;
    if (current?.id !== reply.id) return;
    clearTimeout(current.timer);
    thread.current = null;
    thread.worker.unref();
    if ('checks' in reply) current.pending.resolve(reply.checks);
    else current.pending.reject(new CheckAborted(reply.error));
    this.dispatch();
  }

  private async answer(thread: Thread, { question, text }: TypeQuestion): Promise<void> {
    const reply: TypeReply = { question, answer: await this.types.check(text) };
    if (this.threads.has(thread)) thread.worker.postMessage(reply);
  }

  private async end(thread: Thread, reason: string): Promise<void> {
    if (!this.threads.delete(thread)) return;
    const { current } = thread;
    if (current !== null) {
      clearTimeout(current.timer);
      current.pending.reject(new CheckAborted(reason));
      thread.current = null;
    }
    if (!this.closed) this.dispatch();
    await thread.worker.terminate();
  }
}
