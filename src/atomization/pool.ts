/** Atomizes files in worker threads, so that the event loop stays free. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { entryBeside } from '../adapters/threads/entry.ts';
import { MgeError, type SourceFile } from '../domain/index.ts';
import type { AtomizedFile } from './atomized-file.ts';
import { unpackFiles } from './packed-file.ts';
import { requestFor, type WorkerReply } from './worker-protocol.ts';

export interface AtomizeManyOptions {
  /** Also collect the facts that the dependency graph is built from; default false. */
  readonly withFacts?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface Atomizer {
  /**
   * Atomizes files; answers come in the order of `files`.
   * @throws {MgeError} LIMIT_EXCEEDED when a file or all together are larger than the limits allow.
   */
  atomize(files: readonly SourceFile[], options?: AtomizeManyOptions): Promise<AtomizedFile[]>;
  close(): Promise<void>;
}

/** Limits of one call, in bytes. */
export const ATOMIZE_LIMITS = { fileBytes: 16 * 1024 * 1024, totalBytes: 256 * 1024 * 1024 } as const;

/** Most and fewest bytes of source that go to a thread at a time, unless one file has more. */
const BATCH_BYTES = { most: 256 * 1024, fewest: 16 * 1024 } as const;

/** Into how many batches for each thread what is left is thought to be divided: the last ones are small, so that none waits long. */
const SHARES = 4;

interface Batch {
  readonly files: readonly SourceFile[];
  readonly withFacts: boolean;
  readonly done: (results: readonly AtomizedFile[]) => void;
  readonly failed: (error: Error) => void;
}

/** Indexes of the files of each batch, large files first, batches getting smaller towards the end: threads end at the same time. */
export function batchesOf(sizes: readonly number[], threads: number): number[][] {
  const order = [...sizes.keys()].sort((a, b) => (sizes[b] as number) - (sizes[a] as number));
  let left = sizes.reduce((sum, size) => sum + size, 0);
  const batches: number[][] = [];
  let batch: number[] = [];
  let bytes = 0;
  for (const index of order) {
    const wanted = Math.min(BATCH_BYTES.most, Math.max(BATCH_BYTES.fewest, left / (threads * SHARES)));
    if (batch.length > 0 && bytes + (sizes[index] as number) > wanted) {
      batches.push(batch);
      left -= bytes;
      batch = [];
      bytes = 0;
    }
    batch.push(index);
    bytes += sizes[index] as number;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

function checkLimits(files: readonly SourceFile[]): void {
  const large = files.find((file) => file.bytes.length > ATOMIZE_LIMITS.fileBytes);
  if (large !== undefined) {
    throw new MgeError(
      'LIMIT_EXCEEDED',
      `${large.path} has ${String(large.bytes.length)} bytes; a file may have at most ${String(ATOMIZE_LIMITS.fileBytes)}.`,
    );
  }
  const total = files.reduce((sum, file) => sum + file.bytes.length, 0);
  if (total > ATOMIZE_LIMITS.totalBytes) {
    throw new MgeError(
      'LIMIT_EXCEEDED',
      `The files have ${String(total)} bytes together; at most ${String(ATOMIZE_LIMITS.totalBytes)} are taken at once.`,
    );
  }
}

class WorkerPool implements Atomizer {
  private readonly size: number;
  private readonly workers = new Set<Worker>();
  private readonly idle: Worker[] = [];
  private readonly queue: Batch[] = [];
  private readonly running = new Map<Worker, Batch>();
  private closed = false;

  constructor(size: number) {
    this.size = size;
  }

  async atomize(files: readonly SourceFile[], options: AtomizeManyOptions = {}): Promise<AtomizedFile[]> {
    if (this.closed) throw new MgeError('SHUTTING_DOWN', 'The atomizer is closed.');
    options.signal?.throwIfAborted();
    checkLimits(files);
    const results = new Array<AtomizedFile>(files.length);
    let done = 0;
    const sizes = files.map(({ bytes }) => bytes.length);
    const pending = batchesOf(sizes, this.size).map(
      (indexes) =>
        new Promise<void>((resolve, reject) => {
          const part = indexes.map((index) => files[index] as SourceFile);
          const finish = (answers: readonly AtomizedFile[]): void => {
            answers.forEach((answer, i) => (results[indexes[i] as number] = answer));
            done += answers.length;
            options.onProgress?.(done, files.length);
            resolve();
          };
          this.queue.push({ files: part, withFacts: options.withFacts ?? false, done: finish, failed: reject });
        }),
    );
    const mine = new Set(this.queue.slice(-pending.length));
    const abort = (): void => this.drop(mine, options.signal?.reason);
    options.signal?.addEventListener('abort', abort, { once: true });
    this.dispatch();
    try {
      await Promise.all(pending);
    } catch (error) {
      this.drop(mine, error);
      throw error;
    } finally {
      options.signal?.removeEventListener('abort', abort);
    }
    return results;
  }

  async close(): Promise<void> {
    this.closed = true;
    const error = new MgeError('SHUTTING_DOWN', 'The atomizer was closed.');
    this.drop(new Set([...this.queue, ...this.running.values()]), error);
    await Promise.all([...this.workers].map((worker) => worker.terminate()));
  }

  /** Gives up on batches: those that wait are taken out of the queue, the answers of those that run are thrown away. */
  private drop(batches: ReadonlySet<Batch>, reason: unknown): void {
    const error = reason instanceof Error ? reason : new Error('aborted', { cause: reason });
    for (let i = this.queue.length - 1; i >= 0; i--) if (batches.has(this.queue[i] as Batch)) this.queue.splice(i, 1);
    for (const batch of batches) batch.failed(error);
  }

  private dispatch(): void {
    while (this.queue.length > 0) {
      const worker = this.idle.pop() ?? (this.workers.size < this.size ? this.start() : undefined);
      if (worker === undefined) return;
      const batch = this.queue.shift() as Batch;
      this.running.set(worker, batch);
      const request = requestFor(batch.files, batch.withFacts);
      worker.ref();
      worker.postMessage(request, [request.block]);
    }
  }

  private start(): Worker {
    const { url, execArgv } = entryBeside(import.meta.url, 'worker');
    const worker = new Worker(url, { execArgv });
    this.workers.add(worker);
    worker.on('message', (reply: WorkerReply) => {
      const batch = this.running.get(worker);
      this.running.delete(worker);
      this.idle.push(worker);
      // An idle thread must not keep the program alive.
      worker.unref();
      batch?.done(unpackFiles(reply));
      this.dispatch();
    });
    worker.on('error', (error: Error) => this.lost(worker, error));
    worker.on('exit', (code) => this.lost(worker, new Error(`the atomizer's thread ended with code ${String(code)}`)));
    return worker;
  }

  /** A thread is gone: its batch fails, the next one gets a new thread. */
  private lost(worker: Worker, error: Error): void {
    if (!this.workers.delete(worker)) return;
    const at = this.idle.indexOf(worker);
    if (at >= 0) this.idle.splice(at, 1);
    const batch = this.running.get(worker);
    this.running.delete(worker);
    batch?.failed(new MgeError('INTERNAL', 'Atomizing failed unexpectedly.', { cause: error }));
    if (!this.closed) this.dispatch();
  }
}

/** Threads used when the caller names no number. */
const DEFAULT_THREADS = Math.max(1, Math.min(4, availableParallelism()));

/** Opens a pool of worker threads; they start with the first files. */
export function createAtomizer(options: { readonly threads?: number } = {}): Atomizer {
  return new WorkerPool(Math.max(1, options.threads ?? DEFAULT_THREADS));
}
