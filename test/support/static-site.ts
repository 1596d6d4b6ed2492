import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

export interface Site {
  readonly address: string;
  close(): Promise<void>;
}

function forward(to: string, incoming: IncomingMessage, answer: ServerResponse): void {
  const outgoing = request(
    new URL(incoming.url ?? '/', to),
    { method: incoming.method, headers: { ...incoming.headers, host: new URL(to).host } },
    (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    },
  );
  outgoing.on('error', (error) => {
    if (!answer.headersSent) answer.writeHead(502, { 'Content-Type': 'text/plain' });
    answer.end(String(error));
  });
  incoming.pipe(outgoing);
}

async function sendFile(folder: string, url: string, answer: ServerResponse): Promise<void> {
  const { pathname } = new URL(url, 'http://site');
  const inside = normalize(decodeURIComponent(pathname));
  const path = join(folder, inside === '/' ? 'index.html' : inside);
  try {
    const bytes = await readFile(path);
    answer.writeHead(200, { 'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream' });
    answer.end(bytes);
  } catch {
    answer.writeHead(404, { 'Content-Type': 'text/plain' });
    answer.end(`no ${pathname}`);
  }
}

/** Serves a folder on a free port of the loopback interface, as the web server of a generated project would; `proxies` maps path prefixes to servers. */
export async function serveSite(folder: string, proxies: Readonly<Record<string, string>>): Promise<Site> {
  const server = createServer((incoming, answer) => {
    const url = incoming.url ?? '/';
    const target = Object.entries(proxies).find(([prefix]) => url.startsWith(`${prefix}/`));
    if (target === undefined) void sendFile(folder, url, answer);
    else forward(target[1], incoming, answer);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const close = (): Promise<void> =>
    new Promise((done, failed) => {
      server.close((error) => (error === undefined ? done() : failed(error)));
      server.closeAllConnections();
    });
  return { address: `http://127.0.0.1:${address.port}`, close };
}
