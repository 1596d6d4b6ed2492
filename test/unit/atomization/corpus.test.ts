/** Sources that others wrote: those inside node_modules and, where it is installed, Python's standard library. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { languageOf, type SourceParser } from '../../../src/adapters/parser/index.ts';
import { atomizeInThread, isLossless, reportOn, type AtomizedFile } from '../../../src/atomization/index.ts';
import type { SourceFile } from '../../../src/domain/index.ts';
import { sharedParser } from './support.ts';

const MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url));

const listings = new Map<string, string[]>();

/** All files under a folder, sorted; read once. */
function listing(root: string): string[] {
  const known = listings.get(root);
  if (known !== undefined) return known;
  const found: string[] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !entry.name.startsWith('.')) walk(path);
      else if (entry.isFile()) found.push(path);
    }
  };
  walk(root);
  listings.set(root, found.sort());
  return found;
}

/** Up to `count` files with one of the endings, spread evenly over a folder. */
function sample(root: string, endings: readonly string[], count: number): SourceFile[] {
  const found = listing(root).filter((path) => endings.some((ending) => path.endsWith(ending)));
  const step = Math.max(1, Math.floor(found.length / count));
  return found
    .filter((_, i) => i % step === 0)
    .slice(0, count)
    .map((path) => ({ path, bytes: readFileSync(path) }))
    .filter(({ bytes }) => bytes.length < 200_000)
    .map(({ path, bytes }) => ({ path, bytes, language: languageOf(path, bytes) }));
}

describe('sources of others', () => {
  let parser: SourceParser;
  beforeAll(async () => {
    parser = await sharedParser();
  });

  function cut(sources: readonly SourceFile[]): AtomizedFile[] {
    return sources.map((source) => {
      const file = atomizeInThread(parser, source);
      expect(isLossless(source, file), source.path).toBe(true);
      for (const atom of file.atoms)
        if (atom.loc > 15) expect(atom.oversize, `${source.path}:${String(atom.range.startLine)}`).not.toBeNull();
      return file;
    });
  }

  it.each([['.ts'], ['.js'], ['.json'], ['.md'], ['.css'], ['.wat', '.wasm', '.png', '.map']])(
    '%s files of node_modules lose nothing',
    (...endings) => {
      const sources = sample(MODULES, endings, 60);
      cut(sources);
    },
  );

  it('TypeScript of packages falls into atoms of the right size', () => {
    const sources = sample(MODULES, ['.ts'], 400).filter(({ path }) => !path.endsWith('.d.ts'));
    const report = reportOn(cut(sources));
    expect(sources.length).toBeGreaterThan(20);
    expect(report.withinLimits).toBeGreaterThan(0.95);
    expect(report.loc.median).toBeGreaterThanOrEqual(9);
    expect(report.loc.median).toBeLessThanOrEqual(12);
  });

  it.skipIf(!existsSync('/usr/lib/python3.11'))(
    'the standard library of Python falls into atoms of the right size',
    () => {
      const report = reportOn(cut(sample('/usr/lib/python3.11', ['.py'], 60)));
      expect(report.withinLimits).toBeGreaterThan(0.95);
      expect(report.loc.median).toBeGreaterThanOrEqual(9);
      expect(report.loc.median).toBeLessThanOrEqual(12);
    },
  );
});
