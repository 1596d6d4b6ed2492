import { createRequire } from 'node:module';
import type * as Ruff from '@astral-sh/ruff-wasm-nodejs';
import { baselineCode } from '../../adapters/wasm/baseline-code.ts';
import { LINE_WIDTH } from './layout.ts';

const require = createRequire(import.meta.url);

const sparing = baselineCode();

let workspace: Ruff.Workspace | null = null;

/** Python as ruff (and black) would leave it, imports sorted by hand. Loads the formatter (half a second) at the first call: in a thread. */
export function formatPython(source: string): string {
  return sparing(() => formatted(source));
}

function formatted(source: string): string {
  if (workspace === null) {
    const { Workspace, PositionEncoding } = require('@astral-sh/ruff-wasm-nodejs') as typeof Ruff;
    workspace = new Workspace({ 'line-length': LINE_WIDTH }, PositionEncoding.Utf16);
  }
  return workspace.format(source);
}
