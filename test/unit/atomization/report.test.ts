import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ATOMIZE_LIMITS,
  atomizePath,
  createAtomizer,
  isLossless,
  readSources,
  type Atomizer,
} from '../../../src/atomization/index.ts';
import { MgeError } from '../../../src/domain/index.ts';
import { atomize, fileOf, lines } from './support.ts';

describe('atomizePath', () => {
  let folder: string;
  let atomizer: Atomizer;
  beforeAll(async () => {
    atomizer = createAtomizer({ threads: 2 });
    folder = await mkdtemp(join(tmpdir(), 'mge-report-'));
    const write = async (path: string, content: string | Buffer): Promise<void> => {
      await mkdir(join(folder, path, '..'), { recursive: true });
      await writeFile(join(folder, path), content);
    };
    await write('.gitignore', 'build/\n*.log\n!keep.log\n');
    await write(
      'src/a.py',
      lines(40, (i) => `value_${String(i)} = ${String(i)}`),
    );
    await write('src/.gitignore', 'secret.py\n');
    await write('src/secret.py', 'x = 1\n');
    await write('src/broken.py', 'def f(:\n');
    await write('build/out.py', 'x = 1\n');
    await write('a.log', 'x\n');
    await write('keep.log', 'x\n');
    await write('node_modules/m/index.js', 'x();\n');
    await write('image.bin', Buffer.from([0x89, 0x50, 0, 1, 2, 3, 0x0d]));
  });
  afterAll(async () => {
    await atomizer.close();
    await rm(folder, { recursive: true });
  });

  it('leaves out what .gitignore and reason leave out', async () => {
    const { files, skipped } = await readSources(folder);
    expect(files.map((file) => file.path)).toEqual([
      '.gitignore',
      'keep.log',
      'src/.gitignore',
      'src/a.py',
      'src/broken.py',
    ]);
    expect(skipped).toEqual([{ path: 'image.bin', reason: 'not text' }]);
  });

  it('counts, measures and checks', async () => {
    const report = await atomizePath(atomizer, folder, { check: true, worst: 1 });
    expect(report).toMatchObject({ files: 5, lossy: [], loc: { max: 10 } });
    expect(report.histogram.reduce((sum, n) => sum + n, 0)).toBe(report.atoms);
    expect(report.histogram[10]).toBe(4);
    expect(report.byLanguage['python']).toMatchObject({ files: 2, atoms: 5 });
    expect(report.worst).toMatchObject([{ file: 'src/broken.py' }]);
    expect(report.syntaxErrors).toMatchObject([{ file: 'src/broken.py', startLine: 1 }]);
  });

  it('takes a single file', async () => {
    expect(await atomizePath(atomizer, join(folder, 'src/a.py'))).toMatchObject({ files: 1, atoms: 4 });
  });

  it('says that there is nothing', async () => {
    await expect(atomizePath(atomizer, join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('answers in the order of the files, from several threads', async () => {
    const files = Array.from({ length: 30 }, (_, i) =>
      fileOf(
        `f${String(i)}.py`,
        lines(2000, (n) => `value_${String(n)} = ${String(i)}`),
      ),
    );
    const done: number[] = [];
    const result = await atomizer.atomize(files, { onProgress: (count) => done.push(count) });
    expect(result.map((file) => file.path)).toEqual(files.map((file) => file.path));
    expect(done.at(-1)).toBe(30);
    expect([...done].sort((a, b) => a - b)).toEqual(done);
  });

  it('refuses too much at once before it begins', async () => {
    const large = { path: 'a.py', language: 'python', bytes: new Uint8Array(ATOMIZE_LIMITS.fileBytes + 1) };
    await expect(atomizer.atomize([large])).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
    const closed = createAtomizer({ threads: 1 });
    await closed.close();
    await expect(closed.atomize([])).rejects.toBeInstanceOf(MgeError);
  });
});

describe('isLossless', () => {
  it('sees a missing byte', async () => {
    const source = fileOf('a.py', 'a = 1\nb = 2\n');
    const file = await atomize('a.py', 'a = 1\nb = 2\n');
    expect(isLossless(source, file)).toBe(true);
    expect(isLossless(fileOf('a.py', 'a = 1\nb = 2\nc'), file)).toBe(false);
    expect(isLossless(source, { ...file, atoms: file.atoms.slice(1) })).toBe(false);
  });
});
