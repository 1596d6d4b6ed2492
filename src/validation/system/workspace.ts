import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import type { SourceFile } from '../../domain/index.ts';

/** A folder of the host that holds the files of one project while it is checked. Nothing in it is run on the host. */
export interface Workspace {
  readonly folder: string;
  /** Makes a link inside the project; `target` is a path of the sandbox. */
  link(path: string, target: string): Promise<void>;
  remove(): Promise<void>;
}

/** The path inside the project, or null for one that leaves it or that the checks keep for themselves. */
function insidePath(path: string): string | null {
  const normal = posix.normalize(path);
  if (path.includes('\0') || posix.isAbsolute(normal) || normal === '..' || normal.startsWith('../')) return null;
  return normal.split('/').includes('node_modules') ? null : normal;
}

/**
 * Writes a project to a temporary folder.
 * @throws {TypeError} for a path that leaves the project; nothing is left behind then.
 */
export async function openWorkspace(files: readonly SourceFile[]): Promise<Workspace> {
  const folder = await mkdtemp(join(tmpdir(), 'mge-project-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    for (const file of files) {
      const inside = insidePath(file.path);
      if (inside === null) throw new TypeError(`"${file.path}" is not a path inside a project`);
      const target = join(folder, inside);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, file.bytes);
    }
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    folder,
    remove,
    link: async (path, target) => {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await symlink(target, join(folder, path));
    },
  };
}
