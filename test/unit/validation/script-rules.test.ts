import { describe, expect, it } from 'vitest';
import { openParser } from '../../../src/adapters/parser/index.ts';
import type { TaskContract } from '../../../src/validation/contract/task-contract.ts';
import { scriptRules } from '../../../src/validation/script/rules.ts';

const parser = await openParser();

const NOTHING: TaskContract = {
  description: '',
  declarations: '',
  entry: null,
  dependents: [],
  siblings: [],
  paths: ['src/a.ts', 'src/b.ts'],
  packages: [],
};

async function rules(text: string, contract: Partial<TaskContract> | null = {}, path = 'src/a.ts'): Promise<string[]> {
  const language = path.endsWith('.js') ? 'javascript' : 'typescript';
  const whole = contract === null ? null : { ...NOTHING, ...contract };
  const { problems } = await scriptRules(parser, { path, language, text, contract: whole }, { pythonTypes: null });
  return problems.filter(({ severity }) => severity === 'error').map(({ rule }) => rule);
}

function test(text: string, path = 'src/a.test.ts'): Pick<TaskContract, 'dependents'> {
  return { dependents: [{ path, language: 'typescript', text }] };
}

describe('types and names of a script', () => {
  it.each([
    ['an unresolved name', 'export const f = (a: number): number => a + b;', 'TS2304'],
    ['a member that a text does not have', 'export const f = (a: string): string => a.reversed();', 'TS2339'],
    ['a function that returns nothing', 'export function f(a: number): number { a + 1; }', 'TS2355'],
    ['a name that is defined twice', 'const f = 1;\nconst f = 2;\nexport { f };', 'TS2451'],
  ])('finds %s', async (_what, text, rule) => {
    expect(await rules(text)).toContain(rule);
  });

  it('accepts JavaScript whose options grow as they are read', async () => {
    const text =
      'export const f = (options = {}) => options.name;\nexport const g = () => { const o = {}; o.x = 1; return o.x; };';
    expect(await rules(text, {}, 'src/a.js')).toEqual([]);
  });

  it('types the parameters of JavaScript by what its tests pass', async () => {
    const text = 'export const f = (list) => list.toUpperCase();';
    const used = test("import { f } from './a';\nexpect(f([1, 2])).toEqual([2]);", 'src/a.test.js');
    expect(await rules(text, used, 'src/a.js')).toContain('TS2339');
    expect(await rules(text, {}, 'src/a.js')).toEqual([]);
  });

  it('says nothing of types that depend on files it was not given', async () => {
    const text = "import { Base } from './base';\nexport class A extends Base { f(): number { return this.known; } }";
    expect(await rules(text, null)).toEqual([]);
  });
});

describe('imports of a script', () => {
  it.each([
    ["import { x } from 'node:collections';\nexport const y = x;", 'unknown-module'],
    ["import { x } from 'not-declared';\nexport const y = x;", 'undeclared-package'],
    ["import { x } from './missing';\nexport const y = x;", 'missing-module'],
    ["import { x } from './B';\nexport const y = x;", 'missing-module'],
    ["import { nothing } from './b';\nexport const y = nothing;", 'TS2305'],
  ])('finds %s', async (text, rule) => {
    const siblings = [{ path: 'src/b.ts', language: 'typescript', text: 'export const x = 1;' }];
    expect(await rules(text, { siblings })).toContain(rule);
  });

  it('knows files whose text it was not given, and judges no import where the files are not known', async () => {
    const text = "import { x } from '../lib/c';\nimport { y } from './d/index.js';\nexport const z = [x, y];";
    expect(await rules(text, { paths: ['src/a.ts', 'lib/c.tsx', 'src/d/index.ts'] })).toEqual([]);
    expect(await rules(text)).toContain('missing-module');
    expect(await rules(text, null)).toEqual([]);
  });

  it('takes declared packages, built-in modules and files of the project as they are', async () => {
    const text =
      "import { x } from './b.js';\nimport axios from 'axios';\nimport { join } from 'node:path';\nexport const y = join(String(x), axios.z);";
    const siblings = [
      { path: 'src/b.ts', language: 'typescript', text: 'export const x = 1;' },
      { path: 'package.json', language: 'json', text: '{"dependencies":{"axios":"1"}}' },
    ];
    expect(await rules(text, { siblings, packages: null })).toEqual([]);
  });
});

