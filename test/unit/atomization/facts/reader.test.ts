import { describe, expect, it } from 'vitest';
import { languageOf, openParser, tabulate } from '../../../../src/adapters/parser/index.ts';
import { extractFacts } from '../../../../src/atomization/facts/extract.ts';
import { readFacts } from '../../../../src/atomization/facts/reader.ts';

async function factsOf(path: string, text: string) {
  const parser = await openParser();
  const language = languageOf(path);
  const tree = parser.parse(language, text)!;
  const facts = extractFacts(tabulate(tree), text, language)!;
  tree.delete();
  parser.close();
  const reader = readFacts(facts, text);
  /** The stretch of the function of that name: from `def`/`function` to the next blank line. */
  const stretch = (start: string): [number, number] => {
    const from = text.indexOf(start);
    const end = text.indexOf('\n\n', from);
    return [from, end < 0 ? text.length : end];
  };
  return { facts, reader, stretch };
}

describe('readFacts', () => {
  it('tells what a Python stretch imports, defines, uses and types', async () => {
    const text = [
      'import os.path\nfrom app.models import Todo as Item, User\nimport json',
      'LIMIT = 5',
      'def save(item: Item, path: str = "x") -> bool:\n    full = os.path.join(path, str(LIMIT))\n    return json.dumps(item.id) == full',
    ].join('\n\n');
    const { reader, stretch } = await factsOf('a.py', text);
    const [start, end] = stretch('def save');
    expect(reader.importsUsed(start, end).map(({ module, names }) => [module, names])).toEqual([
      ['os.path', ['os']],
      ['app.models', ['Item']],
      ['json', ['json']],
    ]);
    expect(reader.defines(start, end).map(({ name, kind }) => `${name}: ${kind}`)).toEqual([
      'save: function',
      'item: parameter',
      'path: parameter',
      'full: variable',
    ]);
    const uses = reader.uses(start, end);
    expect(uses.map(({ name }) => name)).toEqual(['Item', 'str', 'bool', 'os', 'LIMIT', 'json']);
    expect(uses.find(({ name }) => name === 'Item')?.kind).toBe('type');
    expect(reader.types(start, end).map(({ name, type, source }) => [name, type, source])).toEqual([
      ['return', 'bool', 'annotation'],
      ['item', 'Item', 'annotation'],
      ['path', 'str', 'annotation'],
      ['full', '', 'none'],
    ]);
  });

  it('spells TypeScript types and infers the plain ones', async () => {
    const text = [
      "import { type Todo, api } from './api';",
      'export async function load(ids: readonly string[], done?: (t: Todo) => void): Promise<Todo[] | null> {\n  const all = [];\n  const made = new Map<string, Todo>();\n  return api.load(ids, made, all, done);\n}',
    ].join('\n\n');
    const { reader, stretch } = await factsOf('a.ts', text);
    const [start, end] = stretch('export async');
    expect(reader.importsUsed(start, end)).toEqual([{ module: './api', names: ['Todo', 'api'], index: 0 }]);
    expect(reader.types(start, end).map(({ name, type, source }) => `${name}: ${type} (${source})`)).toEqual([
      'return: Promise<Todo[] | null> (annotation)',
      'ids: string[] (annotation)',
      'done: (t: Todo) => void (annotation)',
      't: Todo (annotation)',
      'all: array (inferred)',
      'made: Map (inferred)',
    ]);
  });

  it('marks decorators, bases, constructions and components by what they are', async () => {
    const { reader } = await factsOf(
      'a.tsx',
      '@Injectable()\nclass A extends Base {\n  render() {\n    return <Card value={new Thing()} />;\n  }\n}\n',
    );
    const kinds = new Map(reader.uses(0, 1_000).map(({ name, kind }) => [name, kind]));
    expect(kinds.get('Base')).toBe('base');
    expect(kinds.get('Card')).toBe('jsx');
    expect(kinds.get('Thing')).toBe('construct');
    expect(kinds.get('Injectable')).toBe('call');
  });
});

describe('extractFacts', () => {
  it('holds nothing but numbers and names, so that it moves between threads as it is', async () => {
    const { facts } = await factsOf('a.py', 'class A:\n    def f(self):\n        return self\n');
    expect(structuredClone(facts)).toEqual(facts);
    for (const [key, value] of Object.entries(facts)) {
      if (key !== 'language' && key !== 'names') expect(value).toBeInstanceOf(Int32Array);
    }
  });

  it('has an answer only for languages whose names are resolved', async () => {
    const parser = await openParser();
    const tree = parser.parse('json', '{"a": 1}')!;
    expect(extractFacts(tabulate(tree), '{"a": 1}', 'json')).toBeNull();
    tree.delete();
    parser.close();
  });

  it('binds cases of a switch to what reaches them, breaks kept inside', async () => {
    const text =
      'function f(k: number, list: number[]) {\n  let x = 0;\n  for (const i of list) {\n    switch (k) {\n      case 1:\n        x = 1;\n        break;\n      case 2:\n        use(x);\n        continue;\n      default:\n        x = 3;\n    }\n    after(x);\n  }\n}\n';
    const { facts } = await factsOf('a.ts', text);
    const line = (pos: number) => text.slice(0, pos).split('\n').length;
    const reached = new Map<number, number[]>();
    for (let i = 0; i < facts.reaching.length; i += 2) {
      const use = line(facts.uses[facts.reaching[i]! * 7 + 2]!);
      reached.set(
        use,
        [...(reached.get(use) ?? []), line(facts.defs[facts.reaching[i + 1]! * 12 + 2]!)].sort((a, b) => a - b),
      );
    }
    // In case 2: what the loop started with or carried back; not case 1 of the same round, which breaks before.
    expect(reached.get(9)).toEqual([2, 6, 12]);
    expect(reached.get(14)).toEqual([6, 12]);
  });
});
