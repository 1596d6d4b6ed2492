import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { Chaos, layered } from './chaos-harness.ts';

let chaos: Chaos;
beforeEach(async () => {
  chaos = await Chaos.open();
});
afterEach(() => chaos.close());

const HOUR_MS = 3_600_000;
const LEASE_MS = 1_500;

describe('workers whose clocks are hours apart', () => {
  it('hold their leases by the clock of the database, and lose them by it', async () => {
    const { harness } = chaos;
    const { pool } = harness.database;
    const plan = await harness.plan(layered(6, 6));
    const settings = { leaseMs: LEASE_MS, workMs: 400, slots: 3 };
    const [behind, ahead] = await Promise.all([
      chaos.spawn({ ...settings, skewMs: -2 * HOUR_MS }),
      chaos.spawn({ ...settings, skewMs: 2 * HOUR_MS }),
    ]);
    await harness.start(plan);
    const seen: number[] = [];
    const look = async () => {
      const { rows } = await pool.query<{ ms: number }>(
        `select extract(epoch from lease_until - clock_timestamp())::float8 * 1000 as ms from atom_queue where state = 'running'`,
      );
      seen.push(...rows.map((row) => row.ms));
    };
    await waitFor(async () => {
      await look();
      return (await chaos.accepted(plan)) >= 12;
    });
    // Both work: a clock that is wrong neither ends the leases of others nor makes its own last.
    const holders = await pool.query<{ pid: number }>('select distinct pid from chaos_runs order by pid');
    expect(holders.rows.map((row) => row.pid)).toEqual([behind.process.pid, ahead.process.pid].sort((a, b) => a! - b!));
    expect([...(await chaos.runs()).values()].filter((n) => n > 1)).toEqual([]);
    // It dies in the middle of something, with time left for the signal to get there.
    await waitFor(async () => {
      const { rows } = await pool.query<{ n: number }>(
        `select count(*)::int as n from chaos_runs where pid = $1 and at > clock_timestamp() - interval '150 ms'`,
        [ahead.process.pid],
      );
      return (rows[0]?.n ?? 0) > 0;
    });
    await ahead.kill('SIGKILL');
    await harness.until(plan, 'completed');
    await chaos.expectExactlyOnce(plan);
    expect(seen.length).toBeGreaterThan(0);
    expect(Math.max(...seen)).toBeLessThanOrEqual(LEASE_MS);
    expect(Math.min(...seen)).toBeGreaterThan(0);
    // What the dead one held came back when its lease was over, not at once and not in two hours.
    const { rows } = await pool.query<{ ms: number }>(
      `select extract(epoch from max(at) - min(at))::float8 * 1000 as ms from chaos_runs group by file_path having count(*) > 1`,
    );
    expect(rows.length).toBeGreaterThan(0);
    for (const { ms } of rows) expect(ms).toBeGreaterThanOrEqual(LEASE_MS - 400);
    expect(Math.max(...rows.map((row) => row.ms))).toBeLessThan(20_000);
  });
});
