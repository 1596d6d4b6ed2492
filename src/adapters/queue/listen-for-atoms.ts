import { Worker, type Job } from 'bullmq';
import { connectForWorkers } from './connection.ts';
import { QUEUE_NAMES, type AtomBell, type Queues } from './queues.ts';
import { whenReady } from './when-ready.ts';

/** Milliseconds before the loop tries again after an error of Redis; doubles each time, up to the other. */
const RETRY_MS = 250;
const MAX_RETRY_MS = 5_000;

export interface AtomListenerOptions {
  readonly queues: Pick<Queues, 'url' | 'prefix'>;
  /** Resolves when this worker can take atoms. A worker without a free slot fetches nothing, so that others hear the bell. */
  readonly whenFree: () => Promise<void>;
  /** Takes the bell; false hands it back for another worker. */
  readonly onBell: (bell: AtomBell) => boolean;
  readonly onError: (error: Error) => void;
  readonly onReady?: () => void;
}

export interface Listener {
  /** Stops fetching; does not wait for what was rung. */
  close(): Promise<void>;
}

/** Fetches atom bells one by one, only while this worker has room. */
export function listenForAtoms(options: AtomListenerOptions): Listener {
  const { onError, onReady } = options;
  const connection = connectForWorkers({ url: options.queues.url, onError, ...(onReady ? { onReady } : {}) });
  let opened: Worker<AtomBell> | null = null;
  let closing = false;

  // Made when the connection is ready: one whose first greeting was refused would never fetch anything.
  const open = async (): Promise<Worker<AtomBell>> => {
    await whenReady(connection);
    const worker = new Worker<AtomBell>(QUEUE_NAMES.atoms, null, {
      connection,
      prefix: options.queues.prefix,
      autorun: false,
      drainDelay: 2,
      lockDuration: 30_000,
    });
    worker.on('error', onError);
    opened = worker;
    await worker.startStalledCheckTimer();
    return worker;
  };

  const fetchOne = async (): Promise<void> => {
    await options.whenFree();
    if (closing) return;
    const worker = opened ?? (await open());
    const token = worker.id;
    const job: Job<AtomBell> | undefined = await worker.getNextJob(token, { block: true });
    if (!job) return;
    if (closing || !options.onBell(job.data)) await job.moveToWait(token);
    else await job.moveToCompleted(undefined, token, false);
  };
  const shut = async (): Promise<void> => {
    const worker = opened;
    opened = null;
    await worker?.close(true).catch(() => undefined);
  };
  const loop = (async () => {
    let retryMs = RETRY_MS;
    while (!closing) {
      try {
        await fetchOne();
        retryMs = RETRY_MS;
      } catch (error) {
        if (!closing) onError(error as Error);
        await shut();
        if (!closing) await new Promise((resolve) => setTimeout(resolve, retryMs));
        retryMs = Math.min(MAX_RETRY_MS, retryMs * 2);
      }
    }
  })();

  return {
    close: async () => {
      closing = true;
      await shut();
      connection.disconnect();
      // whenFree may never resolve again once its owner stops; the loop ends with the process then.
      await Promise.race([loop, new Promise((resolve) => setTimeout(resolve, 500).unref())]);
    },
  };
}
