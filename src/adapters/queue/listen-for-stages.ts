import { Worker } from 'bullmq';
import { connectForWorkers } from './connection.ts';
import { QUEUE_NAMES, type Queues, type StageTicket } from './queues.ts';
import type { Listener } from './listen-for-atoms.ts';
import { whenReady } from './when-ready.ts';

/** Milliseconds before a listener that Redis refused is opened again. */
const REOPEN_MS = 1_000;

export interface StageListenerOptions {
  readonly queues: Pick<Queues, 'url' | 'prefix'>;
  /** Stage jobs at once in this process. */
  readonly concurrency: number;
  /** Throws only for failures of the service, which BullMQ then retries with growing delays. */
  readonly onTicket: (ticket: StageTicket) => Promise<void>;
  /** The job failed as often as allowed and is about to be trimmed from Redis. */
  readonly onGivenUp: (letter: { id: string; ticket: StageTicket; attempts: number; reason: string }) => void;
  readonly onError: (error: Error) => void;
  readonly onReady?: () => void;
}

/** Runs stage jobs as they are announced. */
export function listenForStages(options: StageListenerOptions): Listener {
  const { onError, onReady } = options;
  const connection = connectForWorkers({ url: options.queues.url, onError, ...(onReady ? { onReady } : {}) });
  let opened: Worker<StageTicket> | null = null;
  let closing = false;

  const open = (): Worker<StageTicket> => {
    const worker = new Worker<StageTicket>(QUEUE_NAMES.stages, (job) => options.onTicket(job.data), {
      connection,
      prefix: options.queues.prefix,
      concurrency: options.concurrency,
      autorun: false,
      drainDelay: 2,
      lockDuration: 30_000,
      stalledInterval: 15_000,
    });
    worker.on('error', onError);
    worker.on('failed', (job, error) => {
      if (!job?.id || job.attemptsMade < (job.opts.attempts ?? 1)) return;
      options.onGivenUp({ id: job.id, ticket: job.data, attempts: job.attemptsMade, reason: error.message });
    });
    return worker;
  };
  // Made when the connection is ready: one whose first greeting was refused would never run anything.
  void (async () => {
    while (!closing) {
      try {
        await whenReady(connection);
        if (isClosing()) return;
        opened = open();
        await opened.run();
        return;
      } catch (error) {
        if (isClosing()) return;
        onError(error as Error);
        await opened?.close(true).catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, REOPEN_MS));
      }
    }
  })();
  /** A function, because it may change during an await. */
  function isClosing(): boolean {
    return closing;
  }
  return {
    close: async () => {
      closing = true;
      await opened?.close(true).catch(() => undefined);
      connection.disconnect();
    },
  };
}
