import { chmodSync, closeSync, cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logTail, openDataFolder, openLog } from '../../../src/adapters/embedded/data-folder.ts';
import { keeperAddress } from '../../../src/adapters/embedded/keeper-protocol.ts';
import { isReachable } from '../../../src/adapters/embedded/os-user.ts';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'mge-folder-'));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

describe('the data folder', () => {
  it('makes passwords once and keeps them to the owner', () => {
    const first = openDataFolder(join(parent, 'a', 'b'));
    expect(openDataFolder(join(parent, 'a', 'b'))).toEqual(first);
    expect(first.databasePassword).toMatch(/^[0-9a-f]{48}$/);
    expect(first.redisPassword).not.toBe(first.databasePassword);
    expect(statSync(join(first.root, 'embedded.json')).mode & 0o777).toBe(0o600);
  });

  it('has another lock than its own copy at another place', () => {
    const first = openDataFolder(join(parent, 'a'));
    cpSync(join(parent, 'a'), join(parent, 'b'), { recursive: true });
    const copy = openDataFolder(join(parent, 'b'));
    expect(copy.databasePassword).toBe(first.databasePassword);
    expect(keeperAddress(copy)).not.toBe(keeperAddress(first));
  });

  it('refuses a damaged file of passwords instead of making new ones', () => {
    const { root } = openDataFolder(parent);
    writeFileSync(join(root, 'embedded.json'), '{}');
    expect(() => openDataFolder(parent)).toThrow(/damaged/);
    expect(readFileSync(join(root, 'embedded.json'), 'utf8')).toBe('{}');
  });

  it('moves a log away that has grown, and reads the end of one', () => {
    const folder = openDataFolder(parent);
    const path = join(folder.root, 'logs', 'trial.log');
    writeFileSync(path, `${'x'.repeat(9 * 1024 * 1024)}\nlast`);
    expect(logTail(folder, 'trial', 1)).toBe('last');
    closeSync(openLog(folder, 'trial'));
    expect(statSync(path).size).toBe(0);
    expect(statSync(`${path}.1`).size).toBeGreaterThan(9 * 1024 * 1024);
  });
});

describe('isReachable', () => {
  it('looks at every folder on the way', () => {
    const { uid, gid } = statSync(parent);
    const [owner, group, other] = [
      { name: 'owner', uid, gid: 12_345 },
      { name: 'group', uid: 12_345, gid },
      { name: 'other', uid: 12_345, gid: 12_345 },
    ];
    const folder = openDataFolder(join(parent, 'data')).root;
    const reach = () => [owner, group, other].map((user) => isReachable(folder, user));
    chmodSync(folder, 0o755);
    chmodSync(parent, 0o700);
    expect(reach()).toEqual([true, false, false]);
    chmodSync(parent, 0o710);
    expect(reach()).toEqual([true, true, false]);
    chmodSync(parent, 0o755);
    expect(reach()).toEqual([true, true, true]);
  });
});
