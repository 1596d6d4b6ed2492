import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fairShares, grantFor, type WorkerDemand } from '../../../../src/adapters/llm/concurrency/shares.ts';

const wants = (...counts: number[]): WorkerDemand[] =>
  counts.map((waiting, i) => ({ worker: `w${String(i).padStart(2, '0')}`, inFlight: 0, waiting, granted: 0 }));
const shares = (limit: number, ...counts: number[]) => [
  ...new Map([...fairShares(limit, wants(...counts))].sort()).values(),
];

describe('shares of a limit', () => {
  it('are equal among those who want more, and what one does not need the others get', () => {
    expect(shares(30, 100, 100, 100)).toEqual([10, 10, 10]);
    expect(shares(30, 4, 100, 100)).toEqual([4, 13, 13]);
    expect(shares(30, 1, 2, 3)).toEqual([1, 2, 3]);
    expect(shares(0, 5, 5)).toEqual([0, 0]);
  });

  it('use the limit up and never pass it', () => {
    fc.assert(
      fc.property(fc.nat(250), fc.array(fc.nat(60), { minLength: 1, maxLength: 12 }), (limit, counts) => {
        const given = shares(limit, ...counts);
        const sum = given.reduce((a, b) => a + b, 0);
        expect(sum).toBe(
          Math.min(
            limit,
            counts.reduce((a, b) => a + b, 0),
          ),
        );
        given.forEach((share, i) => expect(share).toBeLessThanOrEqual(counts[i]!));
      }),
    );
  });
});

describe('a grant', () => {
  it('waits until another worker has given up what it holds', () => {
    const [first, second] = wants(100, 100) as [WorkerDemand, WorkerDemand];
    const holds = { ...first, granted: 20, inFlight: 20, waiting: 80 };
    expect(grantFor(20, second, [holds])).toBe(0);
    expect(grantFor(20, { ...holds }, [second])).toBe(10);
    expect(grantFor(20, second, [{ ...holds, granted: 10, inFlight: 14 }])).toBe(6);
    expect(grantFor(20, second, [{ ...holds, granted: 10, inFlight: 10 }])).toBe(10);
  });

  it('together with the others never passes the limit, in whatever order they ask', () => {
    const step = fc.record({ who: fc.nat(3), want: fc.nat(40), limit: fc.integer({ min: 10, max: 60 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const workers = wants(0, 0, 0, 0).map((worker) => ({ ...worker }));
        for (const { who, want, limit } of steps) {
          const { [who]: me } = workers;
          const others = workers.filter((worker) => worker !== me);
          const asking = { ...me!, waiting: Math.max(0, want - me!.inFlight) };
          const granted = grantFor(limit, asking, others);
          const heldByOthers = others.reduce((sum, other) => sum + Math.max(other.granted, other.inFlight), 0);
          expect(granted + heldByOthers).toBeLessThanOrEqual(Math.max(limit, heldByOthers));
          workers[who] = { ...asking, granted, inFlight: Math.min(granted, want) };
        }
      }),
    );
  });
});
