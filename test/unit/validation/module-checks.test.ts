import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openParser, type SourceParser } from '../../../src/adapters/parser/index.ts';
import { checkModule } from '../../../src/validation/module-checks.ts';

let parser: SourceParser;
beforeAll(async () => {
  parser = await openParser();
});
afterAll(() => parser.close());

function module(path: string, language: string, text: string) {
  const checks = checkModule(parser, { path, language, bytes: new Uint8Array(Buffer.from(text)) });
  return new Map(checks.map((check) => [check.testType, check]));
}

describe('level 2', () => {
  it('judges the assembled file as a whole', () => {
    expect(module('a.py', 'python', 'def f():\n    return 1\n').get('syntax')?.outcome).toBe('passed');
    const broken = module('a.py', 'python', 'def f():\n    return (1\n').get('syntax');
    expect(broken).toMatchObject({ outcome: 'failed', findings: [{ file: 'a.py', severity: 'error' }] });
  });

  it.each([
    ['python', 'a.py', 'def f():\n    return 1\n\n\nclass B:\n    pass\n\n\ndef f():\n    return 2\n', 9, 'line 1'],
    ['typescript', 'a.ts', 'export function f() {\n  return 1;\n}\nfunction f() {\n  return 2;\n}\n', 4, 'line 1'],
    ['typescript', 'a.ts', 'class A {}\nexport default class A {}\n', 2, 'line 1'],
  ])('finds a definition that replaces another in %s (%s)', (language, path, text, line, message) => {
    const check = module(path, language, text).get('duplicates');
    expect(check).toMatchObject({ outcome: 'failed', findings: [{ line, rule: 'duplicate-definition' }] });
    expect(check?.findings[0]?.message).toContain(message);
  });

  it.each([
    [
      'python',
      'overloads and properties',
      '@overload\ndef f(a: int) -> int: ...\n@overload\ndef f(a: str) -> str: ...\ndef f(a):\n    return a\n',
    ],
    [
      'python',
      'conditional definitions',
      'try:\n    from a import f\nexcept ImportError:\n    def f():\n        return 1\nif x:\n    def g(): pass\nelse:\n    def g(): pass\n',
    ],
    [
      'python',
      'routes that share a name',
      '@app.get("/a")\ndef handler():\n    return 1\n\n@app.get("/b")\ndef handler():\n    return 2\n',
    ],
    [
      'python',
      'the same method in two classes',
      'class A:\n    def f(self): pass\n\nclass B:\n    def f(self): pass\n',
    ],
    [
      'typescript',
      'overload signatures',
      'export function f(a: number): number;\nexport function f(a: string): string;\nexport function f(a: unknown) {\n  return a;\n}\n',
    ],
    [
      'typescript',
      'merged declarations',
      'interface A { a: 1 }\ninterface A { b: 2 }\nclass C {}\ninterface C { c: 3 }\nnamespace C { export const d = 4; }\n',
    ],
  ])('leaves alone in %s: %s', (language, _what, text) => {
    expect(module(language === 'python' ? 'a.py' : 'a.ts', language, text).get('duplicates')).toMatchObject({
      outcome: 'passed',
      findings: [],
    });
  });

  it('says what it does not compare', () => {
    const checks = module('a.css', 'css', 'a { color: red; }\n');
    expect(checks.get('duplicates')).toMatchObject({
      outcome: 'not_run',
      reason: 'definitions of css are not compared',
    });
    expect([...checks.values()].filter((check) => check.outcome === 'not_run').every((check) => check.reason)).toBe(
      true,
    );
  });
});
