import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openParser, type SourceParser } from '../../../src/adapters/parser/index.ts';
import { judgeSyntax } from '../../../src/validation/syntax.ts';

/** One program per entry. */
const VALID = [
  'f(*a)',
  'f(*a, b, *c, d=1, *e, **g, h=2)',
  'print("==", a.b(), *c.d.e())',
  'f(*a.b, *c[0], *d())',
  'x = [*a.b, *c.d(), *e[0]]',
  'f(*a or b)',
  'f(*a if b else c)',
  'f(*a == b, *not_a)',
  'f(a=1, *b)',
  'f(**a, **b)',
  'f(**a or b)',
  'f(x for x in y)',
  'f((x for x in y), 1)',
  'f(# why\n  a,\n  b=1, # so\n)',
  'class A(*b, metaclass=c, **d): pass',
  '*a, b',
  '*a, = b',
  '*a, b = c',
  '[*a, (b, *c)] = d',
  'a = *b, c = d',
  'x = *a,',
  'x = *a, *b',
  'x += *a, b',
  'x = [*a, *b | c, *d.e(1)[2]]',
  'x = {*a, *b}',
  'x = (*a,)',
  'x = {**a, "b": 1, **c | d}',
  'a[*b]',
  'a[*b, 1:2]',
  'for x in *a, b: pass',
  'for a, *b in c: pass',
  'x = [a for a, *b in c]',
  'def f(a, /, b, c=1, *d, e, f=2, **g): pass',
  'def f(a, *, b=1, c): pass',
  'def f(a=1, *b, c): pass',
  'def f(a=1, /, b=2): pass',
  'def f(a: int, b: int = 1, *c: int, d: int, **e: int): pass',
  'def f(*args: *Ts): pass',
  'x = lambda *a, b, **c: (a, b)',
  'x = lambda a, b=1, *, c: 0',
  '(a) = 1',
  '(a): int = 1',
  '(a) += 1',
  'a.b, c[0] = d',
  'a.b += 1',
  'a[0]: int = 1',
  'a = b = c',
  'del a, b[0], c.d',
  'del (a, [b, c])',
  'del (a)',
  'with a as b, c() as d.e, f as (g, *h): pass',
  'with (open(a) as b, open(c) as d): pass',
  'try:\n  a\nexcept (A, B) as e:\n  pass\nexcept:\n  pass',
  'try:\n  a\nexcept* A as e:\n  pass',
  'match a:\n  case [b, *c]: pass\n  case {"d": e, **f}: pass\n  case A(g, h=i) as j: pass\n  case k, *_: pass',
  'raise A("x") from b',
  'raise (A, "x")',
  'print((a := 1))',
  'f(a := 1)',
  'if a := b: pass',
  'x = [b := 1, b]',
  'x = 0',
  'x = 0_0 + 0o17 + 0x10 + 00',
  'x = 0777.5 + 09e1 + 0777j',
  'x = Rb"a" + u"b"',
  'while a:\n  for b in c:\n    pass\n  else:\n    break',
  'for a in b:\n  if a:\n    pass\n  else:\n    continue',
  'for a in b:\n  try:\n    pass\n  except A:\n    pass\n  else:\n    break',
  'from os import *',
  'def f():\n  x = 1\n  def g():\n    nonlocal x\n  class C:\n    nonlocal x',
  'def f():\n  x = 1\n  class C:\n    def g(self):\n      nonlocal x',
  'def f():\n  return *a, b',
  'def f():\n  yield *a, b',
  'def f():\n  yield from a',
  'async def f():\n  async for a in b: pass\n  async with c as d: await e',
  'async def f():\n  return [a async for a in b]',
  'x = (a async for a in b)',
];

