/**
 * The first lines of every host of a WebAssembly interpreter: takes from the process what the permission model of Node leaves open,
 * before any other module is loaded. Code of the interpreter can reach none of it; this holds for the day that it can.
 */
export const SEAL = String.raw`
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { readSync, writeSync, constants as fsConstants } from 'node:fs';
import { setFlagsFromString } from 'node:v8';

const hostRequire = createRequire('file:///host.mjs');
const sealed = () => { throw new Error('sealed'); };
const close = (object, name) => {
  try { Object.defineProperty(object, name, { value: sealed, writable: false, configurable: false }); } catch { /* already closed */ }
};
const closeFunctions = (object) => {
  for (const name of Object.getOwnPropertyNames(object)) {
    const { value } = Object.getOwnPropertyDescriptor(object, name);
    if (typeof value === 'function' && name !== 'constructor') close(object, name);
  }
};
// Sockets and names. Everything above them (http, tls, fetch, WebSocket) goes through these.
const net = hostRequire('node:net');
const dgram = hostRequire('node:dgram');
const dns = hostRequire('node:dns');
for (const name of ['connect', 'listen', 'bind', 'send'])
  for (const prototype of [net.Socket.prototype, net.Server.prototype, dgram.Socket.prototype])
    if (typeof prototype[name] === 'function') close(prototype, name);
for (const name of ['connect', 'createConnection', 'createServer']) close(net, name);
close(dgram, 'createSocket');
for (const names of [dns.Resolver.prototype, dns.promises.Resolver.prototype, dns.promises, dns]) closeFunctions(names);
// Other processes and other threads.
for (const [module, names] of [
  ['node:child_process', ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork']],
  ['node:cluster', ['fork', 'setupPrimary', 'setupMaster']],
  ['node:worker_threads', ['Worker']],
  ['node:inspector', ['open', 'Session']],
  ['node:vm', ['runInThisContext', 'runInNewContext', 'runInContext', 'compileFunction', 'createContext', 'Script', 'SourceTextModule']],
  ['node:module', ['register', 'registerHooks']],
]) for (const name of names) close(hostRequire(module), name);
syncBuiltinESMExports();
for (const name of ['kill', '_kill', 'dlopen', 'chdir', 'setuid', 'setgid', 'abort', 'getBuiltinModule', '_linkedBinding', '_debugProcess']) close(process, name);
for (const name of ['fetch', 'WebSocket', 'XMLHttpRequest', 'EventSource', 'eval', 'Worker', 'SharedArrayBuffer', 'BroadcastChannel'])
  { try { Object.defineProperty(globalThis, name, { value: undefined, writable: false, configurable: false }); } catch { /* not there */ } }
// Emscripten asks it for the numbers of open flags, and for nothing else.
Object.defineProperty(process, 'binding', { value: () => ({ fs: { ...fsConstants } }), writable: false, configurable: false });

function readInput() {
  const pieces = [];
  const piece = Buffer.allocUnsafe(1 << 20);
  for (let count = readSync(4, piece); count > 0; count = readSync(4, piece)) pieces.push(Buffer.from(piece.subarray(0, count)));
  const all = Buffer.concat(pieces);
  const end = all.indexOf(10);
  return { head: JSON.parse(all.subarray(0, end).toString('utf8')), rest: new Uint8Array(all.subarray(end + 1)) };
}
function writeResult(bytes) {
  for (let at = 0; at < bytes.length;) at += writeSync(3, bytes, at);
}
const { head, rest } = readInput();
setFlagsFromString('--liftoff-only');
setFlagsFromString('--wasm-max-mem-pages=' + Math.ceil(head.memoryMb * 16));
`;

/** Arguments for Node: the permission model, which folders may be read, no code from strings, a bounded heap. */
export function sealedArguments(permission: string, readable: readonly string[], program: string): string[] {
  return [
    permission,
    ...readable.map((path) => `--allow-fs-read=${path}`),
    '--disallow-code-generation-from-strings',
    '--disable-proto=throw',
    '--no-warnings',
    '--max-old-space-size=192',
    '--stack-size=3000',
    '--input-type=module',
    '--eval',
    program,
  ];
}

/** The option that switches the permission model on in this Node; null where it has none. */
export function permissionOption(): string | null {
  const known = process.allowedNodeEnvironmentFlags;
  return ['--permission', '--experimental-permission'].find((option) => known.has(option)) ?? null;
}
