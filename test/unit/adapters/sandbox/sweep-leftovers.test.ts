import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sweepLeftovers } from '../../../../src/adapters/sandbox/sweep-leftovers.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mge-sweep-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('removes old folders of runs, and nothing else', async () => {
  const old = new Date(Date.now() - 24 * 3_600_000);
  for (const name of ['mge-sandbox-old', 'mge-runs-old', 'mge-sandbox-new', 'somebody-else']) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'file'), 'x');
    if (!name.endsWith('new')) await utimes(join(folder, name), old, old);
  }
  await symlink(join(folder, 'somebody-else'), join(folder, 'mge-sandbox-link'));
  expect(await sweepLeftovers(folder)).toBe(2);
  expect((await readdir(folder)).sort()).toEqual(['mge-sandbox-link', 'mge-sandbox-new', 'somebody-else']);
});
