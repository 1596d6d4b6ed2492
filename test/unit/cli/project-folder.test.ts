import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MANIFEST_FILE, writeProject } from '../../../src/cli/project-folder.ts';

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

  it.each(['../evil.txt', 'a/../../evil.txt', '/etc/evil'])('is never left by a file such as %s', (path) => {
    expect(() => writeProject(folder, project({ [path]: 'x' }))).toThrow(/outside/);
  });
});
