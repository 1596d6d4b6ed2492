import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { CheckResult, SourceFile } from '../domain/index.ts';
import { entryBeside } from '../adapters/threads/entry.ts';
import type { AtomInput } from './atom-checks.ts';
import type { ComponentInput } from './component/component-checks.ts';
import type { TestProbes, TestProbesInput } from './mutants/test-probes.ts';
import type { TaskContract } from './contract/task-contract.ts';
import type { TypeAnswer } from './python/type-service.ts';
import type { VerdictStore } from './verdict-store.ts';

export type CheckJob =
  | { readonly kind: 'atom'; readonly input: AtomInput }
  | { readonly kind: 'module'; readonly file: SourceFile; readonly contract?: TaskContract }
  | { readonly kind: 'component'; readonly input: ComponentInput };
/** Work of the threads that is no check: mutants and marks of a text. */
export interface ProbesJob {
  readonly kind: 'probes';
  readonly input: TestProbesInput;
}
/** What goes to a thread: a component comes without its project's files, which go there once, before it. */
export type CheckOrder =
  | {
      readonly id: number;
      readonly job: Exclude<CheckJob, { readonly kind: 'component' }> | ComponentOrder | ProbesJob;
    }
  | { readonly project: readonly SourceFile[] };
export interface ComponentOrder {
  readonly kind: 'component';
  readonly paths?: readonly string[];
}
export type CheckReply =
  | { readonly id: number; readonly checks: CheckResult[]; readonly probes?: TestProbes | null }
  | { readonly id: number; readonly error: string };
type Served = Extract<CheckReply, { readonly checks: CheckResult[] }>;
/** A checking thread's question to the thread that speaks with the type checker for all of them, and its answer. */
export interface TypeQuestion {
  readonly question: number;
  readonly text: string;
}
export interface TypeReply {
  readonly question: number;
  readonly answer: TypeAnswer;
}
/** The end of a channel for questions, of which each side gets one. */
export interface TypeLink {
  readonly port: MessagePort;
}
export type TypeThreadOrder = TypeLink | { readonly close: true };

/** A checking thread's question whether a verdict is known to others, its answer, and what others may know from now on. */
export interface VerdictQuestion {
  readonly verdict: number;
  readonly key: string;
}
export interface VerdictReply {
  readonly verdict: number;
  readonly text: string | null;
}
export interface VerdictNote {
  readonly key: string;
  readonly text: string;
}
export interface CheckThreadData {
  readonly sharesVerdicts: boolean;
}

/** A job that no thread could finish. */
export class CheckAborted extends Error {
  override readonly name = 'CheckAborted';
}

interface Pending {
  readonly job: CheckJob | ProbesJob;
  /** Set for a job whose thread was ended while another job was in it too: nobody knows whose fault that was. */
  readonly alone: boolean;
  readonly resolve: (reply: Served) => void;
  readonly reject: (error: Error) => void;
}

interface Running {
  readonly pending: Pending;
  readonly timer: NodeJS.Timeout;
  hadCompany: boolean;
}

interface Thread {
  readonly worker: Worker;
  /** The type thread that it has a channel to. */
  types: Worker | null;
  /** The project whose files it has. */
  project: readonly SourceFile[] | null;
  readonly jobs: Map<number, Running>;
}

/** A thread reads the next text while the type checker works on the one before. */
const JOBS_PER_THREAD = 2;

export interface CheckPoolOptions {
  /** Threads at most; default: one less than the cores, at least 1. */
  readonly threads?: number;
  /** Longest time of one job in milliseconds, default 30,000; a thread that takes longer is ended and replaced. */
  readonly timeoutMs?: number;
  /** Where verdicts are shared with other workers; default: nowhere. */
  readonly verdicts?: VerdictStore;
}

function asksForTypes(job: CheckJob | ProbesJob): boolean {
  if (job.kind === 'component' || job.kind === 'probes') return false;
  return (job.kind === 'atom' ? job.input : job.file).language === 'python';
}

/** Threads that check candidates and files. They start on demand, take two jobs at a time each, and do not keep the program alive. */
export class CheckPool {
  private readonly limit: number;
  private readonly timeoutMs: number;
  private readonly verdicts: VerdictStore | null;
  private types: Worker | null = null;
  private readonly threads = new Set<Thread>();
  private readonly waiting: Pending[] = [];
  private lastId = 0;
  private closed = false;

  constructor(options: CheckPoolOptions = {}) {
    this.limit = Math.max(1, options.threads ?? availableParallelism() - 1);
    this.timeoutMs = options.timeoutMs ?? 30_000;
    this.verdicts = options.verdicts ?? null;
  }

  /** @throws {CheckAborted} when the job does not end in time, its thread dies, or the pool is closed. */
  async run(job: CheckJob): Promise<CheckResult[]> {
    return (await this.ask(job)).checks;
  }

  /**
   * Mutants and marks of a text, to judge its tests by; null where there is none of either.
   * @throws {CheckAborted} as `run`.
   */
  async probesOf(input: TestProbesInput): Promise<TestProbes | null> {
    return (await this.ask({ kind: 'probes', input })).probes ?? null;
  }

