import { closeSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { entryBeside } from '../threads/entry.ts';
import { logTail, openLog } from './data-folder.ts';
import { spawnGuarded } from './guarded-child.ts';
import { freePort } from './ports.ts';
import { untilReady, type RunningServer, type ServerContext } from './server-process.ts';

const require = createRequire(import.meta.url);

export interface ChromaPackage {
  readonly module: string;
  readonly version: string;
}

/** The package with Chroma's server for this platform, null where there is none. */
export function findChromaPackage(): ChromaPackage | null {
  const suffix = process.platform === 'linux' ? '-gnu' : '';
  try {
    // It is a dependency of the client, so it is looked up from there.
    const fromClient = createRequire(require.resolve('chromadb'));
    const module = fromClient.resolve(`chromadb-js-bindings-${process.platform}-${process.arch}${suffix}`);
    const { version } = JSON.parse(readFileSync(join(dirname(module), 'package.json'), 'utf8')) as { version: string };
    return { module, version };
  } catch {
    return null;
  }
}

export function chromaUrl(port: number): string {
  return `http://127.0.0.1:${port}`;
}

/** Starts Chroma on the data of the folder. */
export async function startChroma(context: ServerContext): Promise<RunningServer> {
  const found = findChromaPackage();
  if (!found)
    throw new Error(
      `there is no embedded Chroma for ${process.platform} ${process.arch}; set CHROMA_URL to a running one`,
    );
  const data = join(context.folder.root, 'chroma');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const port = await freePort(context.port);
  const out = openLog(context.folder, 'chroma');
  const task = {
    module: found.module,
    arguments: ['chroma', 'run', '--path', data, '--host', '127.0.0.1', '--port', String(port)],
  };
  const child = spawnGuarded(entryBeside(import.meta.url, 'chroma-main'), task, out);
  closeSync(out);
  try {
    await untilReady({
      ready: () => answers(port),
      exited: child.exited,
      timeoutMs: 30_000,
      explain: () => logTail(context.folder, 'chroma', 3),
    });
  } catch (error) {
    await child.stop();
    throw error;
  }
  return { ...child, port, source: 'embedded', detail: `Chroma (server ${found.version})` };
}

async function answers(port: number): Promise<boolean> {
  try {
    const response = await fetch(`${chromaUrl(port)}/api/v2/heartbeat`, { signal: AbortSignal.timeout(1_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
