import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataFolder } from './data-folder.ts';
import type { RedisKind, ServerName } from './server-process.ts';

/** Raised when the messages change: a keeper of an older program is then refused instead of misunderstood. */
export const PROTOCOL = 1;
const LONGEST_MESSAGE = 64 * 1024;

export interface Acquire {
  readonly type: 'acquire';
  readonly protocol: number;
  readonly nonce: string;
  /** Shows that the program can read the data folder. */
  readonly proof: string;
  readonly servers: readonly ServerName[];
  readonly redisKind: RedisKind | null;
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
  | { readonly type: 'challenge'; readonly nonce: string }
  /** Shows that the keeper can read the data folder, and is no stranger who took its address. */
  | { readonly type: 'welcome'; readonly proof: string }
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

/** What `role` answers to prove that it knows the key of the data folder; the numbers make it worthless for a second time. */
export function proofOf(folder: DataFolder, role: 'program' | 'keeper', challenge: string, nonce: string): string {
  return createHmac('sha256', folder.key).update(`${role} ${challenge} ${nonce}`).digest('hex');
}

export function isProof(given: unknown, expected: string): boolean {
  const bytes = Buffer.from(String(given));
  return bytes.length === expected.length && timingSafeEqual(bytes, Buffer.from(expected));
}

/** Calls `handle` for each message that arrives. A line that is no message ends the connection: on Linux every account may connect. */
export function receive<T extends Request | Reply>(socket: Socket, handle: (message: T) => void): void {
  let pending = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const lines = (pending + chunk).split('\n');
    pending = lines.pop() ?? '';
    if (pending.length > LONGEST_MESSAGE) socket.destroy();
    for (const line of lines) {
      const message = parse(line);
      if (message === null) socket.destroy();
      else handle(message as T);
    }
  });
}

function parse(line: string): object | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}
