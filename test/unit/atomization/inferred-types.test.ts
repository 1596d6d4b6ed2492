import { describe, expect, it } from 'vitest';
import { atomize } from './support.ts';

/** Types of a file's functions as `name: type`, "none" for what is not known. */
async function typesOf(path: string, code: string): Promise<Record<string, string>> {
  const file = await atomize(path, code);
  return Object.fromEntries(
    file.atoms
      .flatMap((atom) => atom.context.types)
      .map(({ name, type, source }) => [name, source === 'none' ? 'none' : type]),
  );
}

describe('types inferred in Python', () => {
  it.each([
    [
      'a guard',
      'def f(x):\n    if isinstance(x, (int, str)):\n        return 1\n    return 2\n',
      { x: 'int | str', return: 'int' },
    ],
    ['methods of text', 'def f(x):\n    return x.strip().upper()\n', { x: 'object with strip', return: 'str' }],
    [
      'several methods of text',
      'def f(x):\n    y = x.splitlines()\n    return x.startswith("a")\n',
      { x: 'str', return: 'bool' },
    ],
    ['iteration', 'def f(x):\n    for y in x:\n        print(y)\n', { x: 'Iterable', return: 'None' }],
    [
      'a default and its use',
      'def f(x=None):\n    if x is None:\n        x = 1\n    return len(x)\n',
      { x: 'None | Sized', return: 'int' },
    ],
    [
      'what it is handed to',
      'import os\n\ndef f(x):\n    return os.path.join(x, "a")\n',
      { x: 'str | os.PathLike', return: 'str' },
    ],
    [
      'another function of the file',
      'def g(a: bytes) -> int:\n    return 1\n\ndef f(x):\n    return g(x)\n',
      { a: 'bytes', x: 'bytes', return: 'int' },
    ],
    ['what is collected', 'def f(*x, **y):\n    return x\n', { x: 'tuple', y: 'dict', return: 'tuple' }],
    [
      'an attribute',
      'class A:\n    def __init__(self, x):\n        self.x = x\n    def g(self):\n        return [y for y in self.x]\n',
      { x: 'Iterable', return: 'list' },
    ],
    [
      'a method of the class',
      'class A:\n    def g(self):\n        return "a"\n    def f(self):\n        return self.g()\n',
      { return: 'str' },
    ],
    ['a class', 'class A:\n    pass\n\ndef f():\n    return A()\n', { return: 'A' }],
    [
      'Sphinx',
      'def f(x):\n    """F.\n\n    :type x: decimal.Decimal\n    :rtype: bool\n    """\n    return g(x)\n',
      { x: 'decimal.Decimal', return: 'bool' },
    ],
    [
      'Google style',
      'def f(x):\n    """F.\n\n    Args:\n        x (list[int]): numbers\n    """\n    g(x)\n',
      { x: 'list[int]', return: 'None' },
    ],
    [
      'a path that ends without a value',
      'def f(x):\n    if x:\n        return 1\n',
      { x: 'bool', return: 'None | int' },
    ],
    ['one that never ends', 'def f():\n    raise ValueError("a")\n', { return: 'NoReturn' }],
  ])('takes them from %s', async (_what, code, types) => {
    expect(await typesOf('a.py', code)).toEqual(types);
  });

  it.each([
    [
      'a parameter that is only handed on to what is not known',
      'from a import g\n\ndef f(x):\n    return g(x)\n',
      { x: 'none', return: 'none' },
    ],
    ['a default of None alone', 'from a import g\n\ndef f(x=None):\n    g(x)\n', { x: 'none', return: 'None' }],
    [
      'parameters of what is declared and not done',
      'def f(x):\n    raise NotImplementedError\n',
      { x: 'none', return: 'NoReturn' },
    ],
    [
      'a result of which one part is not known',
      'from a import g\n\ndef f(x: int):\n    if x:\n        return g(x)\n    return 1\n',
      { x: 'int', return: 'none' },
    ],
    [
      'functions that call one another in a circle',
      'def f(x):\n    return g(x)\n\ndef g(y):\n    return f(y)\n',
      { x: 'none', y: 'none', return: 'none' },
    ],
  ])('does not guess %s', async (_what, code, types) => {
    expect(await typesOf('a.py', code)).toEqual(types);
  });
});

describe('types inferred in TypeScript and JavaScript', () => {
  it.each([
    ['a guard', 'function f(x) { return typeof x === "string" ? 1 : x.length; }\n', { x: 'string', return: 'number' }],
    ['operators', 'function f(x, y) { return x * y; }\n', { x: 'number', y: 'number', return: 'number' }],
    ['members', 'function f(x) { x.start(); x.stop(); }\n', { x: '{ start; stop }', return: 'void' }],
    [
      'methods of lists',
      'function f(x) { x.push(1); return x.map(String); }\n',
      { x: 'unknown[]', return: 'unknown[]' },
    ],
    [
      'a pattern',
      'function f({ a, b = 1 }) { return `${a}${b}`; }\n',
      { '{ a, b = 1 }': '{ a, b }', return: 'string' },
    ],
    [
      'what it is handed to',
      'import { g } from "./g";\nfunction f(x) { return g(x); }\n',
      { x: 'Parameters<typeof g>[0]', return: 'ReturnType<typeof g>' },
    ],
    ['a constructor', 'class A {}\nfunction f() { return new A(); }\n', { return: 'A' }],
    ['a promise', 'async function f() { return 1; }\n', { return: 'Promise<number>' }],
    [
      'JSDoc',
      '/**\n * @param {Date} x\n * @returns {string}\n */\nfunction f(x) { return g(x); }\n',
      { x: 'Date', return: 'string' },
    ],
    ['the class itself', 'class A { f() { return this; } }\n', { return: 'A' }],
  ])('takes them from %s', async (_what, code, types) => {
    expect(await typesOf('a.js', code)).toEqual(types);
  });

  it('prefers what is written', async () => {
    const code = 'export function f(x: string, y = 1): number | string {\n  return x.length > y ? x : y;\n}\n';
    const file = await atomize('a.ts', code);
    expect(file.atoms[0]?.context.types).toEqual([
      { name: 'x', type: 'string', source: 'annotation' },
      { name: 'y', type: 'number', source: 'inferred' },
      { name: 'return', type: 'number | string', source: 'annotation' },
    ]);
  });
});
