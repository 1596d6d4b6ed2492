import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Logger } from '../telemetry/logger.ts';
import { entryBeside } from '../threads/entry.ts';
import { logPath, logTail, openLog, type DataFolder } from './data-folder.ts';
import {
  isProof,
  keeperAddress,
  PROTOCOL,
  proofOf,
  receive,
  send,
  type Acquire,
  type Reply,
  type Started,
} from './keeper-protocol.ts';
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

export interface LeaseWish extends Pick<Acquire, 'servers' | 'redisKind'> {
  /** The data folder is removed at the end. Only the program that starts the keeper has a say in it. */
  readonly ephemeral: boolean;
}

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
      const lease = await negotiate(socket, folder, wish, log);
      if (lease) return lease;
    } else if (keeper?.failed) {
      throw new Error(`the keeper of the embedded servers did not start: ${logTail(folder, 'keeper')}`);
    } else if (keeper === null || keeper.ended) {
      keeper = spawnKeeper(folder, wish.ephemeral);
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

function spawnKeeper(folder: DataFolder, ephemeral: boolean): { failed: boolean; ended: boolean } {
  const entry = entryBeside(import.meta.url, 'keeper-main');
  const out = openLog(folder, 'keeper');
  const state = { failed: false, ended: false };
  // Detached: signals of the terminal are for the program, and the keeper has to outlive a program that is killed.
  const child = spawn(
    process.execPath,
    [...entry.execArgv, fileURLToPath(entry.url), folder.root, ephemeral ? 'ephemeral' : 'lasting'],
    {
      cwd: '/',
      detached: true,
      stdio: ['ignore', out, out],
    },
  );
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
async function negotiate(socket: Socket, folder: DataFolder, wish: LeaseWish, log: Logger): Promise<Lease | null> {
  const started: Started[] = [];
  const failed: { name: ServerName; message: string }[] = [];
  const nonce = randomBytes(16).toString('hex');
  let expected = '';
  let state: 'strangers' | 'waiting' | 'held' | 'released' = 'strangers';
  const closed = new Promise<void>((done) => socket.once('close', () => done()));
  const release = async () => {
    if (state === 'released') return closed;
    state = 'released';
    socket.ref();
    send(socket, { type: 'release' });
    const patience = setTimeout(() => socket.destroy(), STOP_TIMEOUT_MS);
    await closed;
    clearTimeout(patience);
  };
  return new Promise((resolve, reject) => {
    const refuse = (message: string) => {
      socket.destroy();
      reject(new Error(message));
    };
    void closed.then(() => {
      if (state === 'held') log.error('the keeper of the embedded servers is gone; they may stop answering');
      resolve(null);
    });
    socket.on('error', () => undefined);
    const limit = setTimeout(
      () => refuse(`the keeper has not finished after ${START_TIMEOUT_MS / 1000} s`),
      START_TIMEOUT_MS,
    );
    void closed.then(() => clearTimeout(limit));
    receive<Reply>(socket, (reply) => {
      if (reply.type === 'challenge') {
        expected = proofOf(folder, 'keeper', reply.nonce, nonce);
        const proof = proofOf(folder, 'program', reply.nonce, nonce);
        send(socket, {
          type: 'acquire',
          protocol: PROTOCOL,
          nonce,
          proof,
          servers: wish.servers,
          redisKind: wish.redisKind,
        });
      } else if (reply.type === 'refused') refuse(reply.message);
      else if (reply.type === 'welcome' && isProof(reply.proof, expected)) state = 'waiting';
      else if (reply.type === 'released' && !reply.last) socket.end();
      else if (state === 'strangers' && reply.type !== 'stopping')
        refuse('the address of the keeper is held by a stranger');
      else if (reply.type === 'started') started.push(reply);
      else if (reply.type === 'failed') failed.push({ name: reply.name, message: reply.message });
      else if (reply.type === 'ready') {
        state = 'held';
        clearTimeout(limit);
        // A program that forgets its lease may end; the keeper notices.
        socket.unref();
        resolve({ started, failed, release });
      }
    });
  });
}
