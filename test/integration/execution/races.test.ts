import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cancelExecution, cancelMasterplan, overrideBudget } from '../../../src/execution/index.ts';
import { reserveCost } from '../../../src/execution/cost-ledger.ts';
import { paidCall } from '../../../src/execution/paid-call.ts';
import { renewLeases } from '../../../src/execution/statements/renew-leases.ts';
import { validateComponents } from '../../../src/execution/validate-components.ts';
import { warnOfBudget } from '../../../src/execution/warn-of-budget.ts';
import { report } from './fakes.ts';
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
    });
    const reservation = {
      masterplanId: plan.masterplanId,
      executionId: null,
      atomId: plan.ids['a'] ?? null,
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

describe('renewing leases', () => {
  it('locks in the order of the ids, whatever order it is given', async () => {
    const { db, pool } = harness.database;
    const plan = await harness.plan({ waves: [['a', 'b', 'c', 'd']], edges: [] });
    await harness.start(plan);
    await db.execute(sql`update atom_queue set state = 'running', claim_token = gen_random_uuid(), lease_until = now()
      where execution_id = ${(await harness.status(plan)).executionId}::uuid`);
    const { rows } = await db.execute<{ atomId: string; token: string }>(
      sql`select q.atom_id as "atomId", q.claim_token as token from atom_queue q join atomic_units a using (atom_id)
          where a.masterplan_id = ${plan.masterplanId}::uuid order by q.atom_id desc`,
    );
    const holder = await pool.connect();
    await holder.query('begin');
    await holder.query('select 1 from atom_queue where atom_id = $1 for update', [rows.at(-1)?.atomId]);
    const renewal = renewLeases(db, rows, 1_000);
    await waitFor(async () => {
      const waiting = await pool.query(
        `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return waiting.rows.length > 0;
    });
    const last = await pool.query('select 1 from atom_queue where atom_id = $1 for update skip locked', [
      rows[0]?.atomId,
    ]);
    await holder.query('commit');
    holder.release();
    expect(last.rows).toHaveLength(1);
    expect((await renewal).toSorted()).toEqual(rows.map(({ atomId }) => atomId).toSorted());
  });
});

describe('budgets of parts', () => {
  it('count what the atom and its wave have booked, and nothing else', async () => {
    const { db } = harness.database;
    const plan = await harness.plan({
      waves: [['a', 'b'], ['c']],
      edges: [['c', 'a']],
      config: { atom_budget_usd: 0.3, wave_budget_usd: 0.4 },
    });
    const reserve = (atom: string, usd: number) =>
      reserveCost(db, {
        masterplanId: plan.masterplanId,
        executionId: null,
        atomId: plan.ids[atom] ?? null,
        attempt: 1,
        operation: 'generate',
        provider: 'p',
        model: 'm',
        usd,
        defaultBudgetUsd: 5,
      }).then(
        () => 'reserved',
        (error: unknown) => (error as { code: string }).code,
      );
    expect(await reserve('a', 0.2)).toBe('reserved');
    expect(await reserve('a', 0.2)).toBe('ATOM_BUDGET_EXCEEDED');
    expect(await reserve('b', 0.15)).toBe('reserved');
    expect(await reserve('b', 0.1)).toBe('BUDGET_EXCEEDED');
    expect(await reserve('c', 0.3)).toBe('reserved');
  });

  it('warn once per execution and budget, remembered without another look', async () => {
    const { db } = harness.database;
    const plan = await harness.plan(CHAIN);
    const { executionId } = await harness.start(plan);
    const warnings = async () => {
      const { rows } = await db.execute(
        sql`delete from execution_events where execution_id = ${executionId}::uuid and type = 'budget.warning' returning 1`,
      );
      return rows.length;
    };
    const warn = (budgetUsd: number) => warnOfBudget(db, { masterplanId: plan.masterplanId, executionId, budgetUsd });
    await warn(5);
    await warn(5);
    expect(await warnings()).toBe(1);
    await warn(5);
    expect(await warnings()).toBe(0);
    await warn(6);
    expect(await warnings()).toBe(1);
  });
});

describe('checks of components', () => {
  it('are stored together, and not at all when the text has changed meanwhile', async () => {
    const { db } = harness.database;
    const plan = await harness.plan({ waves: [['a', 'b', 'c']], edges: [], file: (name) => `src/${name}/one.py` });
    const { executionId } = await harness.start(plan);
    await db.execute(sql`update atomic_units set status = 'COMPLETED', accepted_code = 'x = 1', accepted_sha256 = repeat('0', 64)
      where masterplan_id = ${plan.masterplanId}::uuid`);
    const of = { masterplanId: plan.masterplanId, executionId };
    let checked = 0;
    const check = (afterwards: () => Promise<unknown>) =>
      validateComponents(
        {
          db,
          validation: {
            validateComponent: async () => {
              checked += 1;
              if (checked % 3 === 0) await afterwards();
              return report('component', {
                testType: 'interfaces',
                outcome: 'passed',
                reason: null,
                findings: [],
                durationMs: 0,
              });
            },
          },
        },
        of,
        [],
      );
    const change = () =>
      db.execute(sql`update atomic_units set accepted_sha256 = repeat('1', 64) where atom_id = ${plan.ids['a']}::uuid`);
    await check(change);
    await check(() => Promise.resolve());
    expect(checked).toBe(6);
    expect(await check(change)).toHaveLength(3);
    expect(checked).toBe(6);
  });
});
