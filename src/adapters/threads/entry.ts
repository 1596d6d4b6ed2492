import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);

/** How to start a module of this program as a worker thread or a child process. */
export interface EntryPoint {
  readonly url: URL;
  readonly execArgv: string[];
}

/**
 * Finds the module `name` (no extension) beside the module at `from`: the compiled one in the built program, the TypeScript
 * source (through tsx) where the program runs from source, as tests do.
 */
export function entryBeside(from: string, name: string): EntryPoint {
  const compiled = new URL(`./${name}.js`, from);
  if (existsSync(fileURLToPath(compiled))) return { url: compiled, execArgv: [] };
  return { url: new URL(`./${name}.ts`, from), execArgv: ['--import', sourceLoader()] };
}

/** A module that makes Node read TypeScript. `--import tsx` itself does nothing in worker threads, so its interface is called instead. */
function sourceLoader(): string {
  const api = pathToFileURL(require.resolve('tsx/esm/api').replace(/\.cjs$/, '.mjs')).href;
  return `data:text/javascript,import{register}from${JSON.stringify(api)};register()`;
}
