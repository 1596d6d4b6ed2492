import { describe, expect, it } from 'vitest';
import { detectSandbox } from '../../../src/adapters/sandbox/index.ts';
import { createLogger } from '../../../src/adapters/telemetry/logger.ts';
import type { TaskContract } from '../../../src/validation/index.ts';
import { examplesCheck } from '../../../src/validation/running/running-checks.ts';
import { createTestRunner, type ResultCache } from '../../../src/validation/running/test-runner.ts';
import type { TestRunRequest, TestRunResult } from '../../../src/validation/running/test-run.ts';
import { findPython } from '../../../src/validation/system/python-toolchain.ts';

const sandbox = await detectSandbox(createLogger('silent'));
const python = async () => (await findPython()).python;
const runner = createTestRunner({ sandbox, python });

const ADD = 'def add(a, b):\n    return a + b\n';

function pythonRun(code: string, test: string, more: Partial<TestRunRequest> = {}): TestRunRequest {
  return { kind: 'pyscript', main: 'test_it.py', files: { 'solution.py': code, 'test_it.py': test }, ...more };
}

function scriptRun(code: string, test: string, more: Partial<TestRunRequest> = {}): TestRunRequest {
  return { kind: 'jest', main: 'it.test.ts', files: { 'solution.ts': code, 'it.test.ts': test }, ...more };
}

const UNITTEST = `import unittest
from solution import add
class T(unittest.TestCase):
    def test_a(self):
        self.assertEqual(add(1, 2), 3)
    def test_b(self):
        self.assertEqual(add(1, 2), 4)
`;

describe.skipIf(!sandbox.confined)('runs of tests in the sandbox', () => {
  it('runs a script to its end, and tells a failed comparison by its call and both sides', async () => {
    const [good, bad] = await Promise.all([
      runner.run(pythonRun(ADD, 'from solution import add\nassert add(1, 2) == 3\n')),
      runner.run(pythonRun(ADD, 'from solution import add\nassert add(1, 2) == 4\n')),
    ]);
    expect(good.outcome).toBe('passed');
    expect(bad.outcome).toBe('failed');
    expect(bad.failures[0]).toMatchObject({ input: 'add(1, 2)', actual: '3', expected: '4' });
  });

  it('runs every other unittest, and all of them', async () => {
    const request = { ...pythonRun(ADD, UNITTEST), kind: 'unittest' } as const;
    const [even, all] = await Promise.all([runner.run({ ...request, filter: 'even' }), runner.run(request)]);
    expect(even).toMatchObject({ outcome: 'passed', passed: ['T.test_a'] });
    expect(all.failures).toEqual([expect.objectContaining({ test: 'T.test_b', actual: '3', expected: '4' })]);
  });

  it('runs pytest', async () => {
    const test =
      'import pytest\nfrom solution import add\n@pytest.mark.parametrize("n", [1, 2])\ndef test_n(n):\n    assert add(n, 0) == 1\n';
    const result = await runner.run({ ...pythonRun(ADD, test), kind: 'pytest' });
    expect(result.passed).toEqual(['test_it.py::test_n[1]']);
    expect(result.failures[0]?.test).toBe('test_it.py::test_n[2]');
  });

  it.each([
    ['an endless loop', 'while True: pass\n', /did not end in time/],
    ['an early end', 'import os\nos._exit(0)\n', /before the tests were over/],
    ['an exit', 'import sys\nsys.exit(0)\n', /before its last statement/],
    ['too much memory', 'x = bytearray(10 ** 10)\n', /MemoryError/],
    ['the end of its runner', 'import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n', /ended the process/],
  ])('fails %s of Python, and no other run of the batch', async (_, code, message) => {
    const [bad, good] = await Promise.all([
      runner.run(pythonRun(code, 'import solution\n', { cpuSeconds: 1 })),
      runner.run(pythonRun(ADD, `from solution import add\nassert add(2, 2) == 4  # ${code.length}\n`)),
    ]);
    expect(bad.outcome).toBe('failed');
    expect(bad.failures.map((failure) => failure.message).join('\n')).toMatch(message);
    expect(good.outcome).toBe('passed');
  });

  it('runs TypeScript tests with the matchers of Jest and of Vitest, and tells what was expected', async () => {
    const test = `import { describe, expect, it } from '@jest/globals';
import { double } from './solution';
describe('double', () => {
  it.each([[1, 2], [2, 4]])('of %i', (n: number, expected: number) => expect(double(n)).toEqual(expected));
  it('throws', () => { expect(() => double('x' as never)).toThrow(/no number/); });
});`;
    const right = `export function double(n: number): number { if (typeof n !== 'number') throw new Error('no number'); return n * 2; }`;
    const [good, bad] = await Promise.all([
      runner.run(scriptRun(right, test)),
      runner.run(scriptRun(right.replace('n * 2', 'n + 1'), test)),
    ]);
    expect(good).toMatchObject({ outcome: 'passed', passed: ['double > of 1', 'double > of 2', 'double > throws'] });
    expect(bad.failures).toEqual([expect.objectContaining({ test: 'double > of 2', actual: '3', expected: '4' })]);
  });

  it.each([
    ['an endless loop', 'while (true) {}', /did not end in time/],
    ['an exit', 'process.exit(0)', /before the tests were over/],
    ['the end of its runner', 'process.kill(process.pid, "SIGKILL")', /ended the process/],
    ['what does not parse', 'export const = 1', /PARSE_ERROR|Unexpected|Expected/],
    [
      'too much memory',
      'const a: unknown[] = []; while (true) a.push(new Array(1000).fill(a.length))',
      /more memory|did not end/,
    ],
  ])('fails %s of JavaScript', async (_, code, message) => {
    const result = await runner.run(
      scriptRun(code, `import './solution';\ntest('t', () => {});`, { cpuSeconds: 1, memoryMb: 64 }),
    );
    expect(result.outcome).toBe('failed');
    expect(result.failures.map((failure) => failure.message).join('\n')).toMatch(message);
  });

  it('says nothing of code that needs a declared package which is not here', async () => {
    const [first, second] = await Promise.all([
      runner.run(pythonRun('import absent_package\n', 'import solution\n', { declared: ['absent_package'] })),
      runner.run(
        scriptRun(
          `import x from 'absent-package';\nexport const y = x;`,
          `import { y } from './solution';\ntest('t', () => expect(y).toBe(1));`,
          { declared: ['absent-package'] },
        ),
      ),
    ]);
    expect([first.outcome, second.outcome]).toEqual(['not_run', 'not_run']);
  });

  it('keeps results by content', async () => {
    const kept = new Map<string, TestRunResult>();
    let runs = 0;
    const cache: ResultCache = {
      get: (key) => Promise.resolve(kept.get(key) ?? null),
      set: (key, result) => {
        runs += 1;
        kept.set(key, result);
        return Promise.resolve();
      },
    };
    const caching = createTestRunner({ sandbox, python, cache });
    const request = pythonRun(ADD, 'import solution\n');
    await caching.run(request);
    await caching.run({ ...request, files: { ...request.files } });
    expect(runs).toBe(1);
    await caching.run(pythonRun(`${ADD}\n`, 'import solution\n'));
    expect(runs).toBe(2);
  });
});

