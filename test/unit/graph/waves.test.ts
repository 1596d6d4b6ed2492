import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DependencyEdge, DependencyType } from '../../../src/domain/index.ts';
import { MAX_UNIT_ATOMS } from '../../../src/graph/cycles.ts';
import { planWaves, type PlannedWaves } from '../../../src/graph/waves.ts';

function edge(from: number, to: number, type: DependencyType = 'function_call', strength = 1): DependencyEdge {
  return { from, to, type, strength, reason: `${from} needs ${to}` };
}

const randomGraph = fc.integer({ min: 1, max: 60 }).chain((n) =>
  fc.record({
    n: fc.constant(n),
    edges: fc.array(
      fc
        .tuple(
          fc.nat(n - 1),
          fc.nat(n - 1),
          fc.constantFrom<DependencyType>('import', 'function_call', 'type', 'data_flow', 'temporal'),
          fc.constantFrom(0.3, 0.8, 1),
        )
        .map(([from, to, type, strength]) => edge(from, to, type, strength)),
      { maxLength: 150 },
    ),
  }),
);

/** Reachability by repeated squaring of nothing clever: an independent, slow reference. */
function reach(n: number, edges: readonly DependencyEdge[]): boolean[][] {
  const table = Array.from({ length: n }, () => new Array<boolean>(n).fill(false));
  for (const e of edges) table[e.from]![e.to] = true;
  for (let k = 0; k < n; k += 1)
    for (let i = 0; i < n; i += 1)
      if (table[i]![k]!) for (let j = 0; j < n; j += 1) if (table[k]![j]!) table[i]![j] = true;
  return table;
}

const TYPES: readonly DependencyType[] = ['import', 'function_call', 'type', 'data_flow', 'temporal'];

/** Edges of which a share goes against the order of the others, and so may close circles. */
function generated(n: number, count: number, backwards: number, seed: number): DependencyEdge[] {
  let state = seed;
  const next = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  return Array.from({ length: count }, () => {
    const [a, b] = [next(n), next(n)];
    const reversed = next(10_000) < backwards * 10_000;
    const [from, to] = a > b !== reversed ? [a, b] : [b, a];
    return edge(from, to, TYPES[next(TYPES.length)], [0.3, 0.8, 1][next(3)]);
  });
}

/** Checked once per edge, so that size does not matter; failures are counted rather than asserted one by one. */
function expectInvariants(n: number, edges: readonly DependencyEdge[], plan: PlannedWaves): void {
  const cut = new Map<string, number>();
  const key = (e: DependencyEdge): string => `${e.from},${e.to},${e.type},${e.strength}`;
  for (const e of plan.cut) cut.set(key(e), (cut.get(key(e)) ?? 0) + 1);
  const position = new Int32Array(n).fill(-1);
  plan.topologicalOrder.forEach((atom, i) => (position[atom] = i));
  const latest = new Map<number, number>();
  const wrong = { wave: 0, order: 0, longest: 0, unit: 0, missing: 0 };
  for (const e of edges) {
    const left = cut.get(key(e)) ?? 0;
    if (left > 0) {
      cut.set(key(e), left - 1);
      continue;
    }
    const unit = plan.unitOf[e.from]!;
    if (unit === plan.unitOf[e.to]!) {
      if (plan.waveOf[e.from] !== plan.waveOf[e.to]) wrong.unit += 1;
      continue;
    }
    if (plan.waveOf[e.to]! >= plan.waveOf[e.from]!) wrong.wave += 1;
    if (position[e.to]! >= position[e.from]!) wrong.order += 1;
    latest.set(unit, Math.max(latest.get(unit) ?? 0, plan.waveOf[e.to]!));
  }
  // The number of waves is the longest path: each unit stands right behind the latest of what it needs.
  for (let i = 0; i < n; i += 1) {
    if (plan.waveOf[i] !== 1 + (latest.get(plan.unitOf[i]!) ?? 0)) wrong.longest += 1;
    if (position[i] === -1) wrong.missing += 1;
  }
  expect(wrong).toEqual({ wave: 0, order: 0, longest: 0, unit: 0, missing: 0 });
  expect(plan.profile.reduce((sum, count) => sum + count, 0)).toBe(n);
  expect(plan.totalWaves).toBe(plan.waveOf.reduce((most, wave) => Math.max(most, wave), 0));
}

