/** A program that uses the embedded servers, as a process of its own that tests can kill. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Services, StartOptions } from '../../src/adapters/embedded/index.ts';
import { entryBeside } from '../../src/adapters/threads/entry.ts';

export interface EmbeddedProgram {
  readonly process: ChildProcess;
  readonly services: Omit<Services, 'stop'>;
  /** Settles with the exit code or the signal. */
  readonly exited: Promise<number | string>;
  /** What it printed after the addresses, line by line. */
  readonly printed: string[];
}

/** Starts the program in a process group of its own and waits until its servers answer. */
export async function startProgram(
  dataDir: string,
  options: StartOptions = {},
  account: { uid?: number; gid?: number; cwd?: string } = {},
): Promise<EmbeddedProgram> {
  const entry = entryBeside(import.meta.url, 'embedded-program-main');
  const child = spawn(
    process.execPath,
    [...entry.execArgv, fileURLToPath(entry.url), dataDir, JSON.stringify(options)],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      ...account,
    },
  );
  const printed: string[] = [];
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const exited = new Promise<number | string>((done) =>
    child.once('exit', (code, signal) => done(code ?? signal ?? -1)),
  );
  const services = await new Promise<Omit<Services, 'stop'>>((resolve, reject) => {
    let first = true;
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (first) resolve(JSON.parse(line) as Omit<Services, 'stop'>);
      else printed.push(line);
      first = false;
    });
    void exited.then((code) => reject(new Error(`the program ended with ${code}: ${complaints}`)));
  });
  return { process: child, services, exited, printed };
}
