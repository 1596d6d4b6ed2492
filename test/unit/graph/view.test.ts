import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exportGraph, impactOf, neighboursOf, pathsBetween, type GraphView } from '../../../src/graph/index.ts';

function view(atomCount: number, pairs: readonly (readonly [number, number])[]): GraphView {
  return {
    atoms: Array.from({ length: atomCount }, (_, i) => ({
      id: `f${String(i % 3)}.ts:${String(i)}`,
      file: `f${String(i % 3)}.ts`,
      startLine: i * 10 + 1,
      endLine: i * 10 + 10,
      name: `atom "${String(i)}" <T>`,
      role: 'declaration',
      wave: 1,
    })),
    edges: pairs.map(([from, to]) => ({
      from,
      to,
      type: 'function_call',
      strength: 1,
      reason: `${String(from)} & ${String(to)}`,
    })),
  };
}

describe('questions to a graph', () => {
  const diamond = view(5, [
    [0, 1],
    [0, 2],
    [1, 3],
    [2, 3],
    [3, 4],
  ]);

  it('explains why one atom waits for another by all shortest chains', () => {
    const chains = pathsBetween(diamond, 0, 4).map((path) => path.map((edge) => edge.to));
    expect(chains).toEqual([
      [1, 3, 4],
      [2, 3, 4],
    ]);
    expect(pathsBetween(diamond, 4, 0)).toEqual([]);
  });

  it('says what a change reaches, nearest first', () => {
    expect(impactOf(diamond, 3)).toEqual([
      { atom: 1, steps: 1 },
      { atom: 2, steps: 1 },
      { atom: 0, steps: 2 },
    ]);
    expect(neighboursOf(diamond, 3).dependents.map((edge) => edge.from)).toEqual([1, 2]);
  });

  it('does not wait along an edge that was cut', () => {
    const { edges } = diamond;
    const cut: GraphView = {
      ...diamond,
      edges: edges.map((edge) => (edge.from === 3 ? { ...edge, cut: 'cycle' } : edge)),
    };
    expect(pathsBetween(cut, 0, 4)).toEqual([]);
    expect(impactOf(cut, 4)).toEqual([]);
  });

  it('finds a path exactly where impact sees the waiting atom', () => {
    const graphs = fc
      .integer({ min: 2, max: 12 })
      .chain((n) =>
        fc.record({ n: fc.constant(n), pairs: fc.array(fc.tuple(fc.nat(n - 1), fc.nat(n - 1)), { maxLength: 30 }) }),
      );
    fc.assert(
      fc.property(graphs, ({ n, pairs }) => {
        const graph = view(
          n,
          pairs.filter(([a, b]) => a !== b),
        );
        const reached = new Map(impactOf(graph, 0).map((entry) => [entry.atom, entry.steps]));
        for (let atom = 1; atom < n; atom += 1) {
          const [shortest] = pathsBetween(graph, atom, 0);
          expect(shortest?.length).toBe(reached.get(atom));
          shortest?.forEach((edge, i) => expect(edge.from).toBe(i === 0 ? atom : shortest[i - 1]?.to));
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('exportGraph', () => {
  const small = view(4, [
    [0, 1],
    [1, 2],
  ]);

  it('writes JSON with edges by id', () => {
    const document = JSON.parse(exportGraph(small, 'json')) as { edges: unknown[]; atoms: unknown[] };
    expect(document.atoms).toHaveLength(4);
    expect(document.edges[0]).toEqual({
      from: 'f0.ts:0',
      to: 'f1.ts:1',
      type: 'function_call',
      strength: 1,
      reason: '0 & 1',
    });
  });

  it('writes GraphML that escapes what XML would misread', () => {
    const xml = exportGraph(small, 'graphml');
    expect(xml.match(/<node /g)).toHaveLength(4);
    expect(xml).toContain('<data key="reason">0 &amp; 1</data>');
    expect(xml).toContain('atom &quot;0&quot; &lt;T&gt;');
    expect(xml).not.toMatch(/<T>/);
  });

  it('draws atoms while they are few, files when they are many', () => {
    expect(exportGraph(small, 'dot')).toContain('a0 -> a1 [label="function_call"];');
    expect(exportGraph(small, 'mermaid')).toContain('a1 -->|"function_call"| a2');
    const large = exportGraph(
      view(
        400,
        Array.from({ length: 399 }, (_, i) => [i, i + 1] as const),
      ),
      'dot',
    );
    expect(large.split('\n').length).toBeLessThan(30);
    expect(large).toContain('f0 -> f1 [label="133"];');
  });
});
