import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Logger } from '../telemetry/logger.ts';
import { entryBeside } from '../threads/entry.ts';
import { logPath, logTail, openLog, type DataFolder } from './data-folder.ts';
import { keeperAddress, PROTOCOL, receive, send, type Acquire, type Reply, type Started } from './keeper-protocol.ts';
import { pause, type ServerName } from './server-process.ts';

const START_TIMEOUT_MS = 90_000;
const STOP_TIMEOUT_MS = 30_000;

/** The right to use the embedded servers; they run at least as long as it is held. */
export interface Lease {
  readonly started: readonly Started[];
  /** Servers that could not be started, with the reason. */
  readonly failed: readonly { readonly name: ServerName; readonly message: string }[];
  /** Gives the lease back. When it was the last one, settles after the servers have stopped. */
  release(): Promise<void>;
}

export type LeaseWish = Omit<Acquire, 'type' | 'protocol'>;

/**
 * Gets a lease from the keeper of the data folder; starts a keeper where there is none.
 * @throws when the keeper cannot be started or was started by another version of the program.
 */
export async function acquireLease(folder: DataFolder, wish: LeaseWish, log: Logger): Promise<Lease> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  let keeper: { failed: boolean; ended: boolean } | null = null;
  while (Date.now() < deadline) {
    const socket = await tryConnect(keeperAddress(folder));
    if (socket) {
      const lease = await negotiate(socket, wish, log);
      if (lease) return lease;
    } else if (keeper?.failed) {
      throw new Error(`the keeper of the embedded servers did not start: ${logTail(folder, 'keeper')}`);
    } else if (keeper === null || keeper.ended) {
      keeper = spawnKeeper(folder);
    }
    await pause(10);
  }
  throw new Error(`the keeper of the embedded servers does not answer; its log is ${logPath(folder, 'keeper')}`);
}

function tryConnect(address: string): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect(address, () => resolve(socket));
    socket.once('error', () => resolve(null));
  });
}

function spawnKeeper(folder: DataFolder): { failed: boolean; ended: boolean } {
  const entry = entryBeside(import.meta.url, 'keeper-main');
  const out = openLog(folder, 'keeper');
  const state = { failed: false, ended: false };
  // Detached: signals of the terminal are for the program, and the keeper has to outlive a program that is killed.
  const child = spawn(process.execPath, [...entry.execArgv, fileURLToPath(entry.url), folder.root], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', out, out],
  });
  closeSync(out);
  child.once('error', () => (state.failed = true));
  child.once('exit', (code) => {
    state.ended = true;
    state.failed = code !== 0;
  });
  child.unref();
  return state;
}

/** Settles with null when the keeper turned out to be on its way out: the caller tries again. */
async function negotiate(socket: Socket, wish: LeaseWish, log: Logger): Promise<Lease | null> {
  const started: Started[] = [];
  const failed: { name: ServerName; message: string }[] = [];
  return new Promise((resolve, reject) => {
    let state: 'waiting' | 'held' | 'released' = 'waiting';
    const closed = new Promise<void>((done) => socket.once('close', () => done()));
    void closed.then(() => {
      if (state === 'held') log.error('the keeper of the embedded servers is gone; they may stop answering');
      resolve(null);
    });
    socket.on('error', () => undefined);
    receive<Reply>(socket, (reply) => {
      if (reply.type === 'started') started.push(reply);
      else if (reply.type === 'failed') failed.push({ name: reply.name, message: reply.message });
      else if (reply.type === 'released' && !reply.last) socket.end();
      else if (reply.type === 'refused') {
        socket.destroy();
        reject(new Error(reply.message));
      } else if (reply.type === 'ready') {
        state = 'held';
        // A program that forgets its lease may end; the keeper notices.
        socket.unref();
        resolve({
          started,
          failed,
          release: async () => {
            if (state === 'released') return closed;
            state = 'released';
            socket.ref();
            send(socket, { type: 'release' });
            const patience = setTimeout(() => socket.destroy(), STOP_TIMEOUT_MS);
            await closed;
            clearTimeout(patience);
          },
        });
      }
    });
    send(socket, { type: 'acquire', protocol: PROTOCOL, ...wish });
  });
}