describe('planWaves', () => {
  it('puts a chain of calls into waves from the callee up', () => {
    const plan = planWaves(3, [edge(0, 1), edge(1, 2)]);
    expect([...plan.waveOf]).toEqual([3, 2, 1]);
    expect([...plan.topologicalOrder]).toEqual([2, 1, 0]);
    expect([...plan.criticalPath]).toEqual([1, 2, 3]);
    expect(plan.hasCycles).toBe(false);
  });

  it('keeps mutual recursion together as one unit', () => {
    const plan = planWaves(4, [edge(0, 1), edge(1, 0), edge(2, 0), edge(1, 3)]);
    expect(plan.unitOf[0]).toBe(plan.unitOf[1]);
    expect([...plan.waveOf]).toEqual([2, 2, 3, 1]);
    expect(plan.cut).toEqual([]);
    expect(plan.hasCycles).toBe(true);
  });

  it('cuts a preference that closes a cycle, and says why', () => {
    const plan = planWaves(2, [edge(0, 1), edge(1, 0, 'temporal', 0.3)]);
    expect([...plan.waveOf]).toEqual([2, 1]);
    expect(plan.cut).toHaveLength(1);
    expect(plan.cut[0]).toMatchObject({ from: 1, to: 0, type: 'temporal' });
    expect(plan.cut[0]?.cutReason).toContain('cycle through 2 atoms');
  });

  it('cuts type edges before calls in a cycle that is too large for one unit', () => {
    const n = MAX_UNIT_ATOMS + 4;
    const ring = Array.from({ length: n }, (_, i) => edge(i, (i + 1) % n, i === 5 ? 'type' : 'function_call'));
    const plan = planWaves(n, ring);
    expect(plan.cut.map((e) => e.from)).toEqual([5]);
    expect(plan.totalWaves).toBe(n);
  });

  it('gives slack to atoms that nothing on the longest chain waits for', () => {
    const plan = planWaves(4, [edge(0, 1), edge(1, 2), edge(0, 3)]);
    expect([...plan.slack]).toEqual([0, 0, 0, 1]);
  });

  it('weighs the critical path by effort', () => {
    const plan = planWaves(3, [edge(0, 2), edge(1, 2)], Float64Array.from([5, 1, 2]));
    expect([...plan.criticalPath]).toEqual([5, 1, 7]);
  });

  it('refuses an edge that leaves the graph', () => {
    expect(() => planWaves(2, [edge(0, 2)])).toThrow(RangeError);
    expect(planWaves(0, []).totalWaves).toBe(0);
  });

  it('orders every dependency earlier or inside the same unit, by the longest path', () => {
    fc.assert(
      fc.property(randomGraph, ({ n, edges }) => {
        const plan = planWaves(n, edges);
        const cut = new Set(plan.cut.map((e) => `${e.from},${e.to},${e.type},${e.strength}`));
        const ordering = edges.filter((e) => e.from !== e.to && !cut.has(`${e.from},${e.to},${e.type},${e.strength}`));
        const reachable = reach(n, ordering);
        const position = new Map([...plan.topologicalOrder].map((atom, i) => [atom, i]));
        expect(position.size).toBe(n);
        for (const e of ordering) {
          if (plan.unitOf[e.from] === plan.unitOf[e.to]) continue;
          expect(plan.waveOf[e.to]!).toBeLessThan(plan.waveOf[e.from]!);
          expect(position.get(e.to)!).toBeLessThan(position.get(e.from)!);
        }
        for (let i = 0; i < n; i += 1) {
          // Longest path: an atom sits right after the latest dependency of its unit.
          const before = ordering.filter(
            (e) => plan.unitOf[e.from] === plan.unitOf[i] && plan.unitOf[e.to] !== plan.unitOf[i],
          );
          expect(plan.waveOf[i]).toBe(1 + Math.max(0, ...before.map((e) => plan.waveOf[e.to]!)));
          const together = Array.from({ length: n }, (_, j) => i === j || (reachable[i]![j]! && reachable[j]![i]!));
          expect(Array.from(plan.unitOf, (unit) => unit === plan.unitOf[i])).toEqual(together);
        }
        const cyclic = reach(
          n,
          edges.filter((e) => e.from !== e.to),
        ).some((row, i) => row[i]);
        expect(plan.hasCycles).toBe(cyclic);
      }),
      { numRuns: 80 },
    );
  });

  it('cuts only edges that lie on a cycle, and leaves no unit over the limit but by imports', () => {
    fc.assert(
      fc.property(randomGraph, ({ n, edges }) => {
        const calls = edges.filter((e) => e.type !== 'import');
        const plan = planWaves(n, calls);
        const reachable = reach(n, calls);
        for (const e of plan.cut) expect(reachable[e.to]![e.from]).toBe(true);
        const sizes = new Map<number, number>();
        for (const unit of plan.unitOf) sizes.set(unit, (sizes.get(unit) ?? 0) + 1);
        expect(Math.max(...sizes.values())).toBeLessThanOrEqual(MAX_UNIT_ATOMS);
      }),
      { numRuns: 80 },
    );
  });

  it('keeps every invariant on random graphs of up to 100,000 atoms', () => {
    const large = fc.record({
      n: fc.constantFrom(1_000, 10_000, 100_000),
      density: fc.constantFrom(0.5, 1.5, 3),
      backwards: fc.constantFrom(0, 0.0001, 0.05),
      seed: fc.integer({ min: 1, max: 2 ** 30 }),
    });
    fc.assert(
      fc.property(large, ({ n, density, backwards, seed }) => {
        const edges = generated(n, Math.floor(n * density), backwards, seed);
        expectInvariants(n, edges, planWaves(n, edges));
      }),
      { numRuns: 8 },
    );
  });

  it('plans 100,000 atoms and 300,000 edges in linear time, however deep', () => {
    const n = 100_000;
    let seed = 7;
    const next = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648);
    const chain = Array.from({ length: n - 1 }, (_, i) => edge(i + 1, i));
    const others = Array.from({ length: 200_000 }, () => edge(next() % n, next() % n));
    const edges = [...chain, ...others.map((e) => (e.from > e.to ? e : edge(e.to, e.from)))];
    // The better of two runs: the first also pays for compiling.
    const cpuMs = [1, 2].map(() => {
      const started = process.cpuUsage();
      expect(planWaves(n, edges).totalWaves).toBe(n);
      return process.cpuUsage(started).user / 1_000;
    });
    expect(Math.min(...cpuMs)).toBeLessThan(1_000);
    const cyclic = planWaves(n, others);
    expect(cyclic.hasCycles).toBe(true);
  });
});
