import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ToolchainState } from './toolchain-state.ts';

/** The packages of this program that generated TypeScript is checked with. */
export interface NodePackages {
  /** Folder `node_modules` of the host. */
  readonly root: string;
  /** Installed version of a package, or null. */
  versionOf(name: string): string | null;
}

/** Where that folder is inside the sandbox. */
export const PACKAGES_INSIDE = '/deps/node_modules';

const NEEDED = {
  'react-vite': ['vite', 'vitest', 'typescript', 'react', 'react-dom', '@vitejs/plugin-react', 'happy-dom'],
  node: ['typescript', 'vitest', '@types/node'],
} as const;

/** The nearest `node_modules` above this file that holds vite: this program's own, or the one it is installed into. */
function nearestRoot(): string | null {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const root = join(folder, 'node_modules');
    if (existsSync(join(root, 'vite', 'package.json'))) return root;
    const parent = dirname(folder);
    if (parent === folder) return null;
    folder = parent;
  }
}

function readVersion(root: string, name: string): string | null {
  try {
    const manifest = JSON.parse(readFileSync(join(root, name, 'package.json'), 'utf8')) as { version?: unknown };
    return typeof manifest.version === 'string' ? manifest.version : null;
  } catch {
    return null;
  }
}

/** What a toolchain needs of this program's packages, and whether all of it is there. */
export function findNodePackages(name: keyof typeof NEEDED): { packages: NodePackages | null; state: ToolchainState } {
  const needs = NEEDED[name];
  const root = nearestRoot();
  if (root === null)
    return { packages: null, state: { name, available: false, detail: 'vite is not installed beside this program' } };
  const missing = needs.filter((needed) => readVersion(root, needed) === null);
  if (missing.length > 0)
    return { packages: null, state: { name, available: false, detail: `not installed: ${missing.join(', ')}` } };
  const versions = needs.map((needed) => `${needed} ${readVersion(root, needed) ?? ''}`).join(', ');
  return {
    packages: { root, versionOf: (of) => readVersion(root, of) },
    state: { name, available: true, detail: versions },
  };
}
