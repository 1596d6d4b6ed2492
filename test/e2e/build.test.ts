import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mge, type ProgramResult } from '../support/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'mge-build-'));
const dataDir = mkdtempSync(join(tmpdir(), 'mge-build-data-'));
const env = { MGE_DATA_DIR: dataDir, LOG_LEVEL: 'warn' };
const REQUEST = 'Book library with authors and loans';
let first: ProgramResult;

interface Manifest {
  provider: string;
  files: { path: string; sha256: string }[];
}

const manifestOf = (project: string) =>
  JSON.parse(readFileSync(join(project, 'mge-manifest.json'), 'utf8')) as Manifest;

/** Every file below a folder with its bytes' hash. */
function hashes(root: string): Record<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(root.length + 1), createHash('sha256').update(readFileSync(path)).digest('hex')];
    }),
  );
}

beforeAll(async () => {
  first = await mge(['build', REQUEST, '--out', join(folder, 'one')], env);
}, 280_000);
afterAll(() => [folder, dataDir].forEach((path) => rmSync(path, { recursive: true, force: true })));

describe('mge build', () => {
  it('ends with the project in place and a summary of how it came about', () => {
    expect(first.stderr).toBe('');
    expect(first.code).toBe(0);
    for (const word of ['atoms', 'waves', 'attempts', 'precision', 'cost', 'blueprint'])
      expect(first.stdout).toContain(word);
    expect(existsSync(join(folder, 'one', 'backend'))).toBe(true);
    expect(existsSync(join(folder, 'one', 'frontend', 'package.json'))).toBe(true);
  });

  it('lists every file with the hash it has', () => {
    const actual = hashes(join(folder, 'one'));
    const listed = Object.fromEntries(manifestOf(join(folder, 'one')).files.map((file) => [file.path, file.sha256]));
    delete actual['mge-manifest.json'];
    expect(listed).toEqual(actual);
  });

  it('gives the same bytes the second time', async () => {
    const again = await mge(['build', REQUEST, '--out', join(folder, 'two')], env);
    expect(again.code).toBe(0);
    expect(hashes(join(folder, 'two'))).toEqual(hashes(join(folder, 'one')));
  });

  it('refuses a folder with somebody else’s files before it does any work', async () => {
    const mine = mkdtempSync(join(folder, 'mine-'));
    writeFileSync(join(mine, 'thesis.txt'), 'precious');
    const refused = await mge(['build', REQUEST, '--out', mine], env);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/not written by mge build/);
    expect(readdirSync(mine)).toEqual(['thesis.txt']);
  });

  it('refuses what it cannot build, saying what it can', async () => {
    const refused = await mge(['build', 'A 3D game engine in Rust with Vulkan', '--out', join(folder, 'three')], env);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/FastAPI/);
    expect(existsSync(join(folder, 'three'))).toBe(false);
  });

  it('ends with 2 on wrong usage and 78 on a wrong configuration', async () => {
    expect((await mge(['build', REQUEST], env)).code).toBe(2);
    const wrong = await mge(['token', '--sub', 'x'], { ...env, PORT: 'eighty', DATABASE_URL: 'mysql://x' });
    expect(wrong.code).toBe(78);
    expect(wrong.stderr).toMatch(/PORT/);
    expect(wrong.stderr).toMatch(/DATABASE_URL/);
  });
});
