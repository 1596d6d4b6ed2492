import { createServer, connect } from 'node:net';

/** A port of 127.0.0.1 that is free now: `preferred` when it still is. */
export async function freePort(preferred = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => {
      if (preferred === 0) reject(error);
      else freePort().then(resolve, reject);
    });
    probe.listen({ port: preferred, host: '127.0.0.1', exclusive: true }, () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

/**
 * Sends inline Redis commands to 127.0.0.1 and returns the raw reply, null when nobody answers within `timeoutMs`.
 * `done` says whether the reply is complete.
 */
export async function redisExchange(
  port: number,
  commands: string,
  done: (reply: string) => boolean,
  timeoutMs = 1_000,
): Promise<string | null> {
  return new Promise((resolve) => {
    let reply = '';
    const socket = connect({ port, host: '127.0.0.1' });
    const finish = (value: string | null) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(value);
    };
    const timer = setTimeout(() => finish(null), timeoutMs);
    socket.setNoDelay(true);
    socket.on('connect', () => socket.write(commands));
    socket.on('data', (chunk) => {
      reply += chunk.toString('latin1');
      if (done(reply)) finish(reply);
    });
    socket.on('error', () => finish(null));
    socket.on('close', () => finish(reply === '' ? null : reply));
  });
}
