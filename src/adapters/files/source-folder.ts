/** Reads the sources of a folder, the way a person would mean it: what Git ignores, binaries and installed packages are left out. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { MgeError, type SourceFile } from '../../domain/index.ts';
import { languageOf } from '../parser/index.ts';

/** Folders that hold no sources of the project, whatever .gitignore says. */
const SKIPPED = new Set(['.git', '.hg', '.svn', 'node_modules', '__pycache__', '.venv', 'venv', '.tox', '.mypy_cache']);
const PROBED_BYTES = 8_000;

export interface ReadFolderOptions {
  /** Files larger than this many bytes are left out; default 4 MiB. */
  readonly maxFileBytes?: number;
}

interface Rule {
  readonly folder: string;
  readonly rules: Ignore;
}

/**
 * All text files below `path` (or the file itself), sorted by path; paths are relative to `path` and `/`-separated.
 * @throws {MgeError} NOT_FOUND when there is nothing at `path`.
 */
export async function readSourceFolder(path: string, options: ReadFolderOptions = {}): Promise<SourceFile[]> {
  const limit = options.maxFileBytes ?? 4 * 1024 * 1024;
  const root = await stat(path).catch(() => undefined);
  if (root === undefined) throw new MgeError('NOT_FOUND', `There is no file or folder ${path}.`);
  if (root.isFile()) {
    const bytes = await readFile(path);
    const name = path.split(sep).at(-1) ?? path;
    return [{ path: name, language: languageOf(name, bytes.subarray(0, 256)), bytes }];
  }
  const files: SourceFile[] = [];
  await readInto(files, path, path, [], limit);
  return files.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

async function readInto(
  files: SourceFile[],
  root: string,
  folder: string,
  above: readonly Rule[],
  limit: number,
): Promise<void> {
  const own = await readFile(join(folder, '.gitignore'), 'utf8').catch(() => undefined);
  const rules = own === undefined ? above : [...above, { folder, rules: ignore().add(own) }];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const full = join(folder, entry.name);
    const ignored = rules.some((rule) => {
      const name = relative(rule.folder, full).split(sep).join('/');
      return rule.rules.ignores(entry.isDirectory() ? `${name}/` : name);
    });
    if (ignored) continue;
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name)) await readInto(files, root, full, rules, limit);
    } else if (entry.isFile()) {
      const bytes = await readFile(full);
      if (bytes.length > limit || isBinary(bytes)) continue;
      const path = relative(root, full).split(sep).join('/');
      files.push({ path, language: languageOf(path, bytes.subarray(0, 256)), bytes });
    }
  }
}

/** NUL in the first bytes, but for UTF-16, which a byte order mark announces. */
function isBinary(bytes: Uint8Array): boolean {
  const mark = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  if (mark === 0xfffe || mark === 0xfeff) return false;
  return bytes.subarray(0, PROBED_BYTES).includes(0);
}
