import { describe, expect, it } from 'vitest';
import { keptVerdict } from '../../../src/validation/kept-verdicts.ts';
import type { StaticInput, StaticVerdict } from '../../../src/validation/language-checks.ts';

const input = (text: string): StaticInput => ({ path: 'a.py', language: 'python', text, contract: null });
const verdict: StaticVerdict = { problems: [], notRun: {} };

function store(found: string | null) {
  const kept: string[] = [];
  const findVerdict = () => Promise.resolve(found);
  const keepVerdict = (_: string, text: string) => Promise.resolve(void kept.push(text));
  return { kept, findVerdict, keepVerdict };
}

describe('verdicts that are kept', () => {
  it('are worked out once for the same input, and anew for another', async () => {
    let judged = 0;
    const judge = () => ({ ...verdict, notRun: { types: String(++judged) } });
    const [first, second] = await Promise.all([1, 2].map(() => keptVerdict(input('once'), undefined, judge)));
    expect(second).toBe(first);
    expect((await keptVerdict(input('other'), undefined, judge)).notRun).toEqual({ types: '2' });
  });

  it('are tried again after a failure', async () => {
    const failing = keptVerdict(input('again'), undefined, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await keptVerdict(input('again'), undefined, () => verdict)).toBe(verdict);
  });

  it('are worked out where the store holds something else', async () => {
    for (const found of ['damaged', '{}', 'null', '[]']) {
      const damaged = store(found);
      expect(await keptVerdict(input(`damaged ${found}`), damaged, () => verdict)).toEqual(verdict);
      expect(damaged.kept).toEqual(['{"problems":[]}']);
    }
  });

  it('are left to nobody when something was not judged', async () => {
    const empty = store(null);
    await keptVerdict(input('not judged'), empty, () => ({ ...verdict, notRun: { types: 'no checker' } }));
    expect(empty.kept).toEqual([]);
  });
});
