import { sql } from 'drizzle-orm';
import type { Tx } from '../db/index.ts';
import { Overtaken, retryingTransaction } from '../db/retrying-transaction.ts';
import { MgeError, type MasterplanStatus } from '../domain/index.ts';
import { cancelLocked, CONTROL_CHANNEL, type ControlInput } from './control-execution.ts';
import type { ExecutionDeps } from './deps.ts';
import { cancelStageJobs } from './stage-cancellation.ts';
import { rowsOf } from './statements/json-rows.ts';
import { lockExecution, type LockedExecution } from './statements/lock-execution.ts';

/** What cancelling a masterplan ended. */
export interface CancelledMasterplan {
  readonly masterplanId: string;
  /** Stages that waited or ran: `plan`, `decompose`, `build_graph`, `finalize`. */
  readonly stages: readonly string[];
  /** The execution that was ended; null when none was active. */
  readonly executionId: string | null;
}

/**
 * Ends everything that is under way for a masterplan: planning, cutting, graph building and its execution. What runs is told to stop, on
 * every worker; what was accepted is kept. Cancelling a cancelled one changes nothing.
 * @throws {MgeError} NOT_FOUND; CONFLICT when its run has ended: there is nothing to cancel
 */
export async function cancelMasterplan(deps: ExecutionDeps, input: ControlInput): Promise<CancelledMasterplan> {
  const { masterplanId, by } = input;
  const reason = input.reason ?? `cancelled by ${by}`;
  const done = await retryingTransaction(deps.db, async (tx) => {
    // The execution first, in the order in which workers lock them.
    const execution = await lockActive(tx, masterplanId);
    const stages = await cancelStageJobs(tx, masterplanId, reason);
    if (execution) {
      await cancelLocked(tx, execution, { by, reason });
      await tx.execute(sql`select pg_notify(${CONTROL_CHANNEL}, ${execution.executionId})`);
    }
    await markCancelled(tx, masterplanId, { reason, hadWork: execution !== null || stages.length > 0 });
    // One that was being started meanwhile is seen now that the plan is locked; it is locked before the plan, so all over again.
    if ((await activeOf(tx, masterplanId)) !== null) throw new Overtaken('an execution was started meanwhile');
    return { masterplanId, stages, executionId: execution?.executionId ?? null };
  });
  deps.log.info({ ...done, by }, 'masterplan cancelled');
  return done;
}

async function activeOf(tx: Tx, masterplanId: string): Promise<string | null> {
  const [row] = await rowsOf<{ executionId: string }>(
    tx,
    sql`select execution_id as "executionId" from executions
        where masterplan_id = ${masterplanId}::uuid and status in ('queued', 'running', 'paused', 'waiting')`,
  );
  return row?.executionId ?? null;
}

async function lockActive(tx: Tx, masterplanId: string): Promise<LockedExecution | null> {
  const executionId = await activeOf(tx, masterplanId);
  const execution = executionId === null ? null : await lockExecution(tx, executionId);
  return execution && ['queued', 'running', 'paused', 'waiting'].includes(execution.status) ? execution : null;
}

async function markCancelled(
  tx: Tx,
  masterplanId: string,
  { reason, hadWork }: { readonly reason: string; readonly hadWork: boolean },
): Promise<void> {
  const [plan] = await rowsOf<{ status: MasterplanStatus }>(
    tx,
    sql`select lower(status::text) as status from masterplans
        where masterplan_id = ${masterplanId}::uuid and deleted_at is null for no key update`,
  );
  if (!plan) throw new MgeError('NOT_FOUND', `masterplan ${masterplanId} does not exist`);
  if (!hadWork && (plan.status === 'completed' || plan.status === 'failed'))
    throw new MgeError('CONFLICT', `masterplan ${masterplanId} is ${plan.status}; there is nothing to cancel`, {
      details: { status: plan.status },
    });
  await tx.execute(sql`
    update masterplans
    set status = 'cancelled', updated_at = now(),
        planning_error = case when planning_status = 'planning'
          then jsonb_build_object('code', 'CANCELLED', 'message', ${reason}::text) else planning_error end,
        planning_status = case when planning_status = 'planning' then 'failed' else planning_status end
    where masterplan_id = ${masterplanId}::uuid`);
}
