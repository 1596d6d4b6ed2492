import { Worker } from 'node:worker_threads';
import { entryBeside } from '../../adapters/threads/entry.ts';
import { MgeError, type Plan } from '../../domain/index.ts';
import type { Understanding } from './request/understand.ts';

export interface RenderJob {
  readonly id: number;
  readonly understanding: Understanding;
}
export type RenderReply =
  { readonly id: number; readonly plan: Plan } | { readonly id: number; readonly error: string };

interface Waiting {
  readonly resolve: (plan: Plan) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Renders blueprints in one thread of its own, because formatting a project takes a second of processor time in which the
 * API would answer nobody. The thread starts with the first project and never keeps the process alive.
 */
export class BlueprintRenderer {
  private worker: Worker | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;

  /** @throws {MgeError} INTERNAL when a file of the blueprint cannot be rendered, or the thread ends. */
  render(understanding: Understanding): Promise<Plan> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      const worker = this.thread();
      this.waiting.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({ id, understanding } satisfies RenderJob);
    });
  }

  private thread(): Worker {
    if (this.worker) return this.worker;
    const { url, execArgv } = entryBeside(import.meta.url, 'render-thread');
    const worker = new Worker(url, { execArgv });
    worker.on('message', (reply: RenderReply) => this.answer(reply));
    worker.on('error', (error) => this.lose(worker, error));
    worker.on('exit', () => this.lose(worker, new Error('the rendering thread ended')));
    this.worker = worker;
    return worker;
  }

  private answer(reply: RenderReply): void {
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if (this.waiting.size === 0) this.worker?.unref();
    if ('plan' in reply) waiting?.resolve(reply.plan);
    else waiting?.reject(new MgeError('INTERNAL', `the blueprint cannot be rendered: ${reply.error}`));
  }

  /** A thread that is gone takes its work with it; the next project starts another. */
  private lose(worker: Worker, cause: unknown): void {
    if (this.worker !== worker) return;
    this.worker = null;
    for (const { reject } of this.waiting.values())
      reject(new MgeError('INTERNAL', 'the rendering of a blueprint broke off; try again', { cause }));
    this.waiting.clear();
  }
}
