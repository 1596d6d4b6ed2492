import { describe, expect, it } from 'vitest';
import { Limiter } from '../../../src/validation/system/limiter.ts';

describe('Limiter', () => {
  it('runs at most so many at once, and all in the end', async () => {
    const limiter = new Limiter(2);
    let running = 0;
    let most = 0;
    const task = async (n: number): Promise<number> => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return n;
    };
    const results = await Promise.all(Array.from({ length: 9 }, (_, n) => limiter.run(() => task(n))));
    expect(results).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(most).toBe(2);
  });

  it('goes on after a failure', async () => {
    const limiter = new Limiter(1);
    const failing = limiter.run(() => Promise.reject(new Error('no')));
    const next = limiter.run(() => Promise.resolve('yes'));
    await expect(failing).rejects.toThrow('no');
    await expect(next).resolves.toBe('yes');
  });
});
