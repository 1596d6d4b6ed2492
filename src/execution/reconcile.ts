import { sql } from 'drizzle-orm';
import { archiveDeadLetter } from '../db/queries/archive-dead-letter.ts';
import type { Tx } from '../db/index.ts';
import type { WorkerBase } from './deps.ts';
import { flagFailed } from './flag-failed.ts';
import { keepAccepted } from './keep-accepted.ts';
import { announceReady } from './store-outcomes.ts';
import { advanceWaves } from './statements/advance-waves.ts';
import { SUSPECT_DELIVERIES } from './statements/claim-atoms.ts';
import { blockDependents, failAtoms } from './statements/fail-atoms.ts';
import { rowsOf } from './statements/json-rows.ts';
import { lockExecution, type LockedExecution } from './statements/lock-execution.ts';
import { recordEvents } from './statements/record-events.ts';
import { settleExecution } from './statements/settle-execution.ts';
import { reclaimStageJobs } from './stage-jobs.ts';

/** Claims without a result after which an atom is given up; the last of them it ran alone, so the fault is its own. */
export const MAX_DELIVERIES = SUSPECT_DELIVERIES + 1;

/** Seconds after which a reservation whose call never came back is given free. */
const STALE_RESERVATION_SECONDS = 3_600;

export interface Reconciled {
  /** Atoms taken back from workers that gave no sign. */
  readonly expired: number;
  /** Atoms given up because they ended every worker that ran them. */
  readonly poisoned: number;
  /** Executions that had ready atoms, or nothing in flight, and were rung or settled. */
  readonly revived: number;
  readonly stageJobs: number;
}

/** Finds what fell between Postgres, Redis and processes that died, and puts it back. Only the leader calls this. */
export async function reconcileOnce(deps: WorkerBase): Promise<Reconciled> {
  const { expired, poisoned } = await reclaimExpired(deps);
  const revived = await reviveQuiet(deps);
  const stageJobs = await reclaimStageJobs(deps);
  await sweep(deps);
  const requeued = deps.metrics?.reconcilerRequeued;
  if (expired > 0) requeued?.inc({ reason: 'lease_expired' }, expired);
  if (revived > 0) requeued?.inc({ reason: 'quiet_execution' }, revived);
  if (stageJobs > 0) requeued?.inc({ reason: 'stage_job' }, stageJobs);
  return { expired, poisoned, revived, stageJobs };
}

async function reclaimExpired(deps: WorkerBase): Promise<{ expired: number; poisoned: number }> {
  const executions = await rowsOf<{ executionId: string }>(
    deps.db,
    sql`select distinct execution_id as "executionId" from atom_queue where state = 'running' and lease_until < clock_timestamp()`,
  );
  let expired = 0;
  let poisoned = 0;
  for (const { executionId } of executions) {
    const result = await deps.db.transaction(async (tx) => {
      const execution = await lockExecution(tx, executionId);
      return execution ? reclaimOf(tx, execution) : { expired: 0, poisoned: 0 };
    });
    deps.log.warn({ executionId, ...result }, 'atoms of a silent worker taken back');
    expired += result.expired;
    poisoned += result.poisoned;
  }
  return { expired, poisoned };
}

async function reclaimOf(tx: Tx, execution: LockedExecution): Promise<{ expired: number; poisoned: number }> {
  const poison = await rowsOf<{ atomId: string; token: string; deliveries: number }>(
    tx,
    sql`select atom_id as "atomId", claim_token as token, deliveries from atom_queue
        where execution_id = ${execution.executionId}::uuid and state = 'running' and lease_until < clock_timestamp()
          and deliveries >= ${MAX_DELIVERIES}`,
  );
  if (poison.length > 0) await giveUp(tx, execution, poison);
  const returned = await rowsOf<{ atomId: string }>(
    tx,
    sql`with returned as (
          update atom_queue set state = 'ready', claim_token = null, claimed_by = null, lease_until = null
          where execution_id = ${execution.executionId}::uuid and state = 'running' and lease_until < clock_timestamp()
          returning atom_id
        )
        update atomic_units a set status = 'READY', claim_token = null, claimed_by = null, lease_until = null
        from returned r where a.atom_id = r.atom_id returning a.atom_id as "atomId"`,
  );
  if (returned.length > 0) await announceReady(tx, execution.executionId, returned.length);
  else if (execution.status === 'running') await settleExecution(tx, execution);
  return { expired: returned.length, poisoned: poison.length };
}

