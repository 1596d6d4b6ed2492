import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openParser, type SourceParser } from '../../../src/adapters/parser/index.ts';
import type { TaskContract } from '../../../src/validation/contract/task-contract.ts';
import type { StaticProblem } from '../../../src/validation/language-checks.ts';
import { pythonRules } from '../../../src/validation/python/rules.ts';

let parser: SourceParser;
beforeAll(async () => {
  parser = await openParser();
});
afterAll(() => parser.close());

const task = (contract: Partial<TaskContract> = {}): TaskContract => ({
  description: '',
  declarations: '',
  entry: null,
  dependents: [],
  siblings: [],
  packages: [],
  ...contract,
});
const dependent = (text: string) => [{ path: 'test_a.py', language: 'python', text }];

async function problems(text: string, contract: TaskContract | null = task()): Promise<StaticProblem[]> {
  const input = { path: 'a.py', language: 'python', text, contract };
  const verdict = await pythonRules(parser, input, { pythonTypes: null });
  return verdict.problems.filter(({ severity }) => severity === 'error');
}
const rules = async (text: string, contract?: TaskContract | null): Promise<string[]> =>
  [...new Set((await problems(text, contract)).map(({ rule }) => rule))].sort();

describe('rules of Python', () => {
  it.each([
    ['undefined-name', 'def f(a):\n    return a + b\n'],
    ['endless-loop', 'def f(n):\n    i = 0\n    while i < n:\n        n + i\n    return i\n'],
    ['endless-loop', 'def f():\n    done = False\n    while not done:\n        pass\n'],
    ['loop-ends-at-once', 'def f(xs):\n    total = 0\n    for x in xs:\n        total += x\n        return total\n'],
    ['path-without-value', 'def f(xs):\n    if xs:\n        return len(xs)\n    xs.sort()\n'],
    ['forgotten-result', 'def f(xs):\n    result = [x + 1 for x in xs]\n'],
    ['dropped-value', 'def f(a, b):\n    a + b\n'],
    ['printed-result', 'def f(a):\n    if a:\n        print(a)\n    else:\n        return a + 1\n'],
    ['empty-range', 'def f(xs):\n    for i in range(len(xs), 0):\n        print(xs[i])\n'],
    ['index-past-end', 'def f(xs):\n    for i in range(len(xs) + 1):\n        print(xs[i])\n'],
    ['index-past-end', 'def f(xs):\n    return xs[len(xs)]\n'],
    ['empty-range', 'def f(n):\n    return any(n % i == 0 for i in range(int(n ** 0.5) + 1, 2))\n'],
    ['idle-loop', 'def f(xs):\n    for x in xs:\n        pass\n    return len(xs)\n'],
    ['idle-arithmetic', 'def f(days, m):\n    return days[m - 0]\n'],
    ['same-sides', 'def f(xs):\n    return len(xs) != len(xs)\n'],
    ['other-length', 'def f(s):\n    return s[:2] == "abc"\n'],
    ['swapped-arguments', 'def f(x):\n    return isinstance(int, x)\n'],
    ['constant-condition', 'def f(x):\n    if 1 == 2:\n        return x\n    return -x\n'],
    ['stub-body', 'def f(x):\n    pass\n'],
    ['unset-attribute', 'class A:\n    def add(self):\n        self.count += 1\n'],
  ])('finds %s', async (rule, text) => {
    expect(await rules(text)).toContain(rule);
  });

  it.each([
    [
      'a loop that a break leaves',
      'def f(xs):\n    while True:\n        if not xs:\n            break\n        xs.pop()\n    return xs\n',
    ],
    ['a loop whose list shrinks', 'def f(xs):\n    while xs:\n        xs.pop()\n    return xs\n'],
    ['a server loop', 'def f(queue):\n    while True:\n        queue.get()()\n'],
    ['a search', 'def f(xs):\n    for x in xs:\n        if x > 1:\n            return x\n'],
    ['a first hit', 'def f(xs):\n    for x in xs:\n        y = x + 1\n        return y\n    return None\n'],
    [
      'a guarded index',
      'def f(xs):\n    for i in range(len(xs)):\n        if i + 1 < len(xs):\n            print(xs[i + 1])\n',
    ],
    ['a range down', 'def f(xs):\n    for i in range(len(xs), 0, -1):\n        print(xs[i - 1])\n'],
    ['flags of failure', 'def f(a, known):\n    if a in known:\n        return False\n    known.append(a)\n'],
    ['NaN', 'def f(a):\n    return a != a\n'],
  ])('accepts %s', async (_, text) => {
    expect(await rules(text)).toEqual([]);
  });

  it('takes habits of code at large as warnings where there is no task, or where the declared text has them', async () => {
    const text = 'class A:\n    def go(self, value):\n        return 1\n    def stop(self):\n        pass\n';
    expect(await rules(text)).toEqual(['stub-body', 'unused-method-argument']);
    expect(await rules(text, null)).toEqual([]);
    expect(await rules(text, task({ declarations: text }))).toEqual([]);
    const idle = 'def f(value):\n    return value + 0\n';
    expect(await rules(idle, task({}))).toEqual(['idle-arithmetic']);
    expect(await rules(idle, task({ declarations: idle }))).toEqual([]);
  });
});

