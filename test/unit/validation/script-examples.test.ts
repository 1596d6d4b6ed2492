import { describe, expect, it, vi } from 'vitest';
import { compiler } from '../../../src/validation/script/compiler.ts';
import { exampleProblems } from '../../../src/validation/script/examples/example-problems.ts';
import { Reckoner } from '../../../src/validation/script/examples/reckoner.ts';
import { Give, Scope } from '../../../src/validation/script/examples/signals.ts';
import { StepBudget } from '../../../src/validation/script/examples/step-budget.ts';

const ts = compiler();

function reckon(text: string, steps = 20_000): unknown {
  const source = ts.createSourceFile('a.ts', `${text}`, ts.ScriptTarget.Latest, true);
  const last = source.statements.at(-1);
  if (last === undefined || !ts.isExpressionStatement(last)) throw new Error('the last statement is the result');
  const scope = new Scope(null);
  const reckoner = new Reckoner(new StepBudget(steps));
  reckoner.block(source.statements.slice(0, -1), scope);
  return reckoner.value(last.expression, scope);
}

describe('working an expression out', () => {
  it.each([
    ['[3, 1, 2].sort((a, b) => a - b).map((x) => x * 2)', [2, 4, 6]],
    ['let s = 0; for (let i = 0; i < 4; i++) { if (i === 2) continue; s += i; } s', 4],
    ['const fs = []; for (let i = 0; i < 3; i++) fs.push(() => i); fs.map((f) => f())', [0, 1, 2]],
    [
      'class A { n = 2; get twice() { return this.n * 2; } static of() { return new A(); } } class B extends A { constructor() { super(); this.n += 1; } } [new B().twice, B.of() instanceof A]',
      [6, true],
    ],
    ["try { throw new RangeError('no'); } catch (e) { var m = e.message; } m", 'no'],
    [
      'const { a, ...rest } = { a: 1, b: 2 }; const [x = 5, ...y] = [undefined, 7]; [a, rest, x, y]',
      [1, { b: 2 }, 5, [7]],
    ],
    [
      'outer: for (const i of [1, 2]) { for (const j of [1, 2]) { if (j === 2) continue outer; var last = `${i}${j}`; } } last',
      '21',
    ],
    ["const m = new Map([['a', 1]]); m.set('b', 2); [...m.values()].reduce((p, q) => p + q, 0)", 3],
    ["let r = ''; switch (2) { case 1: r = 'a'; break; case 2: r = 'b'; default: r += 'c'; } r", 'bc'],
  ])('%s', (text, value) => {
    expect(reckon(text)).toEqual(value);
  });

  it.each([
    ["(() => 1).constructor('return process')()"],
    ["[].constructor.constructor('return 1')()"],
    ["''['const' + 'ructor']"],
    ['({}).__proto__'],
    ['process.exit(1)'],
    ["require('fs')"],
    ["globalThis['process']"],
    ["eval('1')"],
    ["new Function('return 1')"],
    ['Object.getPrototypeOf([])'],
    ['Object.defineProperty(Array.prototype, "x", {})'],
    ['Math.random()'],
    ['new Date()'],
    ["'x'.repeat(1e9)"],
    ['new Array(1e9).fill(0)'],
    ['Array.from({ length: 1e9 })'],
    ['while (true) {} 1'],
    ['const f = () => f(); f()'],
    ["let s = 'x'; for (let i = 0; i < 100; i++) s += s; s"],
    ['import("node:fs")'],
  ])('gives up on %s', (text) => {
    expect(() => reckon(text)).toThrow(Give);
  });

  it('leaves the objects of this program as they are', () => {
    expect(() => reckon('Math.floor = () => 7; Math.floor(1.5)')).toThrow();
    expect(() => reckon('Array.isArray = () => true; 1')).toThrow();
    expect(Math.floor(1.5)).toBe(1);
  });
});

describe('examples of a task', () => {
  function contradicted(text: string, tests: string): string | null {
    const source = ts.createSourceFile('a.ts', text, ts.ScriptTarget.Latest, true);
    const contract = {
      description: '',
      declarations: '',
      entry: null,
      siblings: [],
      packages: [],
      dependents: [{ path: 'a.test.ts', language: 'typescript', text: `import { f } from './a';\n${tests}` }],
    };
    return exampleProblems('a.ts', source, contract)[0]?.message ?? null;
  }

  it.each([
    ['expect(f(2)).toBe(4)', 'f(2) gives 5, not 4'],
    ['const two = 2;\nexpect(f(two)).toEqual(4)', 'f(two) gives 5, not 4'],
    ["expect(() => f(1)).toThrow('odd')", 'f(1) is expected to throw, and gives 4'],
    ['test.each([[1, 4], [2, 6]])("%i", (a, b) => { expect(f(a)).toBe(b) })', 'f(a) gives 5, not 6'],
    ['assert.equal(f(2), 4)', 'f(2) gives 5, not 4'],
    ['console.assert(f(2) === 4)', 'f(2) === 4 does not hold'],
  ])('tells that %s does not hold', (tests, message) => {
    expect(contradicted('export const f = (n: number) => n + 3;', tests)).toContain(message);
  });

  it.each([
    ['expect(f(2)).toBe(5)'],
    ['let n = 1; n += 1;\nexpect(f(n)).toBe(4)'],
    ['const box = make(); box.fill(2);\nexpect(f(box.size)).toBe(1)'],
    ['expect(f(2)).not.toBe(5)'],
    ['expect(await f(2)).toBe(1)'],
  ])('says nothing of %s', (tests) => {
    expect(contradicted('export const f = (n: number) => n + 3;', tests)).toBeNull();
  });

  const SPIN = 'export const f = (n: number) => { let k = 0; for (let i = 0; i < n; i++) k += 1; return k; };';
  const costly = (count: number): string => 'expect(f(9000)).toBe(9000)\n'.repeat(count);

  it('counts steps, not time: the same examples are tried however slow the clock says it is', () => {
    const now = vi.spyOn(performance, 'now');
    let hours = 0;
    now.mockImplementation(() => (hours += 3_600_000));
    expect(contradicted(SPIN, 'expect(f(2)).toBe(2)\nexpect(f(3)).toBe(4)')).toContain('f(3) gives 3, not 4');
    now.mockRestore();
  });

  it('tries what comes behind costly examples, until the steps of all examples are used up', () => {
    expect(contradicted(SPIN, `${costly(4)}expect(f(3)).toBe(4)`)).toContain('f(3) gives 3, not 4');
    expect(contradicted(SPIN, `${costly(40)}expect(f(3)).toBe(4)`)).toBeNull();
  });

  it('leaves an example that takes too many steps, and tries the next one', () => {
    expect(contradicted(SPIN, 'expect(f(1e9)).toBe(1)\nexpect(f(3)).toBe(4)')).toContain('f(3) gives 3, not 4');
  });
});
