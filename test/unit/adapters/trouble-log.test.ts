import { describe, expect, it } from 'vitest';
import { TroubleLog } from '../../../src/adapters/telemetry/trouble-log.ts';

function opened() {
  let now = 0;
  const lines: [string, string, number][] = [];
  const write = (level: string) => (fields: unknown, message?: string) => {
    const repeats = (fields as { repeats?: number }).repeats ?? 0;
    lines.push([level, message ?? String(fields), repeats]);
  };
  const log = { warn: write('warn'), info: write('info') } as unknown as ConstructorParameters<
    typeof TroubleLog
  >[0]['log'];
  const troubles = new TroubleLog({ log, what: 'Redis', remindMs: 1_000, maxRemindMs: 4_000, now: () => now });
  return { lines, troubles, at: (ms: number) => (now = ms) };
}

const refused = () => Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:6379'), { code: 'ECONNREFUSED' });

describe('a server that fails', () => {
  it('is told of once when it begins and once when it is over', () => {
    const { lines, troubles } = opened();
    troubles.well();
    for (let i = 0; i < 500; i += 1) troubles.trouble(refused());
    troubles.well();
    troubles.well();
    expect(lines).toEqual([
      ['warn', 'Redis is in trouble', 0],
      ['info', 'Redis is well again', 0],
    ]);
    troubles.trouble(refused());
    expect(lines).toHaveLength(3);
  });

  it('is told of again when the trouble is another one, but not each time that two take turns', () => {
    const { lines, troubles } = opened();
    for (let i = 0; i < 50; i += 1) {
      troubles.trouble(refused());
      troubles.trouble(new Error('WRONGPASS invalid username-password pair or user is disabled.'));
      troubles.trouble(new Error('WRONGPASS other words'));
    }
    expect(lines.map(([level]) => level)).toEqual(['warn', 'warn']);
  });

  it('is told of again at growing intervals while it lasts, with how often it was tried', () => {
    const { lines, troubles, at } = opened();
    const told: number[] = [];
    for (let ms = 0; ms <= 20_000; ms += 100) {
      at(ms);
      const before = lines.length;
      troubles.trouble(refused());
      if (lines.length > before) told.push(ms);
    }
    expect(told).toEqual([0, 1_000, 3_000, 7_000, 11_000, 15_000, 19_000]);
    expect(lines[1]).toEqual(['warn', 'Redis is in trouble', 9]);
  });
});
