import { sql } from 'drizzle-orm';
import { newId, type Tx } from '../../db/index.ts';
import { publishOutbox } from '../../db/queries/publish-outbox.ts';
import { rowsOf } from './json-rows.ts';
import type { LockedExecution } from './lock-execution.ts';
import { recordEvents } from './record-events.ts';
import { queueReady, reschedule } from './reschedule.ts';

/** What became of an execution in which nothing is in flight any more. */
export type Settlement = 'busy' | 'released' | 'waiting' | 'finalizing';

/**
 * Looks whether anything is in flight. If not: opens the next wave behind a barrier, or stops at the wave limit, or asks for the
 * closing checks. The execution must be locked and running.
 */
export async function settleExecution(tx: Tx, execution: LockedExecution): Promise<Settlement> {
  if (await inFlight(tx, execution.executionId)) return 'busy';
  if ((await queueReady(tx, execution)) > 0) return 'released';
  const pending = await pendingAtoms(tx, execution);
  if (pending.within > 0) {
    // Counters that do not fit what the atoms are: count anew before anything is concluded from them.
    if ((await reschedule(tx, execution)) > 0) return 'released';
  }
  if (pending.beyond > 0 && (await pendingAtoms(tx, execution)).reachable > 0) {
    await stopAtGate(tx, execution);
    return 'waiting';
  }
  await askForFinalize(tx, execution);
  return 'finalizing';
}

async function inFlight(tx: Tx, executionId: string): Promise<boolean> {
  const [row] = await rowsOf<{ busy: boolean }>(
    tx,
    sql`select exists (select 1 from atom_queue where execution_id = ${executionId}::uuid) as busy`,
  );
  return row?.busy === true;
}

/** Pending atoms within the wave limit, beyond it, and beyond it with every dependency accepted. */
async function pendingAtoms(
  tx: Tx,
  execution: LockedExecution,
): Promise<{ within: number; beyond: number; reachable: number }> {
  const limit = execution.waveLimit ?? 2_147_483_647;
  const [row] = await rowsOf<{ within: number; beyond: number; reachable: number }>(
    tx,
    sql`select count(*) filter (where wave_number <= ${limit}::int)::int as within,
          count(*) filter (where wave_number > ${limit}::int)::int as beyond,
          count(*) filter (where wave_number > ${limit}::int and unmet_dependencies = 0)::int as reachable
        from atomic_units where masterplan_id = ${execution.masterplanId}::uuid and status = 'PENDING'`,
  );
  return row ?? { within: 0, beyond: 0, reachable: 0 };
}

async function stopAtGate(tx: Tx, execution: LockedExecution): Promise<void> {
  const reason = `wave ${execution.waveLimit} was the last one asked for; start again to continue`;
  await tx.execute(sql`
    update executions
    set status = 'waiting', paused_reason = ${reason}, updated_at = now(), running_since = null,
        active_seconds = active_seconds + coalesce(extract(epoch from clock_timestamp() - running_since), 0)
    where execution_id = ${execution.executionId}::uuid and status = 'running'`);
  await recordEvents(tx, execution, [{ type: 'execution.waiting', data: { wave_limit: execution.waveLimit, reason } }]);
}

/** Queues the closing checks as a durable job, once. */
export async function askForFinalize(tx: Tx, execution: LockedExecution): Promise<void> {
  const [job] = await rowsOf<{ jobId: string }>(
    tx,
    sql`insert into stage_jobs (job_id, masterplan_id, kind, status)
        values (${newId()}::uuid, ${execution.masterplanId}::uuid, 'finalize', 'queued')
        on conflict (masterplan_id, kind, input_key) where status in ('queued','running') do nothing
        returning job_id as "jobId"`,
  );
  if (!job) return;
  await publishOutbox(tx, {
    aggregateType: 'stage_job',
    aggregateId: job.jobId,
    eventType: 'stage.queued',
    payload: { kind: 'finalize' },
  });
  await recordEvents(tx, execution, [{ type: 'execution.finalizing', data: {} }]);
}
