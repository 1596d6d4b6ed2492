import { Worker } from 'bullmq';
import { connectForWorkers } from './connection.ts';
import { QUEUE_NAMES, type Queues, type StageTicket } from './queues.ts';
import type { Listener } from './listen-for-atoms.ts';

export interface StageListenerOptions {
  readonly queues: Pick<Queues, 'url' | 'prefix'>;
  /** Stage jobs at once in this process. */
  readonly concurrency: number;
  /** Throws only for failures of the service, which BullMQ then retries with growing delays. */
  readonly onTicket: (ticket: StageTicket) => Promise<void>;
  /** The job failed as often as allowed and is about to be trimmed from Redis. */
  readonly onGivenUp: (letter: { id: string; ticket: StageTicket; attempts: number; reason: string }) => void;
  readonly onError: (error: Error) => void;
}

/** Runs stage jobs as they are announced. */
export function listenForStages(options: StageListenerOptions): Listener {
  const connection = connectForWorkers({ url: options.queues.url, onError: options.onError });
  const worker = new Worker<StageTicket>(QUEUE_NAMES.stages, (job) => options.onTicket(job.data), {
    connection,
    prefix: options.queues.prefix,
    concurrency: options.concurrency,
    drainDelay: 2,
    lockDuration: 30_000,
    stalledInterval: 15_000,
  });
  worker.on('error', options.onError);
  worker.on('failed', (job, error) => {
    if (!job?.id || job.attemptsMade < (job.opts.attempts ?? 1)) return;
    options.onGivenUp({ id: job.id, ticket: job.data, attempts: job.attemptsMade, reason: error.message });
  });
  return {
    close: async () => {
      await worker.close(true).catch(() => undefined);
      connection.disconnect();
    },
  };
}
