import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openParser, type SourceParser } from '../../../src/adapters/parser/index.ts';
import { FileFolding } from '../../../src/validation/python/fold/statements.ts';
import { NotFolded, Raised, show } from '../../../src/validation/python/fold/values.ts';

let parser: SourceParser;
beforeAll(async () => {
  parser = await openParser();
});
afterAll(() => parser.close());

/** What an expression folds to, as Python would write it; the error it would raise; `unknown` where it does not fold. */
function folded(expression: string, file = ''): string {
  const root = parser.read('python', file);
  const tree = parser.read('python', `(${expression})\n`);
  const node = tree?.rootNode.namedChild(0)?.namedChild(0);
  if (!root || !tree || !node) return 'unparsed';
  try {
    return show(new FileFolding(root.rootNode, 20_000).value(node), true);
  } catch (error) {
    if (error instanceof Raised) return error.kind;
    if (error instanceof NotFolded) return 'unknown';
    throw error;
  }
}

const EXPRESSIONS = [
  '-7 // 2',
  '-7 % 3',
  '7 % -3',
  '-7.5 // 2',
  '2 ** 100',
  '2 ** -1',
  '7 / 2',
  '1 / 0',
  'True + 2',
  '[1, 2, 3][-1]',
  '[1, 2, 3][3]',
  '"abcdef"[::-2]',
  '[1, 2, 3, 4][1:-1]',
  '(1, "a", None, 2.0)',
  '"a,b,,c".split(",")',
  '"  a b  ".split()',
  '"hello world".title()',
  '"xxabxx".strip("x")',
  'sorted([3, 1, 2], key=lambda x: -x)',
  'sorted(["b", "A", "c"], reverse=True)',
  'list(zip([1, 2], "ab"))',
  'list(enumerate("ab", 1))',
  'max([3, 1], default=0)',
  'max([])',
  'min("bca")',
  'sum([[1], [2]], [])',
  'round(2.5)',
  'round(3.5)',
  'round(2.675, 1)',
  'int("ff", 16)',
  'int("x")',
  'bin(-5)',
  'divmod(-7, 2)',
  'pow(3, 4, 5)',
  '{k: v for k, v in [("a", 1), ("b", 2)]}',
  '{"a": 1}["b"]',
  '{"a": 1}.get("b", 3)',
  '[x * y for x in range(3) if x for y in range(2)]',
  'any(x > 2 for x in [1, 3])',
  '1 < 2 < 2',
  '2 in [1, 2] and 3 not in (1,)',
  '"%s" if None else f"{1 + 1}-{\'a\'}"',
  'len("héllo")',
  '[1] + (2,)',
  'next(iter([]), 5)',
  'not [] or 0',
  '[1, 2] == [1.0, 2.0]',
  'list(reversed([1, 2]))',
  'list(filter(None, [0, 1, ""]))',
  '"a" < "b" < "ab"',
];

describe('folding of Python', () => {
  it('gives what Python gives', () => {
    const program = `import json,sys\nout=[]\nfor e in json.load(sys.stdin):\n    try: out.append(repr(eval(e)))\n    except Exception as x: out.append(type(x).__name__)\nprint(json.dumps(out))`;
    const run = spawnSync('python3', ['-c', program], { input: JSON.stringify(EXPRESSIONS), encoding: 'utf8' });
    const truth = JSON.parse(run.stdout) as string[];
    expect(EXPRESSIONS.map((expression) => `${expression} is ${folded(expression)}`)).toEqual(
      EXPRESSIONS.map((expression, i) => `${expression} is ${truth[i] ?? ''}`),
    );
  });

  it('follows loops, branches, nested functions and what they change', () => {
    const file = [
      'LIMIT = 3',
      'def primes(n):',
      '    found = []',
      '    for i in range(2, n):',
      '        for p in found:',
      '            if i % p == 0:',
      '                break',
      '        else:',
      '            found.append(i)',
      '    return found',
      'def count(n):',
      '    total = 0',
      '    def add(k=1):',
      '        nonlocal total',
      '        total += k',
      '    while n > 0:',
      '        n -= 1',
      '        if n == LIMIT: continue',
      '        add()',
      '    return total',
      'def safe(xs):',
      '    try:',
      '        return xs[9]',
      '    except LookupError:',
      '        return None',
    ].join('\n');
    expect(folded('primes(20)', file)).toBe('[2, 3, 5, 7, 11, 13, 17, 19]');
    expect(folded('count(6)', file)).toBe('5');
    expect(folded('safe([])', file)).toBe('None');
  });

  it.each([
    ['the order of a set', 'list({3, 1, 2})', ''],
    ['a file', 'open("/etc/passwd")', ''],
    ['a loop without an end', 'f()', 'def f():\n    while True:\n        pass\n'],
    ['endless recursion', 'f(1)', 'def f(n):\n    return f(n)\n'],
    ['a large number', '10 ** 10 ** 10', ''],
    ['a large list', '[0] * 10 ** 9', ''],
    ['another module', 'f()', 'import os\ndef f():\n    return os.getcwd()\n'],
  ])('says nothing about %s', (_, expression, file) => {
    expect(folded(expression, file)).toBe('unknown');
  });
});
