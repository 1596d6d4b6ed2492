import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { capture, launch } from '../launch.ts';
import type { InterpreterLimits, InterpreterResult, Interpreters, SandboxLayer } from '../sandbox.ts';
import { CLOSE_BRIDGES, PYTHON_HOST } from './python-host.ts';
import { SCRIPT_HOST } from './script-host.ts';
import { sealedArguments } from './seal.ts';

const PYTHON_VERSION = '3.14 (Pyodide 314)';
/** What Node and the interpreter's JavaScript need beside the interpreter's own memory, in MiB. */
const HOST_MB = 384;
const DISK_MB = 64;
const OUTPUT_BYTES = 256 * 1024;
const SNAPSHOT_TIMEOUT_MS = 60_000;

const require = createRequire(import.meta.url);

/** Folder of an installed package. */
function packageFolder(name: string): string {
  const entry = require.resolve(name);
  return entry.slice(0, entry.lastIndexOf(`/node_modules/${name}/`) + `/node_modules/${name}/`.length);
}

interface Host {
  readonly program: string;
  readonly readable: readonly string[];
  readonly head: Readonly<Record<string, unknown>>;
}

function pythonHost(): Host {
  const folder = packageFolder('pyodide');
  return {
    program: PYTHON_HOST,
    readable: [`${folder}*`],
    head: { entry: pathToFileURL(join(folder, 'pyodide.mjs')).href, folder, diskMb: DISK_MB },
  };
}

function scriptHost(): Host {
  const core = packageFolder('quickjs-emscripten-core');
  const variant = packageFolder('@jitl/quickjs-wasmfile-release-sync');
  const types = packageFolder('@jitl/quickjs-ffi-types');
  return {
    program: SCRIPT_HOST,
    readable: [core, variant, types].map((folder) => `${folder}*`),
    head: {
      entry: pathToFileURL(join(core, 'dist', 'index.mjs')).href,
      variant: pathToFileURL(join(variant, 'dist', 'index.mjs')).href,
    },
  };
}

function headLine(head: object): Buffer {
  return Buffer.from(`${JSON.stringify(head)}\n`);
}

/** Runs a job in a host. @throws {SandboxUnavailable} when the host did not come up. */
async function runIn(
  permission: string,
  host: Host,
  job: Readonly<Record<string, unknown>>,
  rest: readonly Uint8Array[],
  limits: InterpreterLimits,
): Promise<InterpreterResult> {
  const { timeoutMs, cpuMs, memoryMb, signal } = limits;
  const ran = await launch(
    {
      argv: [process.execPath, ...sealedArguments(permission, host.readable, host.program)],
      env: {},
      input: [headLine({ ...host.head, ...job, memoryMb }), ...rest],
    },
    {
      timeoutMs,
      cpuMs,
      memoryMb: memoryMb + HOST_MB,
      processes: 4,
      outputBytes: OUTPUT_BYTES,
      ...(signal === undefined ? {} : { signal }),
    },
  );
  const { stoppedBy, durationMs } = ran;
  const none = { result: null, printed: '', problem: null, stoppedBy, durationMs };
  if (ran.result === null) return none;
  try {
    return { ...none, ...(JSON.parse(ran.result) as Pick<InterpreterResult, 'result' | 'printed'>) };
  } catch {
    // Cut off where it was killed.
    return none;
  }
}

/** The memory of a Python that has started and knows the program. Only our own text runs in it. */
async function snapshotOf(permission: string, host: Host, program: string): Promise<Uint8Array> {
  const head = { ...host.head, mode: 'snapshot', program: `${CLOSE_BRIDGES}\n${program}`, memoryMb: 512 };
  const argv = [process.execPath, ...sealedArguments(permission, host.readable, host.program)];
  try {
    return await capture({ argv, env: {}, input: [headLine(head)] }, SNAPSHOT_TIMEOUT_MS);
  } catch (error) {
    throw new Error(`Python could not be made ready: ${(error as Error).message}`, { cause: error });
  }
}

/** Opens the interpreters; nothing starts before the first job. */
export function openInterpreters(permission: string, layers: readonly SandboxLayer[]): Interpreters {
  const python = pythonHost();
  const script = scriptHost();
  let ready: { readonly program: string; readonly snapshot: Promise<Uint8Array> } | null = null;
  return {
    layers,
    pythonVersion: PYTHON_VERSION,
    async python(program, job, limits) {
      if (ready?.program !== program) ready = { program, snapshot: snapshotOf(permission, python, program) };
      const mine = ready;
      const snapshot = await mine.snapshot.catch((error: unknown) => {
        // The next job tries again.
        if (ready === mine) ready = null;
        throw error;
      });
      return runIn(permission, python, { mode: 'job', job }, [snapshot], limits);
    },
    script: (program, job, limits) => runIn(permission, script, { program, job }, [], limits),
  };
}
