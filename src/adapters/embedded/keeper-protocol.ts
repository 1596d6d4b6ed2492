import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataFolder } from './data-folder.ts';
import type { RedisKind, ServerName } from './server-process.ts';

/** Raised when the messages change: a keeper of an older program is then refused instead of misunderstood. */
export const PROTOCOL = 1;

export interface Acquire {
  readonly type: 'acquire';
  readonly protocol: number;
  readonly servers: readonly ServerName[];
  readonly redisKind: RedisKind | null;
  /** The data folder is removed when the last one has gone. */
  readonly ephemeral: boolean;
}

export type Request = Acquire | { readonly type: 'release' };

export interface Started {
  readonly type: 'started';
  readonly name: ServerName;
  readonly port: number;
  readonly source: 'embedded' | 'reused';
  readonly detail: string;
  readonly ms: number;
}

export type Reply =
  | Started
  | { readonly type: 'failed'; readonly name: ServerName; readonly message: string }
  | { readonly type: 'ready' }
  /** The keeper is on its way out; its end of the line closes when the data folder is free. */
  | { readonly type: 'stopping' }
  | { readonly type: 'refused'; readonly message: string }
  /** `last`: nobody else uses the servers, they are being stopped. */
  | { readonly type: 'released'; readonly last: boolean };

/**
 * The address that the keeper of a data folder listens on. Being able to listen on it is the lock on the folder: the system gives it
 * up when the keeper dies, however that happens. On Linux it is an abstract socket, elsewhere a file in the temporary folder.
 */
export function keeperAddress(folder: DataFolder): string {
  return process.platform === 'linux' ? `\0mge-${folder.identity}` : join(tmpdir(), `mge-${folder.identity}.sock`);
}

export function send(socket: Socket, message: Request | Reply): void {
  if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
}

/** Calls `handle` for each message that arrives. */
export function receive<T extends Request | Reply>(socket: Socket, handle: (message: T) => void): void {
  let pending = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const lines = (pending + chunk).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) handle(JSON.parse(line) as T);
  });
}
