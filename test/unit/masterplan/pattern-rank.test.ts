import { describe, expect, it } from 'vitest';
import type { VectorMatch } from '../../../src/adapters/vectors/index.ts';
import { CURATED_EXAMPLES } from '../../../src/masterplan/patterns/examples/index.ts';
import { rank, wordsOf } from '../../../src/masterplan/patterns/rank.ts';

const match = (id: string, language: string, similarity: number, text = ''): VectorMatch => ({
  id,
  text,
  similarity,
  metadata: { language, code: 'x' },
});
const question = (text: string, language = 'python') => ({ text, path: '', language });

describe('the order of examples', () => {
  it('puts the same language first, a related one next', () => {
    const ranked = rank(question('anything', 'tsx'), [
      match('example:python/a', 'python', 0.6),
      match('example:typescript/b', 'typescript', 0.6),
      match('example:tsx/c', 'tsx', 0.6),
    ]);
    expect(ranked.map((one) => one.language)).toEqual(['tsx', 'typescript', 'python']);
  });

  it('lets a shared rare word decide between texts of like meaning', () => {
    const [first] = rank(question('sort tasks topologically by their dependencies'), [
      match('example:python/group-by', 'python', 0.5, 'Group items by a key.'),
      match(
        'example:python/topological-sort',
        'python',
        0.48,
        'Order tasks so that each comes after its dependencies.',
      ),
    ]);
    expect(first?.name).toBe('example:python/topological-sort');
  });

  it('does not depend on the order in which matches arrive', () => {
    const matches = [match('b', 'python', 0.5), match('a', 'python', 0.5), match('c', 'python', 0.7)];
    expect(rank(question('x'), matches)).toEqual(rank(question('x'), matches.toReversed()));
  });

  it('takes names apart into words', () => {
    expect([...wordsOf('findUsers by_email the')]).toEqual(['find', 'user', 'email']);
  });
});

describe('the curated examples', () => {
  it('have ids of their own in their language, a purpose and code that fits a prompt', () => {
    const ids = CURATED_EXAMPLES.map(({ language, id }) => `${language}/${id}`);
    expect(new Set(ids).size).toBe(ids.length);
    for (const example of CURATED_EXAMPLES) {
      expect(example.id).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
      expect(example.purpose).toMatch(/^\S.*\.$/);
      expect(example.code.split('\n').length).toBeLessThanOrEqual(30);
    }
  });
});
