import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openParser, type SourceParser } from '../../../src/adapters/parser/index.ts';
import type { TaskContract } from '../../../src/validation/contract/task-contract.ts';
import { pythonRules } from '../../../src/validation/python/rules.ts';

let parser: SourceParser;
beforeAll(async () => {
  parser = await openParser();
});
afterAll(() => parser.close());

async function rules(text: string, description: string | null = '', entry: string | null = null): Promise<string[]> {
  const contract: TaskContract | null =
    description === null ? null : { description, declarations: '', entry, dependents: [], siblings: [], packages: [] };
  const { problems } = await pythonRules(
    parser,
    { path: 'a.py', language: 'python', text, contract },
    { pythonTypes: null },
  );
  return problems.filter(({ severity }) => severity === 'error').map(({ rule }) => rule);
}

const share = (guard: string): string =>
  `def share(total, parts):\n    # Check that parts is not zero\n${guard}    size = total / parts\n    return size\n`;
const prime = (guard: string): string =>
  `def is_prime(n):\n${guard}    for i in range(2, int(n ** 0.5) + 1):\n        if n % i == 0:\n            return False\n    return True\n`;
const walk = (guard: string): string =>
  `class Words:\n    def has(self, word):\n        node = self.root\n        for char in word:\n${guard}            node = node.children[char]\n        return node.end\n`;
const close = (less: number): string =>
  `def near(xs, gap):\n    for i in range(len(xs) - ${less}):\n        if xs[i + 1] - xs[i] < gap:\n            return True\n    return False\n`;
const count = (from: number, before = 'n = 0'): string =>
  `def count(text):\n    ${before}\n    for i in range(${from}, len(text)):\n        if text[i].isupper():\n            n += 1\n    return n\n`;

describe('guards that Python lacks', () => {
  it.each([
    ['announced-check', share(''), share('    if parts == 0:\n        return 0\n')],
    ['announced-check', share(''), share('    rest = total % parts\n    assert rest == 0\n')],
    ['unchecked-step', walk(''), walk('            if char not in node.children:\n                return False\n')],
    ['unchecked-step', walk(''), walk('            node.children[char] = Words()\n')],
    ['last-skipped', close(2), close(1)],
    ['first-skipped', count(1), count(0)],
    ['first-skipped', count(1), count(1, 'n = int(text[0].isupper())')],
  ])('finds %s, and not where it is there', async (rule, wrong, right) => {
    expect(await rules(wrong)).toContain(rule);
    expect(await rules(right)).toEqual([]);
  });

  it('finds trial division that takes 0 and 1 for prime numbers', async () => {
    const task = 'Say whether a number is prime.';
    expect(await rules(prime(''), task, 'is_prime')).toEqual(['prime-below-two']);
    expect(await rules('def is_prime(n):\n    return all(n % i for i in range(2, n))\n', task, 'is_prime')).toEqual([
      'prime-below-two',
    ]);
    expect(await rules(prime('    if n < 2:\n        return False\n'), task, 'is_prime')).toEqual([]);
    expect(await rules(prime('    if n in (0, 1):\n        return False\n'), task, 'is_prime')).toEqual([]);
    expect(await rules(prime(''), 'Say whether a number greater than 1 is prime.', 'is_prime')).toEqual([]);
    expect(await rules(prime(''), task)).toEqual([]);
  });

  it('leaves loops alone whose ends are looked at elsewhere, and notes of code without a task', async () => {
    const peaks =
      'def f(xs):\n    n = 0\n    for i in range(1, len(xs) - 1):\n        if xs[i - 1] < xs[i] > xs[i + 1]:\n            n += 1\n    return n\n';
    expect(await rules(peaks)).toEqual([]);
    const rest = 'def f(xs):\n    n = 0\n    for i in range(len(xs) - 1):\n        n += xs[i]\n    return n - xs[-1]\n';
    expect(await rules(rest)).toEqual([]);
    expect(await rules(share(''), null)).toEqual([]);
  });
});
