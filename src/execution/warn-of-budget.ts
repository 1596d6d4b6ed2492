import { sql } from 'drizzle-orm';
import type { Db } from '../db/index.ts';
import { rowsOf } from './statements/json-rows.ts';
import { lockExecution } from './statements/lock-execution.ts';
import { recordEvents } from './statements/record-events.ts';

/** Share of the budget that is booked when people are warned. */
export const SOFT_CAP = 0.7;

/** Tells the readers of an execution, once per budget, that little of it is left. The run goes on. */
export async function warnOfBudget(
  db: Db,
  of: { readonly masterplanId: string; readonly executionId: string; readonly budgetUsd: number },
): Promise<void> {
  const known = warned.get(db) ?? new Set<string>();
  warned.set(db, known);
  const key = `${of.executionId} ${of.budgetUsd}`;
  if (known.has(key)) return;
  if (!(await wasWarned(db, of))) await warn(db, of);
  known.add(key);
}

/** Warnings that this process knows to be there: past the soft cap every call asks, and events are many. */
const warned = new WeakMap<Db, Set<string>>();

async function warn(db: Db, of: { readonly executionId: string; readonly budgetUsd: number }): Promise<void> {
  await db.transaction(async (tx) => {
    const execution = await lockExecution(tx, of.executionId);
    if (!execution || (await wasWarned(tx, of))) return;
    const data = { budget_usd: of.budgetUsd, soft_cap_usd: of.budgetUsd * SOFT_CAP };
    await recordEvents(tx, execution, [{ type: 'budget.warning', data }]);
  });
}

async function wasWarned(
  db: Parameters<typeof rowsOf>[0],
  of: { readonly executionId: string; readonly budgetUsd: number },
): Promise<boolean> {
  const rows = await rowsOf(
    db,
    sql`select 1 from execution_events where execution_id = ${of.executionId}::uuid and type = 'budget.warning'
          and (data->>'budget_usd')::float8 = ${of.budgetUsd} limit 1`,
  );
  return rows.length > 0;
}
