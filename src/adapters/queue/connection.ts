import { Redis } from 'ioredis';
import { MgeError } from '../../domain/index.ts';

/** Milliseconds after which Redis counts as not answering. */
const DEFAULT_DEADLINE_MS = 2_000;

export interface RedisConnectionOptions {
  readonly url: string;
  /** Called for every connection error, as often as it is tried; ioredis reconnects by itself. */
  readonly onError: (error: Error) => void;
  /** Called each time that the server takes commands again. */
  readonly onReady?: () => void;
}

/**
 * A connection for commands that must fail fast: nothing is queued while Redis is away. Reconnects in the background, at most
 * 2 seconds apart.
 */
export function connectForCommands(options: RedisConnectionOptions): Redis {
  return watched(
    new Redis(options.url, {
      maxRetriesPerRequest: 1,
      enableOfflineQueue: true,
      connectTimeout: DEFAULT_DEADLINE_MS,
      retryStrategy: (times) => Math.min(100 * times, 2_000),
    }),
    options,
  );
}

/** A connection for workers: their blocking reads wait for Redis to come back instead of failing. */
export function connectForWorkers(options: RedisConnectionOptions): Redis {
  return watched(
    new Redis(options.url, {
      maxRetriesPerRequest: null,
      connectTimeout: DEFAULT_DEADLINE_MS,
      retryStrategy: (times) => Math.min(100 * times, 2_000),
    }),
    options,
  );
}

function watched(redis: Redis, options: RedisConnectionOptions): Redis {
  redis.on('error', options.onError);
  if (options.onReady) redis.on('ready', options.onReady);
  return redis;
}

/**
 * Waits for an answer of Redis, never longer than `deadlineMs` (default 2000).
 * @throws {MgeError} QUEUE_UNAVAILABLE when there is none in time or the command fails.
 */
export async function withDeadline<T>(work: Promise<T>, deadlineMs = DEFAULT_DEADLINE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${deadlineMs} ms`)), deadlineMs);
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    // The losing promise may still fail later; that failure has been reported here already.
    work.catch(() => undefined);
    throw new MgeError(
      'QUEUE_UNAVAILABLE',
      `Redis does not answer (${(error as Error).message}); check REDIS_URL and the server`,
      {
        retryAfterMs: 5_000,
        cause: error,
      },
    );
  } finally {
    clearTimeout(timer);
  }
}