describe('contracts of a script', () => {
  const used = test("import { f } from './a';\nit('works', () => { expect(f(1, 2)).toBe(3); });");

  it.each([
    ['what is not exported', 'const f = (a: number, b: number): number => a + b;\nf(1, 2);', 'missing-export'],
    [
      'a default where a name is imported',
      'export default function f(a: number, b: number) { return a + b; }',
      'missing-export',
    ],
    [
      'one parameter too many',
      'export const f = (o: object, a: number, b: number) => Object.keys(o).length + a + b;',
      'wrong-arity',
    ],
    ['a result of another kind', 'export const f = (a: number, b: number) => [a + b];', 'wrong-result'],
    [
      'printing instead of returning',
      'export function f(a: number, b: number) { console.log(a + b); }',
      'wrong-result',
    ],
    ['a wrong sum', 'export const f = (a: number, b: number): number => a - b;', 'contradicts-example'],
  ])('finds %s', async (_what, text, rule) => {
    expect(await rules(text, used)).toContain(rule);
  });

  it('accepts what fits', async () => {
    expect(await rules('export const f = (a: number, b: number): number => a + b;', used)).toEqual([]);
  });

  it('holds a rewritten module to what its stub exports, not to its helpers', async () => {
    const declarations = 'export class C {\n  m() {}\n}\nfunction helper() {}\n';
    expect(await rules('export class C { m() { return 1; } }', { declarations })).toEqual([]);
    expect(await rules('export class C { n() { return 1; } }', { declarations })).toContain('missing-definition');
  });
});

describe('patterns that signal bugs', () => {
  it.each([
    ['endless-loop', 'export function f(n: number) { let i = 0; while (i < n) { console.log(i); } }'],
    [
      'endless-loop',
      'export function f(n: number) { for (let i = 0; i < n; ) { if (n % i === 2) return i; } return 0; }',
    ],
    ['loop-direction', 'export function f() { let s = 0; for (let i = 0; i > 9; i++) { s += i; } return s; }'],
    [
      'index-past-end',
      'export function f(a: number[]) { let s = 0; for (let i = 0; i <= a.length; i++) { s += a[i]; } return s; }',
    ],
    [
      'last-skipped',
      'export function f(a: number[]) { let s = 0; for (let i = 0; i < a.length - 1; i++) { s += a[i]; } return s; }',
    ],
    [
      'never-updated',
      'export function f(a: number[]) { const out: number[] = []; for (const x of a) { console.log(x); } return out; }',
    ],
    ['unused-parameter', 'export function f(a: number, b: number) { return a; }'],
    ['dropped-value', 'export function f(a: number[]) { const b = [...a]; b.push(1); b; }'],
    ['callback-without-result', 'export const f = (a: number[]) => a.map((x) => { Number(x); });'],
    ['stub', "export function f(a: number): number { throw new Error('Not implemented'); }"],
    ['endless-recursion', 'export function f(n: number): number { const m = f(n - 1); return m * n; }'],
    ['unreachable', 'export function f(n: number) { return n; console.log(n); }'],
    ['impossible-typeof', "export const f = (a: unknown) => typeof a === 'array';"],
    ['nan-comparison', 'export const f = (a: number) => a === NaN;'],
    ['same-sides', 'export const f = (a: number, b: number) => a - a + b;'],
    ['reversed-bounds', 'export const f = (a: number[]) => a.slice(3, 0);'],
    ['assigned-condition', 'export function f(a: number) { if (a = 2) { return 1; } return 0; }'],
    ['never-true', 'export const f = (n: number) => n < 3 && n > 5;'],
    ['always-true', "export const f = (s: string) => s !== 'a' || s !== 'b';"],
    ['empty-branch', 'export function f(a: number) { if (a > 1) {} else { return 2; } return 1; }'],
  ])('finds %s', async (rule, text) => {
    expect(await rules(text)).toContain(rule);
  });

  it.each([
    "'use strict';\nexport const f = (queue: number[]) => { while (queue.length > 0) { queue.pop(); } };",
    'export function f(a: number[]) { for (let i = 0; i < a.length - 1; i++) { if (a[i] > a[i + 1]) return false; } return true; }',
    'export function f(n: number) { while (true) { if (n > 3) return n; n += 1; } }',
    'export function f(next: () => boolean) { while (next()) { console.log(1); } }',
    'export function f(a: number) { const unused = 0; return a; }',
    'export const f = (a: number) => a !== a;',
    'export function f(n: number): number { return n < 2 ? n : f(n - 1) + f(n - 2); }',
    'export function f(_a: number, b: number) { return b; }',
    'export function none() { const out: string[] = []; return out; }',
  ])('accepts %s', async (text) => {
    expect(await rules(text)).toEqual([]);
  });

  it('finds answers that know only the examples', async () => {
    const text =
      'export function f(a: number[]) { if (JSON.stringify([a]) === JSON.stringify([[1, 2]])) return 3; return 4; }';
    const contract = test("import { f } from './a';\nexpect(f([1, 2])).toBe(3);");
    expect(await rules(text, contract)).toContain('keyed-on-examples');
  });
});

