import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Logger } from '../telemetry/logger.ts';
import { startChroma } from './chroma-server.ts';
import type { DataFolder } from './data-folder.ts';
import {
  isProof,
  keeperAddress,
  PROTOCOL,
  proofOf,
  receive,
  send,
  type Acquire,
  type Reply,
  type Request,
  type Started,
} from './keeper-protocol.ts';
import { preparePostgres } from './postgres-files.ts';
import { startPostgres } from './postgres-server.ts';
import { startRedis } from './redis-server.ts';
import { pause, type RedisKind, type RunningServer, type ServerContext, type ServerName } from './server-process.ts';

const START: Record<ServerName, (context: ServerContext) => Promise<RunningServer>> = {
  postgres: startPostgres,
  redis: startRedis,
  chroma: startChroma,
};
/** A keeper that nobody turned to goes away: the program that started it was killed in between. */
const FIRST_LEASE_MS = 10_000;
/** Who has not said by then who they are is shown the door. */
const INTRODUCTION_MS = 5_000;
const RESTARTS_PER_MINUTE = 5;

interface Entry {
  readonly first: Promise<Started>;
  current: RunningServer | null;
  /** When it was started again, in the last minute. */
  restarts: number[];
  restart: Promise<void>;
}

/**
 * Starts the servers of one data folder, keeps them running while a program holds a lease (an open connection), and stops them when
 * the last lease is gone, whether it was given back or its holder was killed.
 */
export class Keeper {
  private readonly folder: DataFolder;
  private readonly log: Logger;
  private readonly ephemeral: boolean;
  private readonly leases = new Set<Socket>();
  private readonly entries = new Map<ServerName, Entry>();
  private readonly listener: Server = createServer((socket) => this.connected(socket));
  private redisKind: RedisKind | null = null;
  private stopping = false;

  constructor(folder: DataFolder, log: Logger, ephemeral: boolean) {
    this.folder = folder;
    this.log = log;
    this.ephemeral = ephemeral;
  }

