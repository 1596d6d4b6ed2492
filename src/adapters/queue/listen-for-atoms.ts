import { Worker, type Job } from 'bullmq';
import { connectForWorkers } from './connection.ts';
import { QUEUE_NAMES, type AtomBell, type Queues } from './queues.ts';

/** Milliseconds before the loop tries again after an error of Redis. */
const RETRY_MS = 250;

export interface AtomListenerOptions {
  readonly queues: Pick<Queues, 'url' | 'prefix'>;
  /** Resolves when this worker can take atoms. A worker without a free slot fetches nothing, so that others hear the bell. */
  readonly whenFree: () => Promise<void>;
  /** Takes the bell; false hands it back for another worker. */
  readonly onBell: (bell: AtomBell) => boolean;
  readonly onError: (error: Error) => void;
}

export interface Listener {
  /** Stops fetching; does not wait for what was rung. */
  close(): Promise<void>;
}

/** Fetches atom bells one by one, only while this worker has room. */
export function listenForAtoms(options: AtomListenerOptions): Listener {
  const connection = connectForWorkers({ url: options.queues.url, onError: options.onError });
  const worker = new Worker<AtomBell>(QUEUE_NAMES.atoms, null, {
    connection,
    prefix: options.queues.prefix,
    autorun: false,
    drainDelay: 2,
    lockDuration: 30_000,
  });
  worker.on('error', options.onError);
  const token = worker.id;
  let closing = false;

  const fetchOne = async (): Promise<void> => {
    await options.whenFree();
    if (closing) return;
    const job: Job<AtomBell> | undefined = await worker.getNextJob(token, { block: true });
    if (!job) return;
    if (closing || !options.onBell(job.data)) await job.moveToWait(token);
    else await job.moveToCompleted(undefined, token, false);
  };
  const loop = (async () => {
    await worker.startStalledCheckTimer().catch(options.onError);
    while (!closing) {
      try {
        await fetchOne();
      } catch (error) {
        if (!closing) options.onError(error as Error);
        if (!closing) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  })();

  return {
    close: async () => {
      closing = true;
      await worker.close(true).catch(() => undefined);
      connection.disconnect();
      // whenFree may never resolve again once its owner stops; the loop ends with the process then.
      await Promise.race([loop, new Promise((resolve) => setTimeout(resolve, 500).unref())]);
    },
  };
}
