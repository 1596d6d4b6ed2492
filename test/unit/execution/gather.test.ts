import { expect, it } from 'vitest';
import { Gather } from '../../../src/execution/gather.ts';

it('asks for what comes together, or while a batch is under way, at once, and gives each its own', async () => {
  const batches: number[][] = [];
  let end = (): void => undefined;
  const gather = new Gather<number, string>(async (keys) => {
    batches.push([...keys]);
    if (batches.length === 2) await new Promise<void>((resolve) => (end = resolve));
    return keys.map((key) => `v${key}`);
  }, 3);
  expect(await Promise.all([gather.get(1), gather.get(2)])).toEqual(['v1', 'v2']);
  const second = gather.get(3);
  await new Promise((resolve) => setImmediate(resolve));
  const later = [4, 5, 6, 7].map((key) => gather.get(key));
  end();
  expect(await Promise.all([second, ...later])).toEqual(['v3', 'v4', 'v5', 'v6', 'v7']);
  expect(batches).toEqual([[1, 2], [3], [4, 5, 6], [7]]);
});

it('fails all of a batch with what failed, one alone where only that one did, and goes on', async () => {
  let failing = true;
  const gather = new Gather<number, number>((keys) => {
    if (failing) return Promise.reject(new Error('away'));
    return Promise.resolve(keys.map((key) => (key === 2 ? Promise.reject(new Error('odd')) : Promise.resolve(key))));
  });
  const first = await Promise.allSettled([gather.get(1), gather.get(2)]);
  expect(first.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  failing = false;
  const second = await Promise.allSettled([gather.get(1), gather.get(2)]);
  expect(second.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
});
