import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkProjectFolder, MANIFEST_FILE, writeProject } from '../../../src/cli/project-folder.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'mge-out-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const bytes = (text: string) => new TextEncoder().encode(text);
const project = (files: Record<string, string>) => [
  ...Object.entries(files).map(([path, text]) => ({ path, bytes: bytes(text) })),
  { path: MANIFEST_FILE, bytes: bytes(JSON.stringify({ files: Object.keys(files).map((path) => ({ path })) })) },
];

describe('the folder of a project', () => {
  it('is written, and written again without what is no longer part of it', () => {
    writeProject(folder, project({ 'a/b.txt': 'one', 'old.txt': 'x' }));
    writeFileSync(join(folder, 'mine.txt'), 'kept');
    writeProject(folder, project({ 'a/b.txt': 'two' }));
    expect(readFileSync(join(folder, 'a/b.txt'), 'utf8')).toBe('two');
    expect(existsSync(join(folder, 'old.txt'))).toBe(false);
    expect(readFileSync(join(folder, 'mine.txt'), 'utf8')).toBe('kept');
  });

  it('is refused when it holds what no build wrote', () => {
    writeFileSync(join(folder, 'thesis.txt'), 'precious');
    expect(() => writeProject(folder, project({ 'a.txt': '1' }))).toThrow(/not written by mge build/);
    expect(existsSync(join(folder, 'a.txt'))).toBe(false);
  });

  it('keeps what a person changed since, unless told otherwise', () => {
    const files = { 'a.txt': 'one' };
    const hashed = (text: string) => createHash('sha256').update(text).digest('hex');
    const build = [
      { path: 'a.txt', bytes: bytes('one') },
      {
        path: MANIFEST_FILE,
        bytes: bytes(JSON.stringify({ files: [{ path: 'a.txt', sha256: hashed(files['a.txt']) }] })),
      },
    ];
    writeProject(folder, build);
    writeProject(folder, build);
    writeFileSync(join(folder, 'a.txt'), 'mine');
    expect(() => writeProject(folder, build)).toThrow(/changed since.*a\.txt.*--force/);
    expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('mine');
    writeProject(folder, build, true);
    expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('one');
  });

  it('is refused in a word where it cannot be one', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => checkProjectFolder(join(folder, 'file'))).toThrow(/is a file/);
    expect(() => checkProjectFolder(join(folder, 'file', 'below'))).toThrow(/is a file/);
    expect(() => checkProjectFolder('/proc/nope')).toThrow(/cannot be written/);
  });

  it.each(['../evil.txt', 'a/../../evil.txt', '/etc/evil'])('is never left by a file such as %s', (path) => {
    expect(() => writeProject(folder, project({ [path]: 'x' }))).toThrow(/outside/);
  });
});
