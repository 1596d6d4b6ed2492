import { createRequire } from 'node:module';
import type TypeScript from 'typescript';

const require = createRequire(import.meta.url);
let loaded: typeof TypeScript | undefined;

export type Compiler = typeof TypeScript;

/** The TypeScript compiler. It takes half a second to load, so that only threads that meet TypeScript pay for it. */
export function compiler(): Compiler {
  loaded ??= require('typescript') as typeof TypeScript;
  return loaded;
}

/** The folder of an installed package that this program depends on, or null when it is not there. */
export function packageFolder(name: string): string | null {
  try {
    return require
      .resolve(`${name}/package.json`)
      .replace(/[\\/]package\.json$/, '')
      .replaceAll('\\', '/');
  } catch {
    return null;
  }
}
