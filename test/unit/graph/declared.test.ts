import { describe, expect, it } from 'vitest';
import type { DependencyEdge } from '../../../src/domain/index.ts';
import { declaredEdges } from '../../../src/graph/declared.ts';

const FILES = [
  { path: 'a', first: 0, count: 2 },
  { path: 'b', first: 2, count: 3 },
  { path: 'c', first: 5, count: 1 },
];
const edge = (from: number, to: number): DependencyEdge => ({
  from,
  to,
  type: 'function_call',
  strength: 1,
  reason: 'calls',
});
const pairs = (edges: readonly DependencyEdge[]) => edges.map(({ from, to }) => [from, to]);

describe('an order that the plan declares', () => {
  it('lets every slice of one file wait for every slice of the other, through the ends of both', () => {
    // Inside a: 1 follows 0. Inside b: 3 and 4 follow 2.
    const inside = [edge(1, 0), edge(3, 2), edge(4, 2)];
    expect(pairs(declaredEdges(FILES, inside, [{ from: 'a', to: 'b' }]))).toEqual([
      [0, 3],
      [0, 4],
    ]);
  });

  it('adds nothing where the code leads the same way, directly or through a third file', () => {
    expect(declaredEdges(FILES, [edge(0, 2)], [{ from: 'a', to: 'b' }])).toEqual([]);
    expect(declaredEdges(FILES, [edge(0, 5), edge(5, 2)], [{ from: 'a', to: 'b' }])).toEqual([]);
  });

  it('gives way where the code says the opposite', () => {
    expect(declaredEdges(FILES, [edge(2, 0)], [{ from: 'a', to: 'b' }])).toEqual([]);
  });

  it('takes all slices of a file whose slices go in a circle', () => {
    const circle = [edge(0, 1), edge(1, 0)];
    expect(pairs(declaredEdges(FILES, circle, [{ from: 'a', to: 'c' }]))).toEqual([
      [0, 5],
      [1, 5],
    ]);
  });

  it('passes over files that have no atoms in the graph', () => {
    expect(declaredEdges(FILES, [], [{ from: 'a', to: 'elsewhere' }])).toEqual([]);
  });
});
