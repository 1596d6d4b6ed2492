import { describe, expect, it } from 'vitest';
import { openParser } from '../../../src/adapters/parser/index.ts';
import { pythonRules } from '../../../src/validation/python/rules.ts';
import { scriptRules } from '../../../src/validation/script/rules.ts';
import { statedBounds } from '../../../src/validation/stated-bounds.ts';

const parser = await openParser();

async function rules(language: 'python' | 'typescript', text: string, description: string): Promise<string[]> {
  const path = language === 'python' ? 'a.py' : 'a.ts';
  const contract = {
    description,
    declarations: '',
    entry: 'pick',
    dependents: [],
    siblings: [],
    paths: [path],
    packages: [],
  };
  const judge = language === 'python' ? pythonRules : scriptRules;
  const { problems } = await judge(parser, { path, language, text, contract }, { pythonTypes: null });
  return problems.filter(({ severity }) => severity === 'error').map(({ rule }) => rule);
}

const loop = (operator: string): string =>
  `export const pick = (x: number, y: number): number => {\n  for (let i = y; i ${operator} x; i--) if (i % 2 === 0) return i;\n  return -1;\n};`;
const kept = (condition: string): string => `def pick(rows, n):\n    return [row for row in rows if ${condition}]\n`;
const upTo = (end: string): string => `def pick(n):\n    return [i for i in range(2, ${end}) if i % 3]\n`;

describe('bounds that a task states', () => {
  it.each([
    ['the values greater than or equal to n', 'above'],
    ['at least n of them', 'above'],
    ['all numbers less than n', 'above'],
    ['everything up to and including n', 'below'],
    ['more than the given number n', 'below'],
    ['at most n', 'below'],
  ])('reads "%s"', (words, equalLies) => {
    expect(statedBounds(words, ['n']).map((bound) => bound.equalLies)).toEqual([equalLies]);
  });

  it('says nothing of other names, nor where the words say two things', () => {
    expect(statedBounds('at least five of them, at most m', ['n'])).toEqual([]);
    expect(statedBounds('less than n or greater than n', ['n'])).toEqual([]);
    expect(statedBounds('no more than n', ['n'])).toEqual([]);
  });

  it('finds comparisons of a script that draw the line on the other side', async () => {
    const task = 'The biggest even number in the range [x, y] inclusive.';
    expect(await rules('typescript', loop('>'), task)).toEqual(['other-bound']);
    expect(await rules('typescript', loop('>='), task)).toEqual([]);
    expect(await rules('typescript', loop('>'), 'The biggest even number.')).toEqual([]);
  });

  it('finds the same in Python, also at the end of a range', async () => {
    const task = 'Keep the rows greater than or equal to n.';
    expect(await rules('python', kept('row > n'), task)).toEqual(['other-bound']);
    expect(await rules('python', kept('n < row'), task)).toEqual(['other-bound']);
    expect(await rules('python', kept('not row < n'), task)).toEqual([]);
    expect(await rules('python', kept('row > n or row == n'), task)).toEqual([]);
    expect(await rules('python', upTo('n'), 'Numbers up to and including n.')).toEqual(['other-bound']);
    expect(await rules('python', upTo('n + 1'), 'Numbers up to and including n.')).toEqual([]);
  });
});
