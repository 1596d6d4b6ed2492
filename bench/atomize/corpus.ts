import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { languageOf } from '../../src/adapters/parser/index.ts';
import type { SourceFile } from '../../src/domain/index.ts';

const SKIPPED_FOLDERS = new Set(['.git', '__pycache__', '.vite', '.cache']);

/** Files of the wanted languages under a folder, sorted by path. Declaration files of TypeScript say little and are left out. */
function* walk(root: string): Generator<string> {
  for (const entry of readdirSync(root, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name)) yield* walk(join(root, entry.name));
    else if (entry.isFile()) yield join(root, entry.name);
  }
}

const isWanted = (path: string, extensions: ReadonlySet<string>): boolean =>
  extensions.has(path.slice(path.lastIndexOf('.') + 1)) && !/\.d\.[cm]?ts$/.test(path);

export interface Corpus {
  readonly roots: readonly string[];
  readonly files: readonly SourceFile[];
}

/** Where sources lie on every development machine: the packages of this project and Debian's Python. */
export function defaultRoots(): string[] {
  const candidates = [
    fileURLToPath(new URL('../../node_modules', import.meta.url)),
    '/usr/lib/python3',
    '/usr/lib/python3.11',
  ];
  return candidates.filter((root) => statSync(root, { throwIfNoEntry: false })?.isDirectory() ?? false);
}

/** Reads files of the given extensions; the same content is taken once. `limit` per extension, evenly spread over the paths. */
export function readCorpus(roots: readonly string[], extensions: readonly string[], limit: number): Corpus {
  const wanted = new Set(extensions);
  const byExtension = new Map<string, SourceFile[]>();
  const seen = new Set<string>();
  for (const root of roots) {
    for (const path of walk(root)) {
      if (!isWanted(path, wanted)) continue;
      const bytes = readFileSync(path);
      const content = bytes.toString('latin1');
      if (seen.has(content)) continue;
      seen.add(content);
      const extension = path.slice(path.lastIndexOf('.') + 1);
      const files = byExtension.get(extension) ?? [];
      files.push({ path, language: languageOf(path, bytes.subarray(0, 256)), bytes });
      byExtension.set(extension, files);
    }
  }
  const spread = (files: SourceFile[]): SourceFile[] =>
    files.length <= limit
      ? files
      : Array.from({ length: limit }, (_, i) => files[Math.floor((i * files.length) / limit)] as SourceFile);
  return { roots, files: [...byExtension.values()].flatMap(spread) };
}

/** Paths of files of the given extensions, evenly spread up to `limit` per extension; nothing is read. */
export function listCorpus(roots: readonly string[], extensions: readonly string[], limit: number): string[] {
  return extensions.flatMap((extension) => {
    const paths = roots.flatMap((root) => [...walk(root)].filter((path) => isWanted(path, new Set([extension]))));
    const step = Math.max(1, paths.length / limit);
    return Array.from({ length: Math.min(limit, paths.length) }, (_, i) => paths[Math.floor(i * step)] as string);
  });
}