  /** Settles with false when this folder has a keeper already. */
  async listen(): Promise<boolean> {
    const address = keeperAddress(this.folder);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      if (await this.tryListen(address)) {
        setTimeout(() => this.leases.size === 0 && void this.stop('nobody came'), FIRST_LEASE_MS);
        return true;
      }
      if (address.startsWith('\0') || (await isServed(address))) return false;
      rmSync(address, { force: true });
    }
    return false;
  }

  private tryListen(address: string): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(false) : reject(error));
      this.listener.once('error', failed);
      this.listener.listen(address, () => {
        this.listener.off('error', failed);
        resolve(true);
      });
    });
  }

  private connected(socket: Socket): void {
    socket.on('error', () => undefined);
    if (this.stopping) {
      send(socket, { type: 'stopping' });
      return;
    }
    const challenge = randomBytes(16).toString('hex');
    socket.setTimeout(INTRODUCTION_MS, () => socket.destroy());
    socket.once('close', () => this.left(socket, 'a program is gone'));
    receive<Request>(socket, (request) => {
      if (request.type === 'acquire') void this.acquire(socket, request, challenge);
      else if (request.type === 'release') this.release(socket);
    });
    send(socket, { type: 'challenge', nonce: challenge });
  }

  private async acquire(socket: Socket, request: Acquire, challenge: string): Promise<void> {
    if (!isProof(request.proof, proofOf(this.folder, 'program', challenge, request.nonce))) {
      socket.destroy();
      return;
    }
    if (this.stopping) {
      send(socket, { type: 'stopping' });
      return;
    }
    if (request.protocol !== PROTOCOL) {
      const message =
        'the embedded servers of this data folder were started by another version of this program; stop that one first';
      send(socket, { type: 'refused', message });
      return;
    }
    socket.setTimeout(0);
    this.leases.add(socket);
    send(socket, { type: 'welcome', proof: proofOf(this.folder, 'keeper', challenge, request.nonce) });
    if (this.entries.size === 0) this.redisKind = request.redisKind;
    await Promise.all(request.servers.map(async (name) => send(socket, await this.ensure(name))));
    send(socket, { type: 'ready' });
  }

  private async ensure(name: ServerName): Promise<Reply> {
    const known = this.entries.get(name);
    const began = Date.now();
    try {
      if (known)
        return {
          ...(await known.first),
          port: known.current?.port ?? (await known.first).port,
          source: 'reused',
          ms: Date.now() - began,
        };
      const entry: Entry = { first: this.begin(name), current: null, restarts: [], restart: Promise.resolve() };
      this.entries.set(name, entry);
      return await entry.first;
    } catch (error) {
      this.entries.delete(name);
      const message = error instanceof Error ? error.message : String(error);
      this.log.error({ server: name, problem: message }, 'an embedded server did not start');
      return { type: 'failed', name, message };
    }
  }

  private async begin(name: ServerName): Promise<Started> {
    const began = Date.now();
    const server = await this.start(name, 0).catch(async (error: unknown) => {
      // Once more: between the choice of a port and its use somebody else may have taken it.
      this.log.warn({ server: name, problem: String(error) }, 'an embedded server is started a second time');
      return this.start(name, 0);
    });
    const ms = Date.now() - began;
    this.log.info({ server: name, port: server.port, ms, detail: server.detail }, 'embedded server started');
    queueMicrotask(() => this.watch(name, server));
    return { type: 'started', name, port: server.port, source: server.source, detail: server.detail, ms };
  }

  private start(name: ServerName, port: number): Promise<RunningServer> {
    return START[name]({
      folder: this.folder,
      log: this.log,
      ephemeral: this.ephemeral,
      redisKind: this.redisKind,
      port,
    });
  }

  /** A server that ends by itself is started again on the same port, a few times a minute at most. */
  private watch(name: ServerName, server: RunningServer): void {
    const entry = this.entries.get(name);
    if (!entry) return;
    entry.current = server;
    void server.exited.then(() => {
      entry.restart = this.restart(name, entry, server.port);
    });
  }

  private async restart(name: ServerName, entry: Entry, port: number): Promise<void> {
    if (this.stopping) return;
    entry.restarts = [...entry.restarts.filter((at) => at > Date.now() - 60_000), Date.now()];
    this.log.error({ server: name, restarts: entry.restarts.length }, 'an embedded server ended');
    if (entry.restarts.length > RESTARTS_PER_MINUTE) return;
    await pause(100 * entry.restarts.length);
    if (this.stopping) return;
    try {
      this.watch(name, await this.start(name, port));
    } catch (error) {
      this.log.error({ server: name, problem: String(error) }, 'an embedded server could not be started again');
    }
  }

  private release(socket: Socket): void {
    const last = this.leases.size === 1 && this.leases.has(socket);
    send(socket, { type: 'released', last });
    this.left(socket, 'the last program is done', last);
  }

  private left(socket: Socket, reason: string, keepOpen = false): void {
    if (!this.leases.delete(socket)) return;
    if (!keepOpen) socket.end();
    if (this.leases.size === 0) void this.stop(reason);
  }

  /** Stops all servers and ends the process. The address is given up last, because it is the lock on the data. */
  async stop(reason: string): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    const began = Date.now();
    // What is being started has to be there before it can be stopped.
    await Promise.allSettled([...this.entries.values()].flatMap((entry) => [entry.first, entry.restart]));
    await Promise.allSettled([...this.entries.values()].map(async (entry) => entry.current?.stop()));
    this.log.info({ reason, ms: Date.now() - began }, 'embedded servers stopped');
    if (this.ephemeral) this.removeData();
    process.exit(0);
  }

  private removeData(): void {
    const { outside } = preparePostgres(this.folder);
    for (const path of [outside, this.folder.root]) if (path) rmSync(path, { recursive: true, force: true });
  }
}

function isServed(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(address, () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}
