import { afterAll, describe, expect, it } from 'vitest';
import { detectSandbox } from '../../../src/adapters/sandbox/index.ts';
import { createLogger } from '../../../src/adapters/telemetry/logger.ts';
import { createValidation, type FileTests } from '../../../src/validation/index.ts';

const sandbox = await detectSandbox(createLogger('silent'));
const validation = await createValidation({ sandbox, threads: 1 });
afterAll(() => validation.close());

const PYTHON = `def ticket(age):
    if age < 0:
        raise ValueError("no such age")
    if age < 18:
        return 5
    return 9
`;
const SCRIPT = `export function ticket(age: number): number {
  if (age < 0) throw new RangeError('no such age');
  return age < 18 ? 5 : 9;
}
`;

async function strengthOf(path: string, text: string, tests: FileTests, before = '') {
  const report = await validation.validateAtom({
    path,
    language: path.endsWith('.py') ? 'python' : 'typescript',
    before: Buffer.from(before),
    candidate: Buffer.from(text),
    after: new Uint8Array(),
    atom: { name: 'ticket', role: 'function', loc: 6, complexity: 3, isAtomic: true },
    tests: [tests],
  });
  const check = report.checks.find(({ testType }) => testType === 'test_strength');
  return { report, check, rules: new Set(check?.findings.map(({ rule }) => rule)) };
}

function pythonTests(...lines: string[]): FileTests {
  const text = `from prices import ticket\n${lines.join('\n')}\n`;
  return { kind: 'pyscript', main: 'test_prices.py', files: { 'test_prices.py': text } };
}

const THOROUGH = [
  'assert ticket(0) == 5',
  'assert ticket(17) == 5',
  'assert ticket(18) == 9',
  'try:\n    ticket(-1)\n    raise AssertionError("taken")\nexcept ValueError:\n    pass',
];

describe.skipIf(!sandbox.confined)('the strength of tests', () => {
  it('is what they notice: all changes with thorough tests, few with weak ones, and neither fails the text', async () => {
    const [strong, weak] = await Promise.all([
      strengthOf('prices.py', PYTHON, pythonTests(...THOROUGH)),
      strengthOf('prices.py', PYTHON, pythonTests('assert ticket(3) == 5')),
    ]);
    expect(strong.check).toMatchObject({ outcome: 'passed', findings: [], tests: { failed: 0 } });
    expect(strong.check?.tests?.passed).toBeGreaterThan(4);
    expect(weak.report.passed).toBe(true);
    expect(weak.report.score).toBe(strong.report.score);
    expect(weak.check?.outcome).toBe('passed');
    expect([...weak.rules]).toEqual(
      expect.arrayContaining(['unnoticed-guard', 'unnoticed-boundary', 'untaken-way', 'untried-limit']),
    );
    const messages = weak.check?.findings.map(({ message }) => message);
    expect(messages).toContain('no test notices when `if age < 0` never leaves in line 2');
    expect(messages).toContain('no test tries the limit of `age < 18`, where both sides are equal');
  });

  it('is told of TypeScript too', async () => {
    const test = (...calls: string[]): FileTests => ({
      kind: 'jest',
      main: 'prices.test.ts',
      files: { 'prices.test.ts': `import { ticket } from './prices';\ntest('it', () => {\n${calls.join('\n')}\n});\n` },
    });
    const few = await strengthOf('prices.ts', SCRIPT, test('expect(ticket(3)).toBe(5);'));
    expect(few.check?.outcome).toBe('passed');
    expect(few.check?.findings.map(({ message }) => message)).toContain('in no test does `age < 0` hold');
    const many = await strengthOf(
      'prices.ts',
      SCRIPT,
      test(
        'expect(ticket(0)).toBe(5); expect(ticket(17)).toBe(5); expect(ticket(18)).toBe(9);',
        'expect(() => ticket(-1)).toThrow(RangeError);',
      ),
    );
    expect(many.check).toMatchObject({ outcome: 'passed', findings: [] });
  });

  it('is that of the candidate, not of the rest of its file', async () => {
    const before = 'def other(a):\n    return a < 1\n\n\n';
    const { check } = await strengthOf('prices.py', PYTHON, pythonTests('assert ticket(3) == 5'), before);
    expect(Math.min(...(check?.findings.map(({ line }) => line) ?? []))).toBeGreaterThan(4);
  });

  it('is not asked of tests that fail, nor of those that take long', async () => {
    const failing = await strengthOf('prices.py', PYTHON, pythonTests('assert ticket(3) == 6'));
    expect(failing.report.outcome).toBe('failed');
    expect(failing.check).toBeUndefined();
    const slow = await strengthOf('prices.py', PYTHON, pythonTests('import time', 'time.sleep(0.6)', 'ticket(3)'));
    expect(slow.check).toMatchObject({ outcome: 'not_run', reason: expect.stringContaining('too long') as string });
  });

  it('is that of the examples where there is no test', async () => {
    const report = await validation.validateAtom({
      path: 'prices.py',
      language: 'python',
      before: new Uint8Array(),
      candidate: Buffer.from(PYTHON),
      after: new Uint8Array(),
      atom: { name: 'ticket', role: 'function', loc: 6, complexity: 3, isAtomic: true },
      contract: {
        description: 'The price of a ticket.\n>>> ticket(3)\n5\n>>> ticket(30)\n9\n',
        declarations: '',
        entry: 'ticket',
        dependents: [],
        siblings: [],
        packages: [],
      },
    });
    const check = report.checks.find(({ testType }) => testType === 'test_strength');
    expect(check).toMatchObject({ outcome: 'passed' });
    expect(check?.tests?.passed).toBeGreaterThan(0);
    const boundary = check?.findings.find(({ message }) => message.includes('`<` is `<=` in `age < 18`'));
    expect(boundary?.message).toBe('no example notices when `<` is `<=` in `age < 18` in line 4');
    const guard = check?.findings.find(({ rule }) => rule === 'unnoticed-guard');
    expect(guard?.suggestion).toContain('ticket(-');
  });

  it('counts an endless change as noticed', async () => {
    const loop = 'def ticket(n):\n    while n > 0:\n        n -= 1\n    return n\n';
    const { check } = await strengthOf('prices.py', loop, pythonTests('assert ticket(3) == 0'));
    expect(check?.outcome).toBe('passed');
    expect(check?.findings.map(({ rule }) => rule)).not.toContain('unnoticed-arithmetic');
  });
});