describe('things that do not fit each other in a script', () => {
  const inAnswer = (text: string, description = ''): Promise<string[]> => rules(text, { description });

  it.each([
    ['other-length', "export const f = (s: string): boolean => s[0] === 'ab';"],
    ['other-length', "export const f = (s: string): boolean => s.substring(0, 2) === '1';"],
    ['always-true', 'export const f = (s: string, t: string): boolean => s.indexOf(t) > -10;'],
    ['never-true', 'export const f = (s: number[]): boolean => s.length === -1;'],
    ['impossible-bits', 'export const f = (n: number): boolean => (n | 1) === 0;'],
    ['idle-remainder', 'export const f = (s: string): boolean => s.length % 1 === 0;'],
    ['idle-arithmetic', 'export const f = (n: number): number => n + 0;'],
    ['strict-end', 'export const f = (c: number): boolean => c > 48 && c <= 57;'],
    ['settled-condition', "export const f = (c: string): boolean => c !== 'a' && c === 'e' && c !== 'i';"],
    ['repeated-condition', "export const f = (c: string): boolean => c === 'a' || c === 'e' || c === 'a';"],
    ['uneven-pair', 'export const f = (a: number[], b: number[]): boolean => a[0] === b[0] && a[1] === b[0];'],
    ['taken-unasked', 'export function f(a: number[], b: number): number { if (a[1] < b) b = a[10]; return b; }'],
    ['forgotten-sum', 'export const f = (a: number[]): number => a.reduce((sum, x) => x + x, 0);'],
    ['adding-comparator', 'export const f = (a: number[]): number[] => a.sort((x, y) => x + y);'],
    ['TS7053', 'export const f = (i: number): boolean => i[i + 1] === undefined;'],
    [
      'last-skipped',
      'export function f(a: number[], b: number[]): number { let n = 0; for (let i = 0; i < a.length && i < b.length - 1; i++) n += a[i] * b[i]; return n; }',
    ],
  ])('finds %s', async (rule, text) => {
    expect(await inAnswer(text)).toContain(rule);
  });

  it.each([
    "export const f = (s: string): boolean => s[0] === 'a' && s.slice(0, 2) === 'ab' && s.slice(-3) === 'abc';",
    "export const f = (s: string): boolean => s.slice(0, 2) === '' || s.indexOf('a') > -1 || s.indexOf('b') >= 0;",
    'export const f = (n: number): boolean => (n & 1) === 1 || (n & 6) === 2 || n % 1 === 0;',
    "export const f = (c: string): boolean => c !== 'a' && c !== 'e' && (c === 'x' || c === 'y');",
    'export const f = (a: number[], b: number[]): boolean => a[0] === b[1] && a[1] === b[0];',
    'export const f = (a: number[]): number => a.reduce((sum, x) => sum + x, 0);',
    'export const f = (a: number[]): number[] => a.sort((x, y) => x - y);',
    'export const f = (c: number): boolean => c > 47 && c < 58;',
  ])('accepts %#', async (text) => {
    expect(await inAnswer(text)).toEqual([]);
  });
});

describe('tables of a script with one entry unlike the others', () => {
  const cases = (numbers: readonly number[]): string =>
    `export function f(n: number): string { switch (n) { ${numbers.map((n) => `case ${n}: return 'v${n}';`).join(' ')} default: return ''; } }`;
  const rows = (numbers: readonly number[]): string =>
    `export const rows = [${numbers.map((n) => `{ value: ${n}, name: 'n' }`).join(', ')}];`;

  it.each([
    ['case-out-of-row', cases([1, 2, 3, 4, 5, 60, 7, 8])],
    ['entry-out-of-order', rows([1000, 900, 500, 4000, 100, 90, 50])],
    ['odd-key', `export const points = { ${[...'abcdefghijk'].map((c) => `${c}: 1`).join(', ')}, _o: 1 };`],
  ])('finds %s', async (rule, text) => {
    expect(await rules(text)).toContain(rule);
  });

  it.each([
    cases([1, 2, 3, 4, 5, 6]),
    cases([200, 201, 204, 301, 404, 500]),
    rows([1000, 900, 500, 400, 100, 90]),
    rows([3, 1, 4, 1, 5, 9]),
  ])('accepts %#', async (text) => {
    expect(await rules(text)).toEqual([]);
  });
});

describe('documentation against what a script does', () => {
  const documented = (tag: string, body: string, result = 'number'): string =>
    `/**\n * Takes.\n * ${tag}\n */\nexport function take(a: number[]): ${result} { ${body} }`;

  it.each([
    ['never-throws', documented('@throws Empty list, if there is nothing.', 'return a.length;')],
    ['never-null', documented('@returns The length or null if there is none.', 'return a.length;', 'number | null')],
    [
      'forced-result',
      documented('@returns The length.', 'if (a.length > 3) return undefined as any; return a.length;'),
    ],
    [
      'other-case',
      documented('@throws Empty list, if there is nothing.', "if (!a.length) throw new Error('eMPTY LIST'); return 1;"),
    ],
    ['logged-result', documented('Counts.', 'if (a.length === 0) { console.log(a.length); } return a.length + 1;')],
  ])('finds %s', async (rule, text) => {
    expect(await rules(text)).toContain(rule);
  });

  it.each([
    documented('@throws Empty list, if there is nothing.', "if (!a.length) throw new Error('Empty list'); return 1;"),
    documented(
      '@returns The first or null if there is none.',
      'return a.length > 0 ? a.length : null;',
      'number | null',
    ),
    documented('@throws SyntaxError for what is no JSON.', "return JSON.parse('[1]').length + a.length;"),
    documented('Counts.', "if (a.length === 0) { console.log('nothing here'); } return a.length + 1;"),
  ])('accepts %#', async (text) => {
    expect(await rules(text)).toEqual([]);
  });
});