  private ask(job: CheckJob | ProbesJob): Promise<Served> {
    if (this.closed) return Promise.reject(new CheckAborted('the validation is closed'));
    return new Promise((resolve, reject) => {
      this.waiting.push({ job, alone: false, resolve, reject });
      this.dispatch();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const pending of this.waiting.splice(0)) pending.reject(new CheckAborted('the validation is closed'));
    await Promise.all([...this.threads].map((thread) => this.end(thread, 'the validation is closed')));
    const { types } = this;
    this.types = null;
    if (types === null) return;
    // The type checker's process is ended by the thread that started it.
    const closed = Promise.race([once(types, 'message'), once(types, 'exit')]);
    types.ref();
    types.postMessage({ close: true } satisfies TypeThreadOrder);
    await closed;
    await types.terminate();
  }

  private dispatch(): void {
    for (let [next] = this.waiting; next !== undefined; [next] = this.waiting) {
      const thread = this.freeThread(next.alone);
      if (thread === null) return;
      this.waiting.shift();
      this.assign(thread, next);
    }
  }

  private freeThread(alone: boolean): Thread | null {
    const threads = [...this.threads];
    const idle = threads.find(({ jobs }) => jobs.size === 0) ?? this.start();
    if (idle !== null || alone) return idle;
    const mayTakeMore = ({ jobs }: Thread): boolean =>
      jobs.size < JOBS_PER_THREAD && [...jobs.values()].every(({ pending }) => !pending.alone);
    return threads.find(mayTakeMore) ?? null;
  }

  private assign(thread: Thread, pending: Pending): void {
    const id = ++this.lastId;
    const timer = setTimeout(
      () => void this.end(thread, `the checks did not end within ${this.timeoutMs / 1_000} s`),
      this.timeoutMs,
    );
    for (const other of thread.jobs.values()) other.hadCompany = true;
    thread.jobs.set(id, { pending, timer, hadCompany: thread.jobs.size > 0 });
    thread.worker.ref();
    if (asksForTypes(pending.job)) this.link(thread);
    thread.worker.postMessage({ id, job: this.orderFor(thread, pending.job) } satisfies CheckOrder);
  }

  private orderFor(
    thread: Thread,
    job: CheckJob | ProbesJob,
  ): Exclude<CheckJob, { readonly kind: 'component' }> | ComponentOrder | ProbesJob {
    if (job.kind !== 'component') return job;
    const { files, ...rest } = job.input;
    if (thread.project !== files) thread.worker.postMessage({ project: files } satisfies CheckOrder);
    thread.project = files;
    return { kind: 'component', ...rest };
  }

  private start(): Thread | null {
    if (this.threads.size >= this.limit) return null;
    const { url, execArgv } = entryBeside(import.meta.url, 'check-thread');
    const workerData: CheckThreadData = { sharesVerdicts: this.verdicts !== null };
    const worker = new Worker(url, { execArgv, env: {}, workerData });
    const thread: Thread = { worker, types: null, project: null, jobs: new Map() };
    thread.worker.on('message', (message: CheckReply | VerdictQuestion | VerdictNote) => {
      if ('id' in message) this.settle(thread, message);
      else void this.share(thread, message);
    });
    thread.worker.on('error', (error: Error) => void this.end(thread, `the checking thread stopped: ${error.message}`));
    thread.worker.on('exit', () => void this.end(thread, 'the checking thread stopped'));
    thread.worker.unref();
    this.threads.add(thread);
    return thread;
  }

  private settle(thread: Thread, reply: CheckReply): void {
    const running = thread.jobs.get(reply.id);
    if (running === undefined) return;
    clearTimeout(running.timer);
    thread.jobs.delete(reply.id);
    if (thread.jobs.size === 0) thread.worker.unref();
    if ('checks' in reply) running.pending.resolve(reply);
    else running.pending.reject(new CheckAborted(reply.error));
    this.dispatch();
  }

  private async share({ worker }: Thread, message: VerdictQuestion | VerdictNote): Promise<void> {
    if ('text' in message) {
      await this.verdicts?.keepVerdict(message.key, message.text).catch(() => undefined);
      return;
    }
    const text = (await this.verdicts?.findVerdict(message.key).catch(() => null)) ?? null;
    worker.postMessage({ verdict: message.verdict, text } satisfies VerdictReply);
  }

  /** Gives a checking thread a channel to the type thread, which is started when first needed and again when it stopped. */
  private link(thread: Thread): void {
    const types = (this.types ??= this.startTypes());
    if (thread.types === types) return;
    thread.types = types;
    const { port1, port2 } = new MessageChannel();
    types.postMessage({ port: port1 } satisfies TypeLink, [port1]);
    thread.worker.postMessage({ port: port2 } satisfies TypeLink, [port2]);
  }

  private startTypes(): Worker {
    const { url, execArgv } = entryBeside(import.meta.url, 'type-thread');
    const types = new Worker(url, { execArgv, env: {} });
    const forget = (): void => {
      if (this.types === types) this.types = null;
    };
    types.on('error', forget);
    types.on('exit', forget);
    types.unref();
    return types;
  }

  private async end(thread: Thread, reason: string): Promise<void> {
    if (!this.threads.delete(thread)) return;
    for (const { pending, timer, hadCompany } of thread.jobs.values()) {
      clearTimeout(timer);
      if (hadCompany && !this.closed) this.waiting.unshift({ ...pending, alone: true });
      else pending.reject(new CheckAborted(reason));
    }
    thread.jobs.clear();
    if (!this.closed) this.dispatch();
    await thread.worker.terminate();
  }
}
