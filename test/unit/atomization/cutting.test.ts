import { describe, expect, it } from 'vitest';
import { atomize, lines, textsOf } from './support.ts';

/** Whether some atom holds all of `parts`. */
const together = (atoms: readonly string[], ...parts: string[]): boolean =>
  atoms.some((atom) => parts.every((part) => atom.includes(part)));

const statements = (count: number, indent = '    '): string =>
  lines(count, (i) => `${indent}value_${String(i)} = compute(${String(i)})`);
const scriptStatements = (count: number, indent = '  '): string =>
  lines(count, (i) => `${indent}const value${String(i)} = compute(${String(i)});`);

describe('cutting Python', () => {
  it('keeps a function of up to 15 lines whole', async () => {
    const body = (name: string): string => `def ${name}():\n${statements(14)}\n\n`;
    const atoms = await textsOf('a.py', ['one', 'two', 'three'].map(body).join(''));
    expect(atoms).toHaveLength(3);
    expect(atoms[1]).toMatch(/^def two/);
  });

  it('cuts a larger function between its statements, header and first statement together', async () => {
    const atoms = await textsOf('a.py', `def large(first, second):\n${statements(30)}`);
    expect(atoms).toHaveLength(3);
    expect(together(atoms, 'def large', 'value_0')).toBe(true);
    for (const atom of atoms) expect(atom.split('\n').filter((line) => line !== '').length).toBeLessThanOrEqual(15);
  });

  it('keeps decorators, comments and docstrings with their function', async () => {
    const part = (i: number): string =>
      `# about ${String(i)}\n@decorated(${String(i)})\n@again\ndef f${String(i)}():\n    """Doc ${String(i)}."""\n${statements(9)}\n\n`;
    const atoms = await textsOf('a.py', [0, 1, 2, 3].map(part).join(''));
    for (const i of [0, 1, 2, 3]) {
      expect(
        together(atoms, `# about ${String(i)}`, `@decorated(${String(i)})`, `def f${String(i)}`, `"""Doc ${String(i)}`),
      ).toBe(true);
    }
  });

  it('cuts before whole arms of a statement', async () => {
    const source = `if a:\n${statements(9)}elif b:\n${statements(9)}else:\n${statements(9)}`;
    const atoms = await textsOf('a.py', source);
    expect(atoms.map((atom) => atom.split(/\s/, 1)[0])).toEqual(['if', 'elif', 'else:']);
  });

  it('never cuts a string', async () => {
    const text = `query = """\n${lines(40, (i) => `  line ${String(i)}`)}"""\nafter = 1\n`;
    const file = await atomize('a.py', text);
    const [first] = file.atoms;
    expect(first?.loc).toBeGreaterThan(40);
    expect(first?.oversize).toMatch(/a string of 42 lines/);
    expect(first?.violations.map((violation) => violation.name)).toContain('size');
  });

  it('cuts a long list only between its elements', async () => {
    const atoms = await textsOf(
      'a.py',
      `names = [\n${lines(40, (i) => `    ["a${String(i)}",\n     "b${String(i)}"],`)}]\n`,
    );
    expect(atoms.length).toBeGreaterThan(4);
    for (const atom of atoms.slice(1)) expect(atom).toMatch(/^ {4}\["a/);
  });

  it('does not count comments and documentation as code', async () => {
    const file = await atomize('a.py', `"""Module.\n\nLong.\n"""\n# note\n\nx = 1  # one\ny = """a\n\nb"""\n`);
    expect(file.atoms.map((atom) => atom.loc)).toEqual([3]);
  });
});

describe('cutting TypeScript', () => {
  it('keeps export, decorators and doc comments with their class and cuts between members', async () => {
    const members = lines(
      6,
      (i) =>
        `  /** Member ${String(i)}. */\n  @dec()\n  method${String(i)}(): void {\n${scriptStatements(5, '    ')}  }\n`,
    );
    const atoms = await textsOf('a.ts', `/** The class. */\n@Component({})\nexport class Large {\n${members}}\n`);
    expect(together(atoms, '/** The class', '@Component', 'export class Large', 'method0')).toBe(true);
    for (let i = 0; i < 6; i++)
      expect(together(atoms, `Member ${String(i)}.`, '@dec()', `method${String(i)}`)).toBe(true);
  });

  it('keeps overloads with what they overload', async () => {
    const overloads = lines(4, (i) => `export function pick(value: T${String(i)}): R${String(i)};`);
    const atoms = await textsOf(
      'a.ts',
      `function before() {\n${scriptStatements(11)}}\n${overloads}export function pick(value: unknown): unknown {\n${scriptStatements(6)}}\n`,
    );
    expect(together(atoms, 'T0', 'T1', 'T2', 'T3', 'value: unknown')).toBe(true);
  });

  it('cuts `} else {` so that the brace goes with the arm', async () => {
    const atoms = await textsOf('a.ts', `if (a) {\n${scriptStatements(10)}} else {\n${scriptStatements(10)}}\n`);
    expect(atoms).toHaveLength(2);
    expect(atoms[1]).toMatch(/^\} else \{/);
  });

  it('cuts inside callbacks between statements', async () => {
    const tests = lines(5, (i) => `  it('case ${String(i)}', () => {\n${scriptStatements(7, '    ')}  });\n`);
    const atoms = await textsOf('a.test.ts', `describe('all', () => {\n${tests}});\n`);
    expect(atoms.length).toBeGreaterThanOrEqual(4);
    for (let i = 0; i < 5; i++) expect(together(atoms, `case ${String(i)}`, 'value0', 'value6')).toBe(true);
  });

  it('never cuts a template', async () => {
    const file = await atomize(
      'a.ts',
      `const text = \`\n${lines(30, (i) => `  \${x${String(i)}}`)}\`;\nconst after = 1;\n`,
    );
    expect(file.atoms[0]?.oversize).toMatch(/a string/);
  });

  it('cuts a long condition at its operators', async () => {
    const atoms = await textsOf(
      'a.ts',
      `const ok =\n${lines(30, (i) => `  check${String(i)}(value) &&`)}  last(value);\n`,
    );
    expect(atoms.length).toBeGreaterThanOrEqual(3);
    for (const atom of atoms.slice(1)) expect(atom).toMatch(/^ {2}(check|last)/);
  });

  it('cuts JSX between children and attributes', async () => {
    const children = lines(
      8,
      (i) =>
        `      <Item\n        key="${String(i)}"\n        title={title}\n        onClick={() => go(${String(i)})}\n      />`,
    );
    const atoms = await textsOf(
      'a.tsx',
      `export function View() {\n  return (\n    <List>\n${children}    </List>\n  );\n}\n`,
    );
    expect(atoms.length).toBeGreaterThanOrEqual(3);
    for (let i = 0; i < 8; i++) expect(together(atoms, `key="${String(i)}"`, `go(${String(i)})`)).toBe(true);
  });

  it('counts decisions from the tree', async () => {
    const source =
      'function f(a, b) {\n  // if for while\n  const s = "if && ||";\n  if (a && b) return a ?? b;\n  for (const x of b) use(x ? 1 : 2);\n  try { a(); } catch { b(); }\n  switch (a) { case 1: break; default: }\n}\n';
    const file = await atomize('a.js', source);
    expect(file.atoms.map((atom) => atom.complexity)).toEqual([1 + 7]);
  });
});
