import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ClaimedAtom } from '../../../src/execution/attempt-outcome.ts';
import { ClaimsAhead, HOLD_MS } from '../../../src/execution/claims-ahead.ts';

const SLOTS = 100;
const atoms = (count: number) => Array.from({ length: count }, (_, n) => ({ atomNumber: n }) as ClaimedAtom);

/** Stores groups of a hundred bodies that took `bodyMs` each in transactions of `transactionMs`, and gives the last allowance. */
function after(ahead: ClaimsAhead, groups: number, bodyMs: number, transactionMs = 10): number {
  let allowed = 0;
  for (let group = 0; group < groups; group += 1) {
    for (let n = 0; n < SLOTS; n += 1) ahead.bodyTook(bodyMs);
    ahead.transactionTook(transactionMs);
    allowed = ahead.allowance(SLOTS);
  }
  return allowed;
}

afterEach(() => vi.useRealTimers());

describe('claiming ahead', () => {
  it('begins when bodies have shown that they are quick, and grows by steps', () => {
    const ahead = new ClaimsAhead(() => undefined);
    expect(ahead.allowance(SLOTS)).toBe(0);
    expect(after(ahead, 1, 0.1)).toBe(100);
    expect(after(ahead, 1, 0.1)).toBe(300);
    expect(after(ahead, 20, 0.1)).toBe(1_000);
  });

  it('takes no more than the slots work off during a transaction', () => {
    const ahead = new ClaimsAhead(() => undefined);
    expect(after(ahead, 20, 5, 10)).toBe(200);
    expect(after(new ClaimsAhead(() => undefined), 20, 50, 10)).toBe(0);
  });

  it('ends at once with a slow group, and comes back only after several quick ones', () => {
    const ahead = new ClaimsAhead(() => undefined);
    after(ahead, 20, 0.1);
    expect(after(ahead, 1, 1_000)).toBe(0);
    expect(after(ahead, 5, 0.1)).toBe(0);
    expect(after(ahead, 10, 0.1)).toBeGreaterThan(0);
  });

  it('reports what waits for too long, in the order of the claims', () => {
    vi.useFakeTimers();
    const ahead: ClaimsAhead = new ClaimsAhead(() => given.push(...ahead.giveUp()));
    const given: ClaimedAtom[] = [];
    ahead.hold(atoms(5));
    expect(ahead.next(2).map((atom) => atom.atomNumber)).toEqual([0, 1]);
    ahead.watch();
    vi.advanceTimersByTime(HOLD_MS - 1);
    expect(given).toEqual([]);
    vi.advanceTimersByTime(HOLD_MS);
    expect(given.map((atom) => atom.atomNumber)).toEqual([2, 3, 4]);
    expect(ahead.size).toBe(0);
    expect(ahead.allowance(SLOTS)).toBe(0);
  });
});
