import { describe, expect, it } from 'vitest';
import type { AtomizedFile } from '../../../src/atomization/index.ts';
import { atomizeInThread, isLossless } from '../../../src/atomization/index.ts';
import { atomize, fileOf, lines, sharedParser } from './support.ts';

const GOOD = (name: string): string =>
  `def ${name}():\n${lines(12, (i) => `    value_${String(i)} = ${String(i)}`)}\n\n`;

describe('any input', () => {
  it('makes one atom of nothing out of an empty file', async () => {
    for (const path of ['a.py', 'a.ts', 'a.sql', 'a.json', 'a.txt']) {
      const file = await atomize(path, '');
      expect(file.atoms).toMatchObject([{ loc: 0, range: { startByte: 0, endByte: 0 } }]);
    }
  });

  it('keeps a file without a final newline, with CR, CR LF, tabs, NUL and a mark', async () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const text = `\ufeff${GOOD('a')}${GOOD('b')}x = "\0\t"`.replaceAll('\n', end);
      const file = await atomize('a.py', text);
      expect(file.atoms.length).toBeGreaterThanOrEqual(2);
      expect(file.atoms[0]?.range.endLine).toBe(15);
    }
  });

  it.each(['latin1', 'utf16le'] as const)('cuts %s in the same places as UTF-8', async (encoding) => {
    const text = `${GOOD('a')}été = "é"\n${GOOD('b')}`;
    const mark = encoding === 'utf16le' ? '\ufeff' : '';
    const utf8 = await atomize('a.py', text);
    const other = await atomize('a.py', new Uint8Array(Buffer.from(mark + text, encoding)));
    expect(other.atoms.map((atom) => atom.startIndex)).toEqual(utf8.atoms.map((atom) => atom.startIndex));
    expect(other.encoding).toBe(encoding === 'latin1' ? 'latin1' : 'utf-16le');
  });

  it('counts bytes, positions and lines right behind emoji', async () => {
    const text = `${GOOD('a').replace('= 3', '= "😀é"')}${GOOD('b')}`;
    const file = await atomize('a.py', text);
    const second = file.atoms.find((atom) => atom.startIndex > 0);
    expect(second?.startIndex).toBe(text.indexOf('def b'));
    expect(second?.range).toMatchObject({
      startByte: Buffer.byteLength(text.slice(0, text.indexOf('def b'))),
      startLine: 16,
    });
  });

  it('cuts a minified line of 1 MB into pieces of about 2 KB, quickly', async () => {
    const source = fileOf('a.js', 'function f(a,b){return a+b}var x=f(1,2);'.repeat(25_000));
    const started = performance.now();
    const file = atomizeInThread(await sharedParser(), source);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(isLossless(source, file)).toBe(true);
    expect(Math.max(...file.atoms.map(({ range }) => range.endByte - range.startByte))).toBeLessThan(3_000);
  });

  it('survives nesting of 20,000 levels', async () => {
    for (const [open, close] of ['()', '[]', '{}'] as unknown as [string, string][]) {
      await atomize('a.js', `x = ${open.repeat(20_000)}${close.repeat(20_000)};\n${'y = 1;\n'.repeat(20)}`);
      await atomize('a.py', `x = ${open.repeat(20_000)}`);
    }
  });

  it('gives up on parsing when the budget is used and cuts by text rules', async () => {
    const source = fileOf('a.js', `${'f(a, [1, {b: c}]);\n'.repeat(20)}\n`.repeat(500));
    const file = atomizeInThread(await sharedParser(), source, { budgetMs: 0 });
    expect(isLossless(source, file)).toBe(true);
    expect(file.notes.join()).toMatch(/parsing took longer than 0 ms/);
    expect(Math.max(...file.atoms.map((atom) => atom.loc))).toBeLessThanOrEqual(15);
  });

  it('keeps a syntax error local: the damaged line is an atom, the rest is cut as usual', async () => {
    const file = await atomize('a.py', `${GOOD('a')}${GOOD('b')}x = = 3 )\n${GOOD('c')}${GOOD('d')}`);
    expect(file.syntaxErrors.length).toBeGreaterThan(0);
    const damaged = file.atoms.filter((atom) => atom.role === 'damaged');
    expect(damaged).toHaveLength(1);
    expect(damaged[0]).toMatchObject({ isAtomic: false, range: { startLine: 31 } });
    expect(file.atoms.filter((atom) => atom.role === 'declaration').map((atom) => atom.name)).toEqual([
      'a',
      'b',
      'c',
      'd',
    ]);
  });
});

describe('a second opinion', () => {
  it.each([
    ['type arguments of a tagged template', 'const q = sql<Row[]>`select 1`;\n'],
    ['export type *', "export type * from './a.js';\n"],
    ['variance of type parameters', 'interface A<\n  out Shape extends object = B,\n> {}\n'],
    ['abstract override', 'abstract class A extends B {\n  abstract override x: string;\n}\n'],
    ['accessor members', 'class A {\n  accessor x = 1;\n}\n'],
  ])('does not take %s for damage', async (_name, snippet) => {
    const file = await atomize('a.ts', `${snippet}export const a = 1;\n`);
    expect(file.syntaxErrors).toEqual([]);
    expect(file.atoms.some((atom) => atom.role === 'damaged')).toBe(false);
  });

  it.each([
    ['a bracket in running text', 'a.html', '<p>press > to go on</p>\n'],
    ['what a template engine puts in', 'a.html', '<a href="{{ url("x") }}">b</a>\n'],
    ['a space before important', 'a.css', 'p { top: 0 ! important; left: 1px; }\n'],
    ['an old way to speak to one browser', 'a.css', 'p { color: red; *zoom: 1; }\n'],
  ])('does not take %s for damage', async (_name, path, text) => {
    expect((await atomize(path, text)).syntaxErrors).toEqual([]);
  });

  const severityOf = (file: AtomizedFile) =>
    file.atoms.flatMap(({ violations }) => violations).find(({ name }) => name === 'sound syntax')?.severity;

  it('says that it is not sure where only the grammar stumbles, and does not make the code invalid', async () => {
    const file = await atomize('a.rb', 'def a\n  1 +\nend\n');
    expect(file.syntaxErrors[0]).toMatchObject({ certain: false });
    expect(file.syntaxErrors[0]?.message).toContain('not sure');
    expect(severityOf(file)).toBe('warning');
  });

  it.each([
    ['a.ts', 'const a = ;\n'],
    ['a.json', '{ "a": }\n'],
  ])('is sure where the parser of the language refuses %s', async (path, text) => {
    const file = await atomize(path, text);
    expect(file.syntaxErrors[0]).toMatchObject({ certain: true });
    expect(severityOf(file)).toBe('critical');
  });

  it('leaves JSON with comments and commas at the end to those who read it', async () => {
    expect((await atomize('a.json', '{ "a": [1, 2,], }\n')).syntaxErrors.every(({ certain }) => !certain)).toBe(true);
  });

  it('still finds what the language itself refuses', async () => {
    const file = await atomize('a.ts', 'const a = ;\nexport const b = sql<T>`x`;\n');
    expect(file.syntaxErrors).toMatchObject([{ startLine: 1 }]);
  });
});
