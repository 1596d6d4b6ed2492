import { describe, expect, it } from 'vitest';
import { batchesOf } from '../../../src/atomization/pool.ts';

const KB = 1024;
const sizes = Array.from({ length: 900 }, (_, i) => ((i * 7919) % 40) * KB + 300);
const bytesOf = (batch: readonly number[]): number => batch.reduce((sum, i) => sum + (sizes[i] ?? 0), 0);

describe('batches for threads', () => {
  it('hold every file once, large ones first', () => {
    const batches = batchesOf(sizes, 2);
    const order = batches.flat();
    expect(order.toSorted((a, b) => a - b)).toEqual(sizes.map((_, i) => i));
    expect(order.map((i) => sizes[i])).toEqual(sizes.toSorted((a, b) => b - a));
  });

  it('get small towards the end, so that no thread waits long for the other', () => {
    const batches = batchesOf(sizes, 2).map(bytesOf);
    expect(Math.max(...batches)).toBeLessThanOrEqual(256 * KB);
    expect(batches.at(-1)).toBeLessThanOrEqual(16 * KB);
    expect(batches[0]).toBeGreaterThan(200 * KB);
  });

  it('are as many as there are files where each is larger than a batch, and none for nothing', () => {
    expect(batchesOf([300 * KB, 400 * KB], 2)).toEqual([[1], [0]]);
    expect(batchesOf([], 2)).toEqual([]);
    expect(batchesOf([0, 0], 2)).toEqual([[0, 1]]);
  });
});
