import { readFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { WASI } from 'node:wasi';

// The contract with the compiled server (its host.h and ae.h).
const FIRST_FD = 4096;
const READABLE = 1;
const WRITABLE = 2;
/** Above this the server's own table is full. */
const MAX_CONNECTIONS = 5_900;
/** Steps in a row before other events get their turn. */
const STEPS_AT_ONCE = 1_000;

interface ValkeyExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly rk_boot: (port: number) => void;
  readonly rk_step: () => void;
}

interface Connection {
  readonly socket: Socket;
  readonly chunks: Buffer[];
  offset: number;
  ended: boolean;
  clogged: boolean;
}

/** The part of WebAssembly that is used here: the type library of Node has none of it. */
interface WebAssemblyApi {
  instantiate(bytes: Uint8Array, imports: Record<string, object>): Promise<{ instance: { exports: unknown } }>;
  /** A tag of exceptions. */
  readonly Tag: new (type: { parameters: string[] }) => object;
}
const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi };

/**
 * Runs Valkey compiled to WebAssembly, with its sockets on node:net.
 * Unlike the bridge that comes with the package it steps the event loop until nothing is left to do (a reply otherwise waits for the
 * next tick), gives numbers of closed connections out again (the server otherwise hangs after some 6,000 connections), and
 * sets TCP_NODELAY.
 */
export class ValkeyHost {
  private readonly port: number;
  private readonly wasm: string;
  private readonly connections = new Map<number, Connection>();
  private readonly waiting: number[] = [];
  private readonly freeFds: number[] = [];
  private nextFd = FIRST_FD;
  private listenerFd = -1;
  private listener: Server | null = null;
  private exports: ValkeyExports | null = null;
  private scheduled = false;
  private eventsLastStep = 0;

  constructor(options: { readonly port: number; readonly wasm: string }) {
    this.port = options.port;
    this.wasm = options.wasm;
  }

  /** Boots the server; it listens on 127.0.0.1 when this settles. A crash of the server ends the process. */
  async start(): Promise<void> {
    const wasi = new WASI({ version: 'preview1', args: ['valkey-server'], env: {}, preopens: {} });
    const { instance } = await WebAssembly.instantiate(await readFile(this.wasm), {
      wasi_snapshot_preview1: wasi.wasiImport,
      host: this.imports(),
      env: { __c_longjmp: new WebAssembly.Tag({ parameters: ['i32'] }) },
    });
    wasi.initialize(instance);
    this.exports = instance.exports as ValkeyExports;
    this.exports.rk_boot(this.port);
    // Its clock: expiry, blocked clients, background work.
    setInterval(() => this.drain(), 50);
  }

  private imports(): Record<string, (...numbers: number[]) => number | void> {
    return {
      socket: () => this.takeFd(),
      listen: (fd: number) => this.listen(fd),
      accept: (fd: number) => (fd === this.listenerFd ? (this.waiting.shift() ?? -1) : -1),
      read: (fd: number, at: number, length: number) => this.read(fd, at, length),
      write: (fd: number, at: number, length: number) => this.write(fd, at, length),
      close: (fd: number) => this.close(fd),
      poll: (interest: number, count: number, fired: number, max: number) => this.poll(interest, count, fired, max),
    };
  }

  private takeFd(): number {
    return this.freeFds.pop() ?? this.nextFd++;
  }

  private memory(): Buffer {
    // Made anew each time: the old view is dead after the memory has grown.
    return Buffer.from((this.exports as ValkeyExports).memory.buffer);
  }

  private listen(fd: number): number {
    this.listenerFd = fd;
    this.listener = createServer({ noDelay: true }, (socket) => this.connected(socket));
    this.listener.on('error', (error) => {
      throw error;
    });
    this.listener.listen(this.port, '127.0.0.1');
    return 0;
  }

  private connected(socket: Socket): void {
    socket.on('error', () => undefined);
    if (this.connections.size >= MAX_CONNECTIONS) {
      socket.destroy();
      return;
    }
    const fd = this.takeFd();
    const connection: Connection = { socket, chunks: [], offset: 0, ended: false, clogged: false };
    const end = () => {
      connection.ended = true;
      this.wake();
    };
    socket.on('data', (chunk) => {
      connection.chunks.push(chunk);
      this.wake();
    });
    socket.on('end', end);
    socket.on('close', end);
    socket.on('drain', () => {
      connection.clogged = false;
      this.wake();
    });
    this.connections.set(fd, connection);
    this.waiting.push(fd);
    this.wake();
  }

  private wake(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      this.drain();
    });
  }

  /** Steps until no descriptor had an event, and once more: replies are written at the beginning of a step. */
  private drain(): void {
    const server = this.exports;
    if (!server) return;
    for (let steps = 0; steps < STEPS_AT_ONCE; steps += 1) {
      this.eventsLastStep = 0;
      server.rk_step();
      if (this.eventsLastStep === 0) {
        server.rk_step();
        if (this.eventsLastStep === 0) return;
      }
    }
    this.wake();
  }

  private read(fd: number, at: number, length: number): number {
    const connection = this.connections.get(fd);
    if (!connection) return -1;
    if (connection.chunks.length === 0) return connection.ended ? 0 : -1;
    const memory = this.memory();
    let copied = 0;
    for (let head = connection.chunks[0]; head && copied < length; head = connection.chunks[0]) {
      const size = Math.min(head.length - connection.offset, length - copied);
      head.copy(memory, at + copied, connection.offset, connection.offset + size);
      copied += size;
      connection.offset += size;
      if (connection.offset < head.length) break;
      connection.chunks.shift();
      connection.offset = 0;
    }
    return copied;
  }

  private write(fd: number, at: number, length: number): number {
    const connection = this.connections.get(fd);
    if (!connection || connection.ended) return -1;
    // A copy: the server uses this memory again as soon as we return.
    const bytes = Buffer.from(this.memory().subarray(at, at + length));
    connection.clogged = !connection.socket.write(bytes);
    return length;
  }

  private close(fd: number): void {
    const connection = this.connections.get(fd);
    if (connection) {
      this.connections.delete(fd);
      // Replies that were written still go out.
      connection.socket.destroySoon();
    } else if (fd === this.listenerFd) {
      this.listener?.close();
    }
    this.freeFds.push(fd);
  }

  private poll(interest: number, count: number, fired: number, max: number): number {
    const memory = this.memory();
    let events = 0;
    for (let i = 0; i < count && events < max; i += 1) {
      const fd = memory.readInt32LE(interest + i * 8);
      const ready = this.readiness(fd) & memory.readInt32LE(interest + i * 8 + 4);
      if (ready === 0) continue;
      memory.writeInt32LE(fd, fired + events * 8);
      memory.writeInt32LE(ready, fired + events * 8 + 4);
      events += 1;
    }
    this.eventsLastStep += events;
    return events;
  }

  private readiness(fd: number): number {
    if (fd === this.listenerFd) return this.waiting.length > 0 ? READABLE : 0;
    const connection = this.connections.get(fd);
    if (!connection) return 0;
    return (connection.chunks.length > 0 || connection.ended ? READABLE : 0) | (connection.clogged ? 0 : WRITABLE);
  }
}
