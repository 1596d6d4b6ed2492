import { describe, expect, it } from 'vitest';
import { finalStatus } from '../../../src/execution/finalize-execution.ts';
import { Periodic } from '../../../src/execution/periodic.ts';
import { providerDelayMs, seedOf, temperatureOf } from '../../../src/execution/retry-policy.ts';
import { textOf } from '../../../src/execution/run-attempt.ts';
import { jsonRows } from '../../../src/execution/statements/json-rows.ts';
import { waitFor } from '../../support/wait-for.ts';

describe('the retry policy', () => {
  it('cools down over the attempts and stays low', () => {
    expect([1, 2, 3, 4, 5, 9].map(temperatureOf)).toEqual([0.7, 0.5, 0.3, 0.3, 0.3, 0.3]);
  });

  it('gives each attempt a seed of its own, the same every time', () => {
    const seeds = [1, 2, 3].flatMap((atom) => [1, 2, 3, 4].map((attempt) => seedOf(7, atom, attempt)));
    expect(new Set(seeds).size).toBe(12);
    expect(seedOf(7, 3, 2)).toBe(seedOf(7, 3, 2));
    expect(seedOf(8, 3, 2)).not.toBe(seedOf(7, 3, 2));
  });

  it('waits longer each time, at most a minute, or as long as it is asked to', () => {
    expect([1, 2, 3, 7, 20].map((n) => providerDelayMs(n, undefined))).toEqual([1_000, 2_000, 4_000, 60_000, 60_000]);
    expect(providerDelayMs(1, 12_345)).toBe(12_345);
  });
});

describe('the state an execution ends in', () => {
  it.each([
    [{ total: 3, accepted: 3, failed: 0 }, 'passed', ['passed'], 'completed'],
    [{ total: 3, accepted: 3, failed: 0 }, 'not_run', ['not_run'], 'completed'],
    [{ total: 3, accepted: 3, failed: 0 }, 'failed', ['passed'], 'partial'],
    [{ total: 3, accepted: 3, failed: 0 }, 'passed', ['passed', 'failed'], 'partial'],
    [{ total: 3, accepted: 2, failed: 1 }, 'not_run', [], 'partial'],
    [{ total: 3, accepted: 0, failed: 1 }, 'not_run', [], 'failed'],
  ] as const)('%o with level 4 %s and level 2 %j is %s', (totals, outcome, files, status) => {
    const outcomes = files.map((file) => ({ outcome: file }));
    expect(finalStatus(totals, { outcome }, outcomes)).toBe(status);
  });
});

describe('accepted text', () => {
  it.each([
    ['plain text', Buffer.from('a = "é"\n'), true],
    ['bytes that are not UTF-8', Buffer.from([0x61, 0xe9, 0x0a]), false],
    ['NUL', Buffer.from('a\0b'), false],
    ['a byte order mark', Buffer.from('\uFEFFa'), false],
  ])('of %s keeps every byte', (_name, bytes, asText) => {
    const text = textOf(bytes);
    expect(text.code !== null).toBe(asText);
    expect(Buffer.compare(text.code === null ? Buffer.from(text.bytes ?? []) : Buffer.from(text.code), bytes)).toBe(0);
  });
});

describe('rows as one JSON parameter', () => {
  const storedAs = (value: string): string => {
    const [json] = jsonRows([{ value }]).queryChunks.filter((chunk) => typeof chunk === 'string');
    return (JSON.parse(String(json)) as { value: string }[])[0]!.value;
  };

  it('replace what Postgres text cannot hold and nothing else', () => {
    expect(storedAs('a\0b')).toBe('a\uFFFDb');
    expect(storedAs('half \ud83d pair')).toBe('half \uFFFD pair');
    expect(storedAs('whole 😀 pair')).toBe('whole 😀 pair');
  });

  it('leave source alone that talks about such escapes', () => {
    for (const source of ['"\\u0000"', 'r"\\\\u0000"', '\\ud83d', 'C:\\\\users\\\\d', '\\\0'.replace('\0', 'n')])
      expect(storedAs(source)).toBe(source);
  });
});

describe('a periodic loop', () => {
  it('runs at once when poked, never twice at the same time, and survives its failures', async () => {
    let running = 0;
    let most = 0;
    let runs = 0;
    const errors: unknown[] = [];
    const loop = new Periodic({
      everyMs: 60_000,
      work: async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        runs += 1;
        if (runs === 2) throw new Error('once');
      },
      onError: (error) => errors.push(error),
    });
    loop.start();
    await waitFor(() => runs === 1);
    loop.poke();
    await waitFor(() => errors.length === 1);
    loop.poke();
    loop.poke();
    await waitFor(() => runs >= 3);
    await loop.stop();
    expect(most).toBe(1);
  });
});
