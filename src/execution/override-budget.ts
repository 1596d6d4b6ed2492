import { sql } from 'drizzle-orm';
import { writeAudit } from '../db/queries/write-audit.ts';
import type { Tx } from '../db/index.ts';
import { retryingTransaction } from '../db/retrying-transaction.ts';
import { MgeError, type ExecutionStatus } from '../domain/index.ts';
import { resumeLocked, CONTROL_CHANNEL } from './control-execution.ts';
import { defaultsOf, type ExecutionDeps } from './deps.ts';
import { rowsOf } from './statements/json-rows.ts';
import { lockExecution } from './statements/lock-execution.ts';

export interface BudgetOverride {
  readonly masterplanId: string;
  /** US dollars that the masterplan may use in all from now on. */
  readonly budgetUsd: number;
  /** US dollars that one atom, and one wave, may use in all from now on; missing leaves what is set. */
  readonly atomUsd?: number;
  readonly waveUsd?: number;
  /** Why; kept in the audit log. */
  readonly reason: string;
  /** Subject of the token. */
  readonly by: string;
  /** True lets a run go on that the old budget had paused. */
  readonly resume: boolean;
}

export interface BudgetView {
  readonly masterplanId: string;
  readonly previousUsd: number;
  readonly budgetUsd: number;
  /** Settled and set aside. */
  readonly usedUsd: number;
  readonly leftUsd: number;
  readonly executionStatus: ExecutionStatus | null;
  readonly resumed: boolean;
}

interface LatestRow {
  readonly executionId: string;
  readonly byBudget: boolean;
}

/**
 * Sets the hard cap of a masterplan, with an audit entry in the same transaction. Reservations wait for it, so none is made under the
 * old cap afterwards. Nothing is taken back: a cap below what is used stops further calls only.
 * @throws {MgeError} NOT_FOUND
 */
export async function overrideBudget(deps: ExecutionDeps, input: BudgetOverride): Promise<BudgetView> {
  const view = await retryingTransaction(deps.db, async (tx) => {
    // The execution first, in the order in which workers lock them.
    const latest = await latestExecution(tx, input.masterplanId);
    const execution = latest ? await lockExecution(tx, latest.executionId) : null;
    const previousUsd = await setBudget(tx, input, defaultsOf(deps).budgetUsd);
    const usedUsd = await usedOf(tx, input.masterplanId);
    const resumed = input.resume && execution?.status === 'paused' && latest?.byBudget === true;
    if (resumed) {
      await resumeLocked(tx, execution, input.by);
      await tx.execute(sql`select pg_notify(${CONTROL_CHANNEL}, ${execution.executionId})`);
    }
    const { masterplanId, budgetUsd, reason, by } = input;
    await writeAudit(tx, {
      actor: by,
      action: 'budget.override',
      subject: `masterplan:${masterplanId}`,
      details: {
        from_usd: previousUsd,
        to_usd: budgetUsd,
        atom_usd: input.atomUsd,
        wave_usd: input.waveUsd,
        used_usd: usedUsd,
        reason,
        resumed,
      },
    });
    const status = resumed ? 'running' : (execution?.status ?? null);
    const leftUsd = Math.max(0, budgetUsd - usedUsd);
    return { masterplanId, previousUsd, budgetUsd, usedUsd, leftUsd, executionStatus: status, resumed };
  });
  deps.log.info({ ...view, by: input.by }, 'budget overridden');
  return view;
}

async function latestExecution(tx: Tx, masterplanId: string): Promise<LatestRow | null> {
  const [row] = await rowsOf<LatestRow>(
    tx,
    sql`select execution_id as "executionId", coalesce((
            select v.data->>'by' = 'budget' from execution_events v
            where v.execution_id = e.execution_id and v.type = 'execution.paused' order by v.event_id desc limit 1), false) as "byBudget"
        from executions e where masterplan_id = ${masterplanId}::uuid order by created_at desc, execution_id desc limit 1`,
  );
  return row ?? null;
}

/** Gives the cap that held until now. */
async function setBudget(tx: Tx, input: BudgetOverride, standard: number): Promise<number> {
  const [before] = await rowsOf<{ usd: number | null }>(
    tx,
    sql`select (config->>'budget_usd')::float8 as usd from masterplans
        where masterplan_id = ${input.masterplanId}::uuid and deleted_at is null for no key update`,
  );
  if (!before) throw new MgeError('NOT_FOUND', `masterplan ${input.masterplanId} does not exist`);
  await tx.execute(sql`
    update masterplans set config = config || jsonb_strip_nulls(jsonb_build_object('budget_usd', ${input.budgetUsd}::float8,
      'atom_budget_usd', ${input.atomUsd ?? null}::float8, 'wave_budget_usd', ${input.waveUsd ?? null}::float8)), updated_at = now()
    where masterplan_id = ${input.masterplanId}::uuid`);
  return before.usd ?? standard;
}

async function usedOf(tx: Tx, masterplanId: string): Promise<number> {
  const [row] = await rowsOf<{ used: number }>(
    tx,
    sql`select coalesce(sum(coalesce(settled_usd, reserved_usd)), 0)::float8 as used from cost_ledger
        where masterplan_id = ${masterplanId}::uuid and status <> 'released'`,
  );
  return row?.used ?? 0;
}