describe('a Python file against its task', () => {
  it('has the names that the task declares and others import', async () => {
    const contract = task({ entry: 'f', dependents: dependent('from a import g as h\n') });
    const found = await problems('def k():\n    return 1\n', contract);
    expect(found.map(({ message }) => /^"(\w+)"/.exec(message)?.[1]).sort()).toEqual(['f', 'g']);
    expect(await rules('def f():\n    return 1\n\ng = f\n', contract)).toEqual([]);
  });

  it('keeps the declared parameters, their order and the methods', async () => {
    const declarations =
      'class A:\n    def move(self, left, right):\n        """Moves."""\n    def stop(self):\n        """Stops."""\n';
    const body = 'return left - right';
    const file = (signature: string) => `class A:\n    def move(${signature}):\n        ${body}\n`;
    expect(await rules(file('self, right, left'), task({ declarations }))).toEqual([
      'missing-method',
      'parameter-order',
    ]);
    expect(await rules(file('self, left, right, extra'), task({ declarations }))).toContain('parameter-count');
    const whole = `${file('self, left, right')}    def stop(self):\n        return self\n`;
    expect(await rules(whole, task({ declarations }))).toEqual([]);
  });

  it('returns something where its uses expect a value', async () => {
    const contract = task({ dependents: dependent('from a import f\nassert f([]) == 3\n') });
    expect(await rules('def f(xs):\n    print(len(xs))\n', contract)).toContain('returns-nothing');
  });

  it('has the words of the errors that are expected of it', async () => {
    const contract = task({
      dependents: dependent(
        'from a import f\nimport unittest\nclass T(unittest.TestCase):\n    def test(self):\n        with self.assertRaises(ValueError) as err:\n            f(-1)\n        self.assertEqual(err.exception.args[0], "value must be positive")\n',
      ),
    });
    expect(await rules('def f(n):\n    return n + 1\n', contract)).toEqual(['missing-error']);
    const right = 'def f(n):\n    if n < 0:\n        raise ValueError("value must be positive")\n    return n + 1\n';
    expect(await rules(right, contract)).toEqual([]);
  });

  it('works results out instead of answering the examples one by one', async () => {
    const contract = task({ dependents: dependent('from a import f\nassert f([1, 2]) == 3\nassert f([4, 5]) == 9\n') });
    const keyed =
      'def f(xs):\n    if xs == [1, 2]:\n        return 3\n    if xs == [4, 5]:\n        return 9\n    return 9\n';
    expect(await rules(keyed, contract)).toEqual(['keyed-on-examples']);
    expect(await rules('def f(xs):\n    return sum(xs)\n', contract)).toEqual([]);
  });

  it('says which example the text contradicts, with what it gives', async () => {
    const contract = task({ dependents: dependent('from a import f\nassert f([3, 1, 2], 2) == [1, 2]\n') });
    const [problem] = await problems('def f(xs, n):\n    return sorted(xs)[: n + 1]\n', contract);
    expect(problem).toMatchObject({
      rule: 'example-contradicted',
      message: 'f([3, 1, 2], 2) should give [1, 2], but gives [1, 2, 3]',
    });
    expect(await rules('def f(xs, n):\n    return sorted(xs)[:n]\n', contract)).toEqual([]);
  });
});

describe('errors that a task writes out', () => {
  const description =
    'Raise an error for an irregular matrix:\n\n```python\nraise ValueError("irregular matrix")\n```\n';

  it('misses a message that nothing in the file gives', async () => {
    expect(await rules('def f(m):\n    return max(m)\n', task({ description }))).toContain('missing-error');
  });

  it.each([
    'def f(m):\n    if not m:\n        raise ValueError("irregular matrix")\n    return max(m)\n',
    'def f(m):\n    if not m:\n        raise ValueError("irregular "\n                         "matrix")\n    return max(m)\n',
    'KIND = "matrix"\ndef f(m):\n    if not m:\n        raise ValueError(f"irregular {KIND}")\n    return max(m)\n',
  ])('knows it however it is written: %#', async (text) => {
    expect(await rules(text, task({ description }))).not.toContain('missing-error');
  });
});

describe('harmless forms beside the rules', () => {
  it.each([
    [
      'a plural beside its singular',
      'def f(a, b):\n    return {"schemas": a, "one": b["schema"], "two": a["schema"]}\n',
    ],
    ['running through an iterator', 'def f(xs, g):\n    for x in map(g, xs):\n        pass\n    return g\n'],
    ['a slice that is asked whether it is empty', 'def f(s):\n    return s[:2] == ""\n'],
    ['a slice of the same length', 'def f(s):\n    return s[1:3] == "ab" and s[-2:] == "cd"\n'],
  ])('accepts %s', async (_what, text) => {
    expect(await rules(text)).toEqual([]);
  });
});
