import type { Redis } from 'ioredis';

/** Resolves when the connection takes commands; rejects with its next error. */
export function whenReady(connection: Redis): Promise<void> {
  if (connection.status === 'ready') return Promise.resolve();
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => () => {
      connection.off('ready', onReady).off('error', onError).off('end', onEnd);
      act();
    };
    const onReady = settle(resolve);
    const onEnd = settle(() => reject(new Error('the connection was closed')));
    const onError = (error: Error) => settle(() => reject(error))();
    connection.once('ready', onReady).once('error', onError).once('end', onEnd);
  });
}
