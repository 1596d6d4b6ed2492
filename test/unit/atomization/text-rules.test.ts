import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openParser, type SourceParser } from '../../../src/adapters/parser/index.ts';
import { atomizeInThread, isLossless } from '../../../src/atomization/index.ts';

let parser: SourceParser;
beforeAll(async () => {
  parser = await openParser();
});
afterAll(() => parser.close());

function pieces(language: string, text: string): string[] {
  const file = { path: `a.${language}`, language, bytes: Buffer.from(text) };
  const atomized = atomizeInThread(parser, file);
  expect(isLossless(file, atomized)).toBe(true);
  return atomized.atoms.map(({ startIndex, endIndex }) => text.slice(startIndex, endIndex));
}

/** Units that fit into an atom and are not whole in one. */
const cutAmong = (units: readonly string[], atoms: readonly string[]): string[] =>
  units.filter((unit) => !atoms.some((atom) => atom.includes(unit)));

const TABLES = Array.from(
  { length: 6 },
  (_, i) => `CREATE TABLE t${i} (\n  id int,\n\n  name text DEFAULT 'a;\n\nb'\n);`,
);

const SQL = [
  ...TABLES,
  'CREATE FUNCTION f() RETURNS int AS $$\nBEGIN\n  SELECT 1;\n\n  RETURN 2;\nEND;\n$$ LANGUAGE plpgsql;',
  'CREATE TRIGGER x AFTER INSERT ON a\nBEGIN\n  UPDATE b SET c = 1;\n\n  DELETE FROM d;\nEND;',
  'create procedure p()\nbegin\n  if a then\n    select case a when 1 then 2 end;\n\n  end if;\n  case b when 1 then select 1; end case;\n  delete from e;\nend;',
  'CREATE TRIGGER y AFTER INSERT ON a EXECUTE FUNCTION f();',
  'BEGIN;',
  "INSERT INTO a VALUES\n  (1, 'it''s; ok'),\n\n  (2, 'begin');",
  'UPDATE a SET b = CASE WHEN c THEN 1 ELSE 2 END\n\nWHERE d;',
];

const MARKDOWN = [
  '```ts\nconst a = 1;\n\n# no heading\n\nconst b = 2;\n```',
  '~~~~\n```\n\n## no heading\n```\n\n~~~~',
  '- item\n\n  ```sh\n  ls\n\n  cd\n  ```',
  '| a | b |\n|---|---|\n| 1 | 2 |',
];

const SCSS = [
  ...Array.from({ length: 6 }, (_, i) => `.a${i} {\n  color: red;\n\n  .b { background: url("a;}b"); }\n}`),
  '@mixin m($a) {\n  @if $a == 1 {\n    x: y;\n\n  } @else {\n    z: w;\n  }\n}',
  '@include x {\n  a: b; // } no\n\n  c: d;\n}',
];

const DOCKERFILE = [
  'RUN apt-get update && \\\n    apt-get install -y \\\n    # comment\n\n    git \\\n    curl',
  'RUN <<EOF\nset -e\n\nFROM x\nEOF',
  'COPY --from=build \\\n  /a \\\n  /b',
  'RUN npm ci \\\n  && npm run build \\\n  && rm -rf /x',
  'HEALTHCHECK --interval=5s \\\n  CMD curl -f http://localhost || exit 1',
];

describe('what hangs together in languages without a tree', () => {
  it.each([
    ['sql', SQL, '\n'],
    ['sql', SQL, '\n\n'],
    ['markdown', MARKDOWN.map((block, i) => `# Heading ${i}\n\n${block}`), '\n\nText.\n\n'],
    ['scss', SCSS, '\n'],
    ['dockerfile', ['FROM a', ...DOCKERFILE, 'FROM b', ...DOCKERFILE], '\n'],
  ] as const)('%s is never cut inside a unit', (language, units, between) => {
    const atoms = pieces(language, units.join(between));
    expect(atoms.length).toBeGreaterThan(1);
    expect(cutAmong(units, atoms)).toEqual([]);
  });
});

describe('damaged text in quantity', () => {
  it('in one wide error may have more parts than a call takes arguments', () => {
    const text = `${'] '.repeat(170_000)}${'\n'.repeat(20)}${') '.repeat(10)}`;
    expect(pieces('json', text).join('')).toBe(text);
  });
});