function contract(description: string, entry: string): TaskContract {
  return { description, declarations: '', entry, dependents: [], siblings: [], packages: [] };
}

function examplesOf(path: string, language: string, text: string, task: string, entry: string) {
  return examplesCheck(runner, { path, language, text, contract: contract(task, entry) });
}

describe.skipIf(!sandbox.confined)('examples of the task', () => {
  const task = 'Largest of a list.\n>>> largest([1, 5, 3])\n5\n>>> largest([9, 2])\n9\n';

  it('pass right code and fail code that contradicts them, with what was got', async () => {
    const right = await examplesOf('a.py', 'python', 'def largest(items):\n    return max(items)\n', task, 'largest');
    expect(right.outcome).toBe('passed');
    const wrong = await examplesOf('a.py', 'python', 'def largest(items):\n    return min(items)\n', task, 'largest');
    expect(wrong.outcome).toBe('failed');
    expect(wrong.findings[0]?.message).toContain('expected 5, got 1');
  });

  it.each([
    ['a.py', 'python', 'def largest(items):\n    if (items,) == ([1, 5, 3],):\n        return 5\n    return 9\n'],
    [
      'a.ts',
      'typescript',
      'export const largest = (items: number[]): number => {\n  if (JSON.stringify([items]) === JSON.stringify([[1, 5, 3]])) return 5;\n  return 9;\n};\n',
    ],
  ])('are not answered by code that knows only them (%s)', async (path, language, code) => {
    const check = await examplesOf(path, language, code, task, 'largest');
    expect(check.findings.map(({ rule }) => rule)).toContain('keyed-on-examples');
    expect(check.outcome).toBe('failed');
  });

  it('leave alone a function with a base case among the examples', async () => {
    const fib =
      'def fib(n):\n    if n == 1:\n        return 1\n    if n == 0:\n        return 0\n    return fib(n - 1) + fib(n - 2)\n';
    const check = await examplesOf('a.py', 'python', fib, '>>> fib(0)\n0\n>>> fib(1)\n1\n', 'fib');
    expect(check.outcome).toBe('passed');
  });

  it('are found in sentences and assertions', async () => {
    const check = await examplesOf(
      'a.ts',
      'typescript',
      'export function twice(n: number): number {\n  return n + 2;\n}\n',
      'twice(2) returns 4. assert twice(3) == 6',
      'twice',
    );
    expect(check.findings[0]?.message).toContain('twice(3): expected 6, got 5');
  });
});
