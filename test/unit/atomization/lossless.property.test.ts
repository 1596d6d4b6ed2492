import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { LANGUAGE_IDS, type SourceParser } from '../../../src/adapters/parser/index.ts';
import { atomizeInThread, isLossless, type AtomizedFile } from '../../../src/atomization/index.ts';
import type { SourceFile } from '../../../src/domain/index.ts';
import { sharedParser } from './support.ts';

const SOURCE = readFileSync(fileURLToPath(new URL('../../../src/atomization/pool.ts', import.meta.url)), 'utf8');
const PYTHON =
  'import os\n\n\nclass A(B):\n    """Doc."""\n\n    @property\n    def x(self):\n        return {\n            "a": [1, 2],\n        }\n\n\nif A:\n    pass\nelse:\n    raise E("x")\n';

const language = fc.constantFrom(...LANGUAGE_IDS);
const fragment = fc.constantFrom(
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  '"',
  "'",
  '`',
  '"""',
  '/*',
  '*/',
  '//',
  '#',
  '\n',
  '\r',
  '\r\n',
  '\t',
  '    ',
  ';',
  ',',
  ':',
  '=>',
  'def f():',
  'class A {',
  'if (a) {',
  'else',
  'return',
  'import a',
  'export',
  '<div>',
  '</div>',
  '<<EOF',
  'EOF',
  '$$',
  '\\',
  '\0',
  '\ufeff',
  'é',
  '😀',
  '\ud83d',
  'SELECT 1',
  '- item',
  '# head',
  '```',
  'key: value',
  'case 1:',
  '@dec',
  'async',
  'lambda x: x',
  '&&',
  '||',
  '...',
);
const soup = fc.array(fragment, { maxLength: 120 }).map((parts) => parts.join(''));
const edited = fc
  .tuple(
    fc.constantFrom(SOURCE, PYTHON.repeat(6)),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 40 }), fragment), { maxLength: 6 }),
  )
  .map(([text, edits]) =>
    edits.reduce(
      (now, [at, drop, insert]) => now.slice(0, at % now.length) + insert + now.slice((at % now.length) + drop),
      text,
    ),
  );
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc.oneof(soup, edited).map((text) => new Uint8Array(Buffer.from(text))),
  soup.map((text) => new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'))),
  soup.map((text) => new Uint8Array(Buffer.from(text, 'latin1'))),
);

describe('any file in any language', () => {
  let parser: SourceParser;
  beforeAll(async () => {
    parser = await sharedParser();
  });

  const cut = (id: string, content: Uint8Array): [SourceFile, AtomizedFile] => {
    const source: SourceFile = { path: 'file', language: id, bytes: content };
    return [source, atomizeInThread(parser, source)];
  };

  it('is tiled by its atoms', () => {
    fc.assert(
      fc.property(language, bytes, (id, content) => {
        const [source, file] = cut(id, content);
        expect(isLossless(source, file)).toBe(true);
        const joined = Buffer.concat(file.atoms.map(({ range }) => content.subarray(range.startByte, range.endByte)));
        expect(joined.equals(Buffer.from(content))).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it('has atoms that are what they say', () => {
    fc.assert(
      fc.property(language, bytes, (id, content) => {
        const [, file] = cut(id, content);
        file.atoms.forEach((atom, i) => {
          expect(atom.ordinal).toBe(i);
          expect(atom.name).not.toBe('');
          expect(atom.complexity).toBeGreaterThanOrEqual(1);
          expect(atom.parentOrdinal === null || atom.parentOrdinal < i).toBe(true);
          expect(atom.range.startLine).toBeLessThanOrEqual(atom.range.endLine);
          // Larger than the limit only with the reason.
          if (atom.loc > 15) expect(atom.oversize).not.toBeNull();
          const { completeness, completeness_score: score } = atom.context;
          expect(Math.round(100 * completeness.reduce((sum, part) => sum + part.score, 0))).toBe(
            Math.round(100 * score),
          );
          expect(Number.isInteger(Math.round(atom.atomicityScore * 1e6) / 1e4)).toBe(true);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('gives the same atoms every time', () => {
    fc.assert(
      fc.property(language, bytes, (id, content) => {
        expect(cut(id, content)[1]).toEqual(cut(id, content)[1]);
      }),
      { numRuns: 60 },
    );
  });
});
