import { describe, expect, it } from 'vitest';
import { checkTimesOf } from '../../../src/execution/estimate/check-times.ts';

/** Attempts of one run that end every `pace` seconds and take 0.5 s beside their call of 2 s. */
const ending = (run: string, count: number, pace: number) =>
  Array.from({ length: count }, (_, n) => ({ run, ended: 1_000 + n * pace, seconds: 2.5, called: 2 }));

describe('what checks take', () => {
  it('is the fastest pace of a run, and what is left beside call and pace', () => {
    const times = checkTimesOf([...ending('slow', 100, 3), ...ending('fast', 100, 0.1)]);
    expect(times?.busySeconds).toBeCloseTo(0.1);
    expect(times?.ownSeconds).toBeCloseTo(0.4);
  });

  it('does not take attempts of different runs for one pace', () => {
    expect(checkTimesOf(Array.from({ length: 100 }, (_, n) => ending(`run ${n}`, 1, 1)).flat())).toBeNull();
  });

  it('takes an attempt that waited in a long queue for no longer check', () => {
    const attempts = ending('one', 200, 0.1).map((one, n) => ({ ...one, seconds: n < 100 ? 2.5 : 12 }));
    expect(checkTimesOf(attempts)?.ownSeconds).toBeCloseTo(0.4);
  });
});