const INVALID = [
  'x = a +* b',
  'x = a * *b',
  'x = a ** *b',
  'x = [a * *b]',
  'f(a * *b)',
  'x = *a',
  '(*a)',
  'x = (*a)',
  '*a',
  '*a = b',
  '(*a) = b',
  'a, *b, *c = d',
  '[*a, *b] = c',
  'x = [*a or b]',
  'x = (*a == b,)',
  'x = [*not_a, *not a]',
  'x = [*a for a in b]',
  'a[*b:c]',
  'if *a: pass',
  'for *a in b: pass',
  'for x in *a: pass',
  'x = [a for a in *b, c]',
  'x = [a for a in 1, 2]',
  'f(x for x in y, 1)',
  'def f(x: *Ts): pass',
  'x: *Ts',
  'f(a=1, b)',
  'f(**a, b)',
  'f(**a, *b)',
  'f(a=1, a=2)',
  'class A(b=1, c): pass',
  'def f(a=1, b): pass',
  'def f(a: int = 1, b: int): pass',
  'def f(a, *): pass',
  'def f(a, *, **b): pass',
  'def f(*a, *b): pass',
  'def f(*a, *, b): pass',
  'def f(**a, b): pass',
  'def f(**a, *b): pass',
  'def f(/, a): pass',
  'def f(a, /, b, /): pass',
  'def f(*a, /): pass',
  'def f((a, b)): pass',
  'x = lambda a=1, b: 0',
  'x = lambda *: 0',
  '1 = x',
  'f() = 2',
  'a + 1 = 2',
  'None = 1',
  'x = = 1',
  'a, b += 1',
  '(a, b) += 1',
  '[a] += 1',
  'a, b: int',
  '(a, b): int',
  'del f()',
  'del a, f()',
  'del (a, 1)',
  'del *a,',
  'del a + b',
  'with x as f(): pass',
  'with x as 1: pass',
  'try:\n  a\nexcept A as b.c:\n  pass',
  'try:\n  a\nexcept A, e:\n  pass',
  'try:\n  a\nexcept:\n  pass\nexcept A:\n  pass',
  'raise A, "x"',
  'a := 1',
  'x = a := 1',
  'x = a as b',
  'a as b',
  'a <> b',
  'x = 0777',
  'x = 10L',
  'x = ur"a"',
  'for a in b:\n  pass\nelse:\n  break',
  'while a:\n  pass\nelse:\n  continue',
  'if a:\n  break',
  'nonlocal x',
  'def f():\n  nonlocal x',
  'class A:\n  nonlocal x',
  'def f():\n  from os import *',
  'class A:\n  from os import *',
  'return 1',
  'def f():\n  return *a',
  'def f():\n  return a +* b',
  'def f():\n  await a',
  'async def f():\n  yield from a',
  'async for a in b: pass',
  'def f():\n  async with a: pass',
];

let parser: SourceParser;
beforeAll(async () => {
  parser = await openParser();
});
afterAll(() => parser.close());

function messages(text: string): string[] {
  const verdict = judgeSyntax(parser, { path: 'a.py', language: 'python' }, `${text}\n`);
  if ('notRun' in verdict) throw new Error(verdict.notRun);
  return verdict.problems.map(({ message }) => message);
}

describe('the syntax of Python', () => {
  it.each(VALID)('takes %j', (text) => {
    expect(messages(text)).toEqual([]);
  });

  it.each(INVALID)('refuses %j', (text) => {
    expect(messages(text)).not.toEqual([]);
  });

  it('points at what is wrong', () => {
    const text = 'def f(a, b):\n    return a +* b\n';
    const verdict = judgeSyntax(parser, { path: 'a.py', language: 'python' }, text);
    expect(verdict).toMatchObject({ problems: [{ start: text.indexOf('*'), rule: 'misplaced-star' }] });
  });

  const python = compileAll([...VALID, ...INVALID]);
  it.skipIf(python === null)('is judged as Python 3.11 and later judge it', () => {
    const told = [...VALID.map(() => true), ...INVALID.map(() => false)];
    const wrong = [...VALID, ...INVALID].filter((_text, index) => python?.[index] !== told[index]);
    // What later versions came to allow.
    const ALLOWED_SINCE = ['try:\n  a\nexcept A, e:\n  pass', 'x = [*a for a in b]'];
    expect(wrong.filter((text) => !ALLOWED_SINCE.includes(text))).toEqual([]);
  });
});

/** Whether each text compiles with the Python of this machine; null where there is none, or an old one. */
function compileAll(texts: readonly string[]): boolean[] | null {
  const program = `
import json, sys, warnings
warnings.simplefilter("ignore")
def ok(text):
    try:
        compile(text + "\\n", "a.py", "exec")
        return True
    except SyntaxError:
        return False
print(json.dumps([ok(t) for t in json.load(sys.stdin)] if sys.version_info >= (3, 11) else None))
`;
  const { status, stdout } = spawnSync('python3', ['-c', program], { input: JSON.stringify(texts), encoding: 'utf8' });
  return status === 0 ? (JSON.parse(stdout) as boolean[] | null) : null;
}