async function giveUp(
  tx: Tx,
  execution: LockedExecution,
  poison: readonly { atomId: string; token: string; deliveries: number }[],
): Promise<void> {
  const reason = `every worker that ran it ended without an answer, ${MAX_DELIVERIES} times`;
  const given = await failAtoms(
    tx,
    execution,
    poison.map((p) => ({ atomId: p.atomId, token: p.token, countsAttempt: false, message: reason })),
  );
  const failed = given.filter((atom) => !atom.kept);
  await flagFailed(
    tx,
    execution.masterplanId,
    failed.map((atom) => ({ atom, reason, findings: [] })),
  );
  await blockDependents(
    tx,
    execution,
    failed.map((f) => f.atomId),
  );
  await advanceWaves(
    tx,
    execution,
    failed.map((f) => ({ waveNumber: f.waveNumber, completed: 0, failed: 1 })),
  );
  for (const { atomId, token, deliveries } of poison)
    await archiveDeadLetter(tx, {
      msgId: `atom:${atomId}:${token}`,
      queueName: 'atoms',
      payload: { execution_id: execution.executionId, masterplan_id: execution.masterplanId, atom_id: atomId },
      reason,
      attempts: deliveries,
    });
  await recordEvents(
    tx,
    execution,
    failed.map((f) => ({
      type: 'atom.failed',
      data: { atom_id: f.atomId, name: f.name, wave_number: f.waveNumber, reason },
    })),
  );
  const kept = given.filter((atom) => atom.kept).map((atom) => ({ atom, reason, findings: [] }));
  const released = await keepAccepted(tx, execution, kept);
  if (released > 0) await announceReady(tx, execution.executionId, released);
}

/** Rings for running executions with ready atoms (their bell may be lost), settles those with nothing in flight. */
async function reviveQuiet(deps: WorkerBase): Promise<number> {
  const rows = await rowsOf<{ executionId: string; ready: boolean }>(
    deps.db,
    sql`select e.execution_id as "executionId", exists (
            select 1 from atom_queue q where q.execution_id = e.execution_id and q.state = 'ready'
              and q.available_at < clock_timestamp() - interval '1 second') as ready
        from executions e
        where e.status = 'running' and e.updated_at < clock_timestamp() - interval '1 second'
          and not exists (select 1 from atom_queue q where q.execution_id = e.execution_id and q.state = 'running')
          and not exists (select 1 from stage_jobs j where j.masterplan_id = e.masterplan_id and j.kind = 'finalize'
            and j.status in ('queued', 'running'))`,
  );
  for (const { executionId, ready } of rows) {
    if (ready) await deps.queues.ringAtoms([{ executionId }]).catch(() => undefined);
    else
      await deps.db.transaction(async (tx) => {
        const execution = await lockExecution(tx, executionId);
        if (execution?.status === 'running' && (await settleExecution(tx, execution)) === 'released')
          await announceReady(tx, executionId, 1);
      });
  }
  return rows.length;
}

/** Removes what nobody needs any more. */
async function sweep(deps: WorkerBase): Promise<void> {
  await deps.db.execute(sql`
    delete from atom_queue q where not exists (
      select 1 from executions e where e.execution_id = q.execution_id and e.status in ('queued', 'running', 'paused', 'waiting'))
    and q.available_at < clock_timestamp() - interval '1 minute'`);
  await deps.db.execute(sql`
    update cost_ledger set status = 'released', settled_at = now()
    where status = 'reserved' and created_at < now() - make_interval(secs => ${STALE_RESERVATION_SECONDS})`);
}
