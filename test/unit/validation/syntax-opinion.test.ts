import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openParser, type SourceParser } from '../../../src/adapters/parser/index.ts';
import { checkAtom } from '../../../src/validation/atom-checks.ts';
import { bracketsMatch } from '../../../src/validation/syntax-opinion.ts';

let parser: SourceParser;
beforeAll(async () => {
  parser = await openParser();
});
afterAll(() => parser.close());

const NOTHING = new Uint8Array();

function syntaxOf(language: string, text: string, after = '') {
  const checks = checkAtom(parser, {
    path: 'a.txt',
    language,
    before: NOTHING,
    candidate: Buffer.from(text),
    after: Buffer.from(after),
    atom: { name: 'a', role: 'body', loc: 10, complexity: 1, isAtomic: true },
  });
  const syntax = checks.find(({ testType }) => testType === 'syntax');
  return { outcome: syntax?.outcome, severities: syntax?.findings.map(({ severity }) => severity) };
}

describe('code that a grammar stumbles over', () => {
  it.each([
    ['typescript', "export type * from './a';\n"],
    ['typescript', 'const style = css<Props>`a: ${(p) => p.b}`;\n'],
    ['typescript', 'class A<in out T> { accessor x = 1; }\n'],
    ['tsx', 'const Box = styled.div<{ wide: boolean }>`width: 1px;`;\nexport type * as all from "./b";\n'],
    ['html', '<p>1 > 0 & 2<br><li>a<li>b<img src=a.png hidden><p>open\n{{ #if a > b }}\n'],
    ['css', '.a { *zoom: 1; color: red ! important; }\n'],
    ['python', 'class A[T: int = str]:\n    pass\n'],
    ['python', 'x = t"{a}"\n'],
  ])('%s passes without a finding: %j', (language, text) => {
    expect(syntaxOf(language, text)).toEqual({ outcome: 'passed', severities: [] });
  });

  it.each([
    ['toml', 'a = {\n  b = 1,\n}\n'],
    ['yaml', 'a: b: c\n- x\n'],
    ['go', 'package a\n\nfunc f() { x := := 1 }\n'],
  ])('%s that nobody else can judge passes with warnings: %j', (language, text) => {
    const { outcome, severities } = syntaxOf(language, text);
    expect(outcome).toBe('passed');
    expect(new Set(severities)).toEqual(new Set(['warning']));
  });

  it.each([
    ['python', 'def f(:\n    pass\n'],
    ['python', 'a = 1 if\n'],
    ['go', 'package a\n\nfunc f() {\n\tg(1\n}\n'],
    ['rust', "fn f<'a>(x: &'a str) { g('{'; }\n"],
    ['java', 'class A { void f() { int[] a = {1; } }\n'],
    ['csharp', 'class A { void F() { G("}"); }\n'],
  ])('%s that another reader refuses too fails: %j', (language, text) => {
    const { outcome, severities } = syntaxOf(language, text);
    expect(outcome).toBe('failed');
    expect(severities).toContain('error');
  });

  it('is no question for SQL, which has no parser here', () => {
    expect(syntaxOf('sql', 'INSERT INTO a VALUES (1) ON CONFLICT DO NOTHING;\n')).toEqual({
      outcome: 'not_run',
      severities: [],
    });
  });
});

describe('brackets', () => {
  it.each([
    ['go', 'var a = `({[`; var b = \'{\'; var c = "\\"(" // (\n/* [ */', true],
    ['rust', "let a: &'static str = r#\"(\"# ; let b = '('; let c = '\\u{1F600}'; let d = \"a\n(\";", true],
    ['java', 'String a = """\n ( "x" \\""" {\n"""; char c = \'(\';', true],
    ['csharp', 'var a = @"c:\\("; var b = "\\"(";', true],
    ['go', 'f(]', false],
    ['go', 'f("(', undefined],
    ['rust', '/* /* ( */ */ (', undefined],
    ['csharp', 'var a = $"{b("c")}";', undefined],
    ['csharp', '#if A\nvoid f() {\n#else\nvoid g() {\n#endif\n}', undefined],
    ['ruby', 'f(', undefined],
  ])('%s %j match: %s', (language, text, match) => {
    expect(bracketsMatch(language, text)).toBe(match);
  });
});
