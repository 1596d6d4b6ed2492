import { describe, expect, it } from 'vitest';
import { atomize, lines } from './support.ts';

const many = (line: string, count = 22): string => lines(count, (i) => line.replaceAll('%', String(i)));

/** A source with declarations of more than 15 lines, and names that atoms must carry. */
const SAMPLES: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'a.go',
    `package a\n\nimport (\n\t"fmt"\n\t"os"\n)\n\nfunc Run(x int) error {\n${many('\tfmt.Println(x, %)')}\treturn nil\n}\n\ntype Store struct {\n${many('\tField% string')}}\n`,
    ['Run', 'Store'],
  ],
  [
    'A.java',
    `package a;\n\nimport java.util.List;\n\nclass Service {\n  int count;\n\n  void run(List<String> items) {\n${many('    items.add("x%");')}  }\n\n  int other() {\n    return count;\n  }\n}\n`,
    ['Service'],
  ],
  [
    'a.rs',
    `use std::io;\n\n/// Runs.\n#[inline]\npub fn run(x: &mut Vec<u8>) {\n${many('    x.push(%);')}}\n\nimpl Store {\n${lines(6, (i) => `    fn get${String(i)}(&self) -> u8 {\n        let a = 1;\n        self.a\n    }`)}}\n`,
    ['run', 'Store'],
  ],
  [
    'a.cs',
    `using System;\n\nnamespace N\n{\n    class Service\n    {\n        public void Run(int x)\n        {\n${many('            Console.WriteLine(x + %);')}        }\n    }\n}\n`,
    ['N.Service'],
  ],
  [
    'a.php',
    `<?php\nnamespace A;\n\nclass Service {\n    public function run(int $x): int {\n${many('        $x += %;')}        return $x;\n    }\n}\n`,
    ['Service'],
  ],
  [
    'a.rb',
    `require "json"\n\nclass Service\n  def run(x)\n${many('    x << %')}    x\n  end\n\n  def other\n    @a = 1\n  end\nend\n`,
    ['Service'],
  ],
  [
    'a.sh',
    `#!/bin/bash\nset -e\nrun() {\n${many('  echo "$1 %"')}}\nfor i in 1 2; do\n${many('  run "$i" %')}done\n`,
    ['run'],
  ],
  [
    'a.css',
    `@import "a.css";\n${lines(9, (i) => `.rule-${String(i)} {\n  color: red;\n  margin: 0;\n}`)}@media print {\n${lines(9, (i) => `  .p-${String(i)} {\n    color: red;\n  }`)}}\n`,
    [],
  ],
  [
    'a.html',
    `<!DOCTYPE html>\n<html>\n  <body>\n${many('    <p class="a">Text %</p>')}    <script>\n${many('      run(%);')}    </script>\n  </body>\n</html>\n`,
    [],
  ],
  ['a.json', `{\n  "list": [\n${many('    { "a": % },')}    1\n  ],\n  "b": 1\n}\n`, []],
  [
    'a.yaml',
    `version: 1\nservices:\n${lines(8, (i) => `  web${String(i)}:\n    image: a\n    ports:\n      - 80`)}`,
    [],
  ],
  ['a.toml', `title = "x"\n\n[tool.a]\n${many('key% = 1')}\n[tool.b]\nx = 1\n`, []],
  [
    'a.sql',
    `-- Tables.\nCREATE TABLE a (\n${many('  column_% text,')}  id int\n);\n\nINSERT INTO a VALUES ('x;\ny');\nCREATE FUNCTION f() RETURNS int AS $$\nBEGIN\n${many('  PERFORM %;', 9)}END;\n$$ LANGUAGE plpgsql;\n`,
    [],
  ],
  ['a.md', `# Title\n\nText.\n\n## Part\n\n\`\`\`js\n${many('line(%);', 12)}\`\`\`\n\n${many('- item %')}`, []],
  [
    'Dockerfile',
    `# Build.\nFROM node:22 AS build\n${many('COPY a% b')}RUN npm ci && \\\n    npm run build\n\nFROM node:22\nCMD ["node"]\n`,
    [],
  ],
  ['a.scss', `$a: 1px;\n// Rule.\n.a {\n${many('  &-% { color: red; }')}}\n.b { color: blue; }\n`, []],
  ['a.txt', `${many('First paragraph %.', 9)}\n${many('Second %.', 9)}\n${many('Third %.', 9)}`, []],
];

describe('every language', () => {
  it.each(SAMPLES)('%s is cut into atoms of at most 15 lines', async (path, source, names) => {
    const file = await atomize(path, source);
    expect(file.syntaxErrors).toEqual([]);
    expect(file.atoms.length).toBeGreaterThanOrEqual(2);
    for (const atom of file.atoms)
      expect.soft(atom.loc, `${atom.name}: ${atom.oversize ?? ''}`).toBeLessThanOrEqual(15);
    const paths = file.atoms.flatMap((atom) => [atom.symbolPath, atom.name]);
    for (const name of names)
      expect(
        paths.some((known) => known === name || known.startsWith(`${name}.`)),
        `${name} in ${paths.join()}`,
      ).toBe(true);
  });

  it('does not cut a SQL string or body at its semicolons', async () => {
    const sql = SAMPLES.find(([path]) => path === 'a.sql')?.[1] ?? '';
    const file = await atomize('a.sql', sql);
    const bytes = Buffer.from(sql);
    const texts = file.atoms.map(({ range }) => bytes.subarray(range.startByte, range.endByte).toString());
    expect(texts.some((text) => text.includes("('x;\ny')"))).toBe(true);
    expect(texts.some((text) => text.includes('CREATE FUNCTION') && text.includes('$$ LANGUAGE'))).toBe(true);
  });

  it('keeps comments with the instruction that follows', async () => {
    const file = await atomize(
      'Dockerfile',
      `FROM a\n${many('RUN x%', 12)}# Why.\nRUN the-thing\n${many('RUN y%', 12)}`,
    );
    const bytes = Buffer.from(`FROM a\n${many('RUN x%', 12)}# Why.\nRUN the-thing\n${many('RUN y%', 12)}`);
    const texts = file.atoms.map(({ range }) => bytes.subarray(range.startByte, range.endByte).toString());
    expect(texts.some((text) => text.includes('# Why.\nRUN the-thing'))).toBe(true);
  });
});
