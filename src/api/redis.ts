import { Redis } from 'ioredis';
import type { Logger } from '../adapters/telemetry/logger.ts';

/** Milliseconds to connect and for a command to answer. */
const CONNECT_MS = 1_000;
const COMMAND_MS = 800;
const RECONNECT_MAX_MS = 1_000;

/**
 * A connection for the API: commands fail at once while Redis is away instead of queueing up behind it, and it comes back by
 * itself. Resolves when connected, or when the first try failed.
 */
export async function connectRedis(options: {
  readonly url: string;
  readonly keyPrefix: string;
  readonly log: Logger;
}): Promise<Redis> {
  const redis = new Redis(options.url, {
    keyPrefix: options.keyPrefix,
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_MS,
    commandTimeout: COMMAND_MS,
    retryStrategy: (times) => Math.min(100 * times, RECONNECT_MAX_MS),
    connectionName: 'mge-api',
  });
  let wasReported = false;
  redis.on('error', (error: Error) => {
    if (!wasReported) options.log.warn({ err: error }, 'redis does not answer');
    wasReported = true;
  });
  redis.on('ready', () => {
    if (wasReported) options.log.info('redis answers again');
    wasReported = false;
  });
  await redis.connect().catch(() => undefined);
  return redis;
}
