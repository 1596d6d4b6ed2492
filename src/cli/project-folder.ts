import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { MgeError } from '../domain/index.ts';

export const MANIFEST_FILE = 'mge-manifest.json';

export interface ProjectFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Paths that an earlier build wrote to the folder, from its manifest; null when the folder was not written by a build. */
function writtenBefore(folder: string): string[] | null {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, MANIFEST_FILE), 'utf8')) as { files?: { path?: unknown }[] };
    return (manifest.files ?? []).flatMap((file) => (typeof file.path === 'string' ? [file.path] : []));
  } catch {
    return null;
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

/**
 * Makes sure that a build may write to the folder, before any work is done.
 * @throws {MgeError} CONFLICT when it holds something that no build wrote.
 */
export function checkProjectFolder(folder: string): void {
  if (!existsSync(folder) || readdirSync(folder).length === 0 || writtenBefore(folder) !== null) return;
  throw new MgeError(
    'CONFLICT',
    `${folder} is not empty and was not written by mge build; name another folder with --out, or empty this one`,
  );
}

/** Writes the project. Files of an earlier build that are no longer part of it are removed; anything else in the folder stays. */
export function writeProject(folder: string, files: readonly ProjectFile[]): void {
  checkProjectFolder(folder);
  const now = new Set(files.map((file) => file.path));
  for (const old of writtenBefore(folder) ?? []) if (!now.has(old)) rmSync(inside(folder, old), { force: true });
  // The manifest last: while it is missing or old, the folder is not a finished build.
  const ordered = [...files].sort((a, b) => Number(a.path === MANIFEST_FILE) - Number(b.path === MANIFEST_FILE));
  for (const file of ordered) {
    const full = inside(folder, file.path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, file.bytes);
  }
}
