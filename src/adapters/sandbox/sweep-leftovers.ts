import { lstat, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Folders that runs make in the temporary folder and remove when they end. */
const OURS = /^mge-(?:sandbox|runs|probe|canary)-/;
/** No run takes as long: a folder as old was left by a process that was killed. */
const OLD_MS = 6 * 3_600_000;

/** Removes what killed processes left behind; gives how many folders. Those of other users, and links, are left alone. */
export async function sweepLeftovers(folder = tmpdir(), now = Date.now()): Promise<number> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => OURS.test(name));
  const removed = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      try {
        const stats = await lstat(path);
        if (!stats.isDirectory() || stats.uid !== process.getuid?.() || now - stats.mtimeMs < OLD_MS) return 0;
        await rm(path, { recursive: true, force: true });
        return 1;
      } catch {
        // Gone meanwhile, or not ours to remove.
        return 0;
      }
    }),
  );
  return removed.reduce<number>((sum, one) => sum + one, 0);
}
