import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch } from '../launch.ts';
import type { Interpreters, SandboxLayer } from '../sandbox.ts';
import { openInterpreters } from './interpreters.ts';
import { permissionOption, SEAL, sealedArguments } from './seal.ts';

/** Tries, inside a sealed process, what code would try that had broken out of its interpreter. */
const PROBE = String.raw`${SEAL}
import * as fs from 'node:fs';
const tried = {};
const attempt = (name, run) => { try { run(); tried[name] = 'possible'; } catch (error) { tried[name] = 'refused'; } };
attempt('read', () => fs.readFileSync(head.canary));
attempt('write', () => fs.writeFileSync(head.canary + '.new', 'x'));
attempt('program', () => hostRequire('node:child_process').spawnSync('true'));
attempt('thread', () => new (hostRequire('node:worker_threads').Worker)('1', { eval: true }));
attempt('connect', () => new net.Socket().connect(9, '127.0.0.1'));
attempt('listen', () => new net.Server().listen(0));
attempt('datagram', () => dgram.createSocket('udp4'));
attempt('lookup', () => dns.lookup('localhost', () => undefined));
attempt('fetch', () => fetch('http://127.0.0.1:9/'));
attempt('signal', () => process.kill(process.ppid, 0));
attempt('addon', () => process.dlopen({ exports: {} }, '/nowhere.node'));
attempt('code', () => Function('return 1')());
attempt('eval', () => globalThis.eval('1'));
attempt('script', () => hostRequire('node:vm').runInThisContext('1'));
tried.environment = Object.keys(process.env).filter((name) => !name.startsWith('__CF')).join(' ');
writeResult(Buffer.from('up\n' + JSON.stringify(tried)));
`;

type Tried = Readonly<Record<string, string>>;

async function probe(permission: string): Promise<Tried> {
  const folder = await mkdtemp(join(tmpdir(), 'mge-canary-'));
  try {
    const canary = join(folder, 'canary');
    await writeFile(canary, 'not for generated code');
    const { result } = await launch(
      {
        argv: [process.execPath, ...sealedArguments(permission, [join(folder, 'nothing')], PROBE)],
        env: {},
        input: [Buffer.from(`${JSON.stringify({ canary, memoryMb: 64 })}\n`)],
      },
      { timeoutMs: 20_000, memoryMb: 512, processes: 4, outputBytes: 64 * 1024 },
    );
    return JSON.parse(result ?? '{}') as Tried;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The layers of the interpreters' process, judged by what the probe tried. */
export function interpreterLayers(tried: Tried): SandboxLayer[] {
  const layer = (name: string, attempts: readonly string[], detail: string): SandboxLayer => {
    const open = attempts.filter((attempt) => tried[attempt] !== 'refused');
    return { name, active: open.length === 0, detail: open.length === 0 ? detail : `open: ${open.join(', ')}` };
  };
  const environment = tried['environment'];
  return [
    {
      name: 'interpreter',
      active: true,
      detail: 'Python (Pyodide) and JavaScript (QuickJS) as WebAssembly; unit tests and examples of single files only',
    },
    layer('filesystem', ['read', 'write'], 'Node’s permission model: nothing but the interpreter’s own files'),
    layer('processes', ['program', 'thread', 'signal', 'addon'], 'no programs, threads, signals, native add-ons'),
    layer('network', ['connect', 'listen', 'datagram', 'lookup', 'fetch'], 'sockets and names are sealed'),
    layer('code', ['code', 'eval', 'script'], 'no JavaScript from strings outside of the interpreter'),
    {
      name: 'environment',
      active: environment === '',
      detail: environment === '' ? 'no inherited variable' : `inherited: ${environment ?? 'unknown'}`,
    },
    {
      name: 'watchdog',
      active: true,
      detail: 'wall time and output are watched from outside, memory of the interpreter is bounded',
    },
  ];
}

/** The interpreters, or why there are none. */
export async function detectInterpreters(): Promise<
  { readonly interpreters: Interpreters } | { readonly reason: string; readonly layers: readonly SandboxLayer[] }
> {
  const permission = permissionOption();
  if (permission === null) return { reason: 'this Node has no permission model', layers: [] };
  try {
    const layers = interpreterLayers(await probe(permission));
    const missing = layers.filter(({ active }) => !active).map(({ name }) => name);
    if (missing.length > 0) return { reason: `not in force: ${missing.join(', ')}`, layers };
    return { interpreters: openInterpreters(permission, layers) };
  } catch (error) {
    return { reason: (error as Error).message, layers: [] };
  }
}
