/** Reads the sources of a folder, leaving out what .gitignore leaves out. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { languageOf } from '../adapters/parser/index.ts';
import { MgeError, type SourceFile } from '../domain/index.ts';
import { ATOMIZE_LIMITS } from './pool.ts';

/** Folders that hold no sources of the project, whatever .gitignore says. */
const NEVER = new Set(['.git', 'node_modules', '__pycache__', '.venv', 'venv', '.tox', '.mypy_cache', '.pytest_cache']);

/** Bytes looked at to tell text from other files. */
const HEAD = 8_000;

interface Rules {
  /** Folder of the .gitignore, relative to the root; patterns are relative to it. */
  readonly base: string;
  readonly matcher: Ignore;
}

export interface FolderSources {
  readonly files: readonly SourceFile[];
  /** Files that were left out, with the reason. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
}

const slashed = (path: string): string => (sep === '/' ? path : path.split(sep).join('/'));

function isIgnored(path: string, isFolder: boolean, rules: readonly Rules[]): boolean {
  let ignored = false;
  for (const { base, matcher } of rules) {
    const inside = base === '' ? path : path.slice(base.length + 1);
    const verdict = matcher.test(isFolder ? `${inside}/` : inside);
    if (verdict.ignored) ignored = true;
    if (verdict.unignored) ignored = false;
  }
  return ignored;
}

/** A NUL byte in the beginning means that a file is no text, unless the text is UTF-16. */
function isBinary(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, HEAD);
  if (!head.includes(0)) return false;
  const utf16 = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  if (utf16) return false;
  let zeros = 0;
  for (const byte of head) if (byte === 0) zeros++;
  return zeros < head.length * 0.3 || zeros > head.length * 0.6;
}

class Walker {
  readonly files: SourceFile[] = [];
  readonly skipped: { path: string; reason: string }[] = [];
  private readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  async folder(folder: string, rules: readonly Rules[]): Promise<void> {
    const entries = await readdir(folder, { withFileTypes: true });
    const base = slashed(relative(this.root, folder));
    const own = entries.some((entry) => entry.name === '.gitignore')
      ? [...rules, { base, matcher: ignore().add(await readFile(join(folder, '.gitignore'), 'utf8')) }]
      : rules;
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = base === '' ? entry.name : `${base}/${entry.name}`;
      if (entry.isDirectory() && NEVER.has(entry.name)) continue;
      if (isIgnored(path, entry.isDirectory(), own)) continue;
      if (entry.isDirectory()) await this.folder(join(folder, entry.name), own);
      else if (entry.isFile()) await this.file(path);
    }
  }

  async file(path: string): Promise<void> {
    const full = join(this.root, path);
    const { size } = await stat(full);
    if (size > ATOMIZE_LIMITS.fileBytes) {
      this.skipped.push({ path, reason: `larger than ${String(ATOMIZE_LIMITS.fileBytes)} bytes` });
      return;
    }
    const bytes = await readFile(full);
    if (isBinary(bytes)) this.skipped.push({ path, reason: 'not text' });
    else this.files.push({ path, language: languageOf(path, bytes.subarray(0, 256)), bytes });
  }
}

/**
 * The sources under a folder, or the one file that `path` names; paths are relative and `/`-separated.
 * @throws {MgeError} NOT_FOUND when there is nothing at `path`.
 */
export async function readSources(path: string): Promise<FolderSources> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new MgeError('NOT_FOUND', `There is nothing at ${path}.`);
  const walker = new Walker(found.isDirectory() ? path : join(path, '..'));
  if (found.isDirectory()) await walker.folder(path, []);
  else await walker.file(basename(path));
  return { files: walker.files, skipped: walker.skipped };
}
