import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { MgeError } from '../domain/index.ts';

export const MANIFEST_FILE = 'mge-manifest.json';

export interface ProjectFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

interface Written {
  readonly path: string;
  readonly sha256: string | null;
}

/** What an earlier build wrote to the folder, from its manifest; null when the folder was not written by a build. */
function writtenBefore(folder: string): Written[] | null {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, MANIFEST_FILE), 'utf8')) as {
      files?: { path?: unknown; sha256?: unknown }[];
    };
    return (manifest.files ?? []).flatMap(({ path, sha256 }) =>
      typeof path === 'string' ? [{ path, sha256: typeof sha256 === 'string' ? sha256 : null }] : [],
    );
  } catch {
    return null;
  }
}

/** True when a file is there and is no longer what the earlier build wrote. */
function wasChanged(folder: string, { path, sha256 }: Written): boolean {
  const full = inside(folder, path);
  if (sha256 === null || !existsSync(full)) return false;
  return createHash('sha256').update(readFileSync(full)).digest('hex') !== sha256;
}

/** The folder itself, or the nearest one above it that exists. */
function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(dirname(folder));
}

/** Tries it: rights, read-only file systems and pseudo file systems all show in one way. */
function checkWritable(folder: string): void {
  const existing = nearestExisting(folder);
  if (!statSync(existing).isDirectory())
    throw new MgeError(
      'CONFLICT',
      `${existing} is a file, so ${folder} cannot be the folder of a project; name another with --out`,
    );
  try {
    rmdirSync(mkdtempSync(join(existing, '.mge-')));
  } catch (error) {
    throw new MgeError(
      'CONFLICT',
      `${folder} cannot be written (${(error as Error).message}); name another folder with --out`,
    );
  }
}

/** The absolute path of a project file; a path that leaves the folder is refused, wherever it came from. */
function inside(folder: string, path: string): string {
  const full = resolve(folder, path);
  const way = relative(folder, full);
  if (way === '' || way.startsWith(`..${sep}`) || way === '..' || resolve(way) === way)
    throw new MgeError('VALIDATION_FAILED', `the file "${path}" would be written outside of ${folder}`);
  return full;
}

/** Files that are named in a refusal; further ones are counted. */
const NAMED = 5;

/**
 * Makes sure that a build may write to the folder, before any work is done.
 * @param force lets files that were changed since an earlier build be overwritten.
 * @throws {MgeError} CONFLICT when it cannot be written, holds something that no build wrote, or files that were changed since.
 */
export function checkProjectFolder(folder: string, force = false): void {
  checkWritable(folder);
  if (!existsSync(folder) || readdirSync(folder).length === 0) return;
  const written = writtenBefore(folder);
  if (written === null)
    throw new MgeError(
      'CONFLICT',
      `${folder} is not empty and was not written by mge build; name another folder with --out, or empty this one`,
    );
  const changed = force ? [] : written.filter((file) => wasChanged(folder, file)).map((file) => file.path);
  if (changed.length === 0) return;
  const named =
    changed.slice(0, NAMED).join(', ') + (changed.length > NAMED ? ` and ${changed.length - NAMED} more` : '');
  throw new MgeError(
    'CONFLICT',
    `files of ${folder} were changed since they were built: ${named}; name another folder with --out, or overwrite them with --force`,
  );
}

/** Writes the project. Files of an earlier build that are no longer part of it are removed; anything else in the folder stays. */
export function writeProject(folder: string, files: readonly ProjectFile[], force = false): void {
  checkProjectFolder(folder, force);
  const now = new Set(files.map((file) => file.path));
  for (const old of writtenBefore(folder) ?? [])
    if (!now.has(old.path)) rmSync(inside(folder, old.path), { force: true });
  // The manifest last: while it is missing or old, the folder is not a finished build.
  const ordered = [...files].sort((a, b) => Number(a.path === MANIFEST_FILE) - Number(b.path === MANIFEST_FILE));
  for (const file of ordered) {
    const full = inside(folder, file.path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, file.bytes);
  }
}
