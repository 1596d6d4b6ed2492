import { describe, expect, it } from 'vitest';
import { openParser } from '../../../src/adapters/parser/index.ts';
import type { TaskContract } from '../../../src/validation/contract/task-contract.ts';
import { scriptRules } from '../../../src/validation/script/rules.ts';

const parser = await openParser();

async function rules(text: string, description = '', entry: string | null = null): Promise<string[]> {
  const contract: TaskContract = {
    description,
    declarations: '',
    entry,
    dependents: [],
    siblings: [],
    paths: ['a.ts'],
    packages: [],
  };
  const input = { path: 'a.ts', language: 'typescript', text, contract };
  const { problems } = await scriptRules(parser, input, { pythonTypes: null });
  return problems.filter(({ severity }) => severity === 'error').map(({ rule }) => rule);
}

const choose = (guard: string): string => `export const choose = (n: number, k: number): number => {
  // Check if k is larger than n or negative
  ${guard}

  // Work it out
  const part = n - k;
  return part / n;
};`;

const flags = (second: string): string => `export const f = (xs: string[]): number => {
  let n = 0;
  while (xs.length > 1) {
    let done = 0;
    for (let i = 0; i < xs.length; i++) { if (xs[i] === '^') { xs.splice(i, 1); n += 3; done = 1; break; } }
    if (done === 1) continue;
    for (let i = 0; i < xs.length; i++) { if (xs[i] === '*') { xs.splice(i, 1); n += 2; done = 1; break; } }
    ${second}
    for (let i = 0; i < xs.length; i++) { if (xs[i] === '+') { xs.splice(i, 1); n += 1; done = 1; break; } }
    if (done === 1) continue;
    break;
  }
  return n;
};`;

const between = (guard: string): string => `const NAMES = ['a', 'b', 'c', 'd'];
export const between = (one: string, other: string): string[] => {
  let low = -1;
  let high = -1;
  for (let i = 0; i < NAMES.length; i++) { if (NAMES[i] === one) { low = i; } }
  for (let i = 0; i < NAMES.length; i++) { if (NAMES[i] === other) { high = i; } }
  ${guard}
  const found: string[] = [];
  for (let i = low + 1; i < high; i++) found.push(NAMES[i] ?? '');
  return found;
};`;

const trie = (
  guard: string,
  before = '',
): string => `class Node { children: { [key: string]: Node } = {}; isWord = false; }
export class Words {
  root = new Node();
  has(word: string): boolean {
    ${before}
    let node = this.root;
    for (const char of word) {
      ${guard}
      node = node.children[char];
    }
    return node.isWord;
  }
}`;

const slices = (guard: string): string => `export function slices(digits: number[], size: number): number[][] {
  ${guard}
  if (size === 0) throw new Error('slice length cannot be zero');
  if (size > digits.length) throw new Error('slice length cannot be greater than series length');
  const found: number[][] = [];
  for (let i = 0; i + size <= digits.length; i++) found.push(digits.slice(i, i + size));
  return found;
}`;

const clean = (guard: string): string => `export const clean = (text: string): string => {
  const digits = text.replace(/[^0-9]/g, '');
  const length = digits.length;
  ${guard}
  if (length > 11) throw new Error('too many digits');
  return length === 11 ? digits.slice(1) : digits;
};`;

const prime = (guard: string): string => `export const isPrime = (n: number): boolean => {
  ${guard}
  for (let i = 2; i * i <= n; i++) {
    if (n % i === 0) return false;
  }
  return true;
};`;

const ABSENT = 'Give what lies between both. Nothing, if one of them is not a correct name or not found.';

describe('guards that a script lacks', () => {
  it.each([
    ['announced-check', choose(''), choose('if (k > n || k < 0) return 0;')],
    ['announced-check', choose(''), choose('const valid = isValid(n, k);')],
    ['announced-check', choose(''), choose('const rest = n - k;\nif (rest < 0) return 0;')],
    ['unchecked-flag', flags(''), flags('if (done === 1) continue;')],
    ['unchecked-step', trie(''), trie('if (!node.children[char]) return false;')],
    ['unchecked-step', trie(''), trie('node.children[char] ??= new Node();')],
    ['unchecked-step', trie(''), trie('', 'if (!this.root) return false;')],
    ['negative-passes', slices(''), slices("if (size < 0) throw new Error('negative');")],
  ])('finds %s, and not where the check is', async (rule, wrong, right) => {
    expect(await rules(wrong)).toContain(rule);
    expect(await rules(right)).not.toContain(rule);
  });

  it('finds a search whose failure nobody asks for, where the task speaks of it', async () => {
    expect(await rules(between(''), ABSENT)).toContain('unchecked-search');
    expect(await rules(between('if (low === -1 || high === -1) return [];'), ABSENT)).not.toContain('unchecked-search');
    expect(await rules(between('if (low < 0) return [];\nif (high < 0) return [];'), ABSENT)).toEqual([]);
    expect(await rules(between(''), 'Give what lies between both.')).toEqual([]);
  });

  it('finds texts that may be shorter than the task says', async () => {
    const task = 'Clean up ten-digit numbers.';
    expect(await rules(clean(''), task)).toEqual(['shorter-passes']);
    expect(await rules(clean("if (length < 10) throw new Error('too few digits');"), task)).toEqual([]);
    expect(await rules(clean(''), 'Clean up numbers.')).toEqual([]);
  });

  it('finds trial division that takes 0 and 1 for prime numbers', async () => {
    const task = 'Say whether a number is prime.';
    expect(await rules(prime(''), task, 'isPrime')).toEqual(['prime-below-two']);
    expect(await rules(prime('if (n < 2) return false;'), task, 'isPrime')).toEqual([]);
    expect(await rules(prime('if (n === 0 || n === 1) { return false; }'), task, 'isPrime')).toEqual([]);
    expect(await rules(prime(''), 'Say whether a number greater than 1 is prime.', 'isPrime')).toEqual([]);
    expect(await rules(prime(''), task)).toEqual([]);
  });

  it('takes a comment at the head of a branch, and one that explains, as such', async () => {
    const text = `export const f = (n: number): number => {
  if (n > 1) {
    // Check if n is even: it is halved then
    return n / 2;
  }
  // The check below is done by the caller
  return n;
};`;
    expect(await rules(text)).toEqual([]);
  });
});
