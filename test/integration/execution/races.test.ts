import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Db } from '../../../src/db/index.ts';
import { cancelExecution, cancelMasterplan, overrideBudget } from '../../../src/execution/index.ts';
import { paidCall } from '../../../src/execution/paid-call.ts';
import { waitFor } from '../../support/wait-for.ts';
import { Harness, type Plan } from './harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.open();
});
afterEach(() => harness.stopWorkers());
afterAll(() => harness.close());

const CHAIN = { waves: [['a'], ['b']], edges: [['b', 'a']] as const };

/** Begins both while somebody holds the row of the plan, the second when the first waits for it. */
async function whilePlanIsHeld<A, B>(plan: Plan, first: () => Promise<A>, second: () => Promise<B>) {
  const { pool } = harness.database;
  const waiting = async (count: number) => {
    const { rows } = await pool.query(
      `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return rows.length >= count;
  };
  const holder = await pool.connect();
  await holder.query('begin');
  await holder.query('select 1 from masterplans where masterplan_id = $1 for no key update', [plan.masterplanId]);
  const one = first();
  await waitFor(() => waiting(1));
  const two = second();
  await waitFor(() => waiting(2));
  await holder.query('commit');
  holder.release();
  return Promise.allSettled([one, two]);
}

describe('steering a run that is just being started', () => {
  it('cancels it with its masterplan', async () => {
    const plan = await harness.plan(CHAIN);
    const results = await whilePlanIsHeld(
      plan,
      () => harness.start(plan),
      () => cancelMasterplan(harness.deps, { masterplanId: plan.masterplanId, by: 'test' }),
    );
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    expect((await harness.status(plan)).status).toBe('cancelled');
  });

  it.each(['cancel', 'override'])('is no deadlock when it goes on from waiting: %s', async (call) => {
    await harness.worker();
    const plan = await harness.plan(CHAIN);
    await harness.start(plan, { maxWaves: 1 });
    await harness.until(plan, 'waiting');
    const { masterplanId } = plan;
    const results = await whilePlanIsHeld(
      plan,
      () => harness.start(plan, { maxWaves: 1 }),
      async () =>
        call === 'cancel'
          ? cancelExecution(harness.deps, { masterplanId, by: 'test' })
          : overrideBudget(harness.deps, { masterplanId, budgetUsd: 9, reason: 'why', by: 'test', resume: false }),
    );
    expect(results).toMatchObject([{ status: 'fulfilled' }, { status: 'fulfilled' }]);
  });
});

describe('an answer that was paid for', () => {
  it('is not paid for again when the database restarts before it is booked', async () => {
    const plan = await harness.plan(CHAIN);
    const { db } = harness.database;
    let failures = 0;
    const restarting = new Proxy(db, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]) => {
          if (key === 'execute' && failures < 2 && JSON.stringify(args[0]).includes("'settled', settled_usd")) {
            failures += 1;
            return Promise.reject(new Error('terminating connection due to administrator command'));
          }
          return Reflect.apply(value, target, args) as unknown;
        };
      },
    }) as Db;
    const reservation = {
      masterplanId: plan.masterplanId,
      executionId: null,
      atomId: plan.ids['a']!,
      attempt: 2,
      operation: 'generate',
      provider: 'p',
      model: 'm',
      usd: 0.01,
      defaultBudgetUsd: 5,
      requestKey: 'key',
    };
    const form = {
      encode: (answer: string) => Buffer.from(answer),
      decode: (kept: Buffer) => kept.toString(),
      spent: () => ({ usd: 0.01, tokensIn: 1, tokensOut: 1 }),
    };
    let calls = 0;
    const ask = () => paidCall(restarting, reservation, form, () => Promise.resolve(`answer ${(calls += 1)}`));
    expect([await ask(), await ask()]).toEqual(['answer 1', 'answer 1']);
    expect(failures).toBe(2);
    const { rows } = await db.execute(
      sql`select status from cost_ledger where masterplan_id = ${plan.masterplanId}::uuid`,
    );
    expect(rows).toEqual([{ status: 'settled' }]);
  });
});
