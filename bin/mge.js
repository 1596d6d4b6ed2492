#!/usr/bin/env node
import { existsSync } from 'node:fs';

const entry = new URL('../dist/cli/main.js', import.meta.url);
if (!existsSync(entry)) {
  process.stderr.write('mge: the compiled program is missing; run `npm run build` first.\n');
  process.exit(78);
}
await import(entry.href);
