import { sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.ts';
import { rowsOf } from './json-rows.ts';
import type { LockedExecution } from './lock-execution.ts';

/**
 * Brings the schedule of an execution in line with what its atoms are: counters of unmet dependencies, what is blocked by a failed
 * or skipped atom, what is ready within the wave limit. Called at the start and after decisions of people; the ordinary way is
 * `acceptAtoms`. Gives how many atoms were queued. The execution must be locked.
 */
export async function reschedule(tx: Tx, execution: LockedExecution): Promise<number> {
  await releaseOrphans(tx, execution);
  await recount(tx, execution);
  const queued = await queueReady(tx, execution);
  await recountWaves(tx, execution);
  return queued;
}

/** Atoms that an earlier run left as ready or running without being in flight become pending again. */
async function releaseOrphans(tx: Tx, execution: LockedExecution): Promise<void> {
  await tx.execute(sql`
    update atomic_units a
    set status = 'PENDING', claim_token = null, claimed_by = null, lease_until = null
    where a.masterplan_id = ${execution.masterplanId}::uuid and a.status in ('READY', 'RUNNING')
      and not exists (select 1 from atom_queue q where q.atom_id = a.atom_id and q.execution_id = ${execution.executionId}::uuid)`);
}

async function recount(tx: Tx, execution: LockedExecution): Promise<void> {
  await tx.execute(sql`
    with recursive edges as materialized (
      select distinct d.from_atom_id as dependent, d.to_atom_id as dependency
      from atom_dependencies d
      where d.graph_id = ${execution.graphId}::uuid
        and not (d.metadata ? 'cut') and not (d.metadata ? 'internal' and (d.metadata->>'internal')::boolean)
    ), stopped(atom_id) as (
      select atom_id from atomic_units
      where masterplan_id = ${execution.masterplanId}::uuid and status in ('FAILED', 'SKIPPED')
      union
      select e.dependent from stopped s join edges e on e.dependency = s.atom_id
    ), unmet as (
      select e.dependent as atom_id, count(*)::int as n
      from edges e join atomic_units t on t.atom_id = e.dependency and t.status <> 'COMPLETED'
      group by e.dependent
    ), wanted as (
      select a.atom_id, coalesce(u.n, 0) as n,
        case when s.atom_id is null then 'PENDING'::atom_status else 'BLOCKED'::atom_status end as status
      from atomic_units a left join unmet u using (atom_id) left join stopped s using (atom_id)
      where a.masterplan_id = ${execution.masterplanId}::uuid and a.status in ('PENDING', 'BLOCKED')
    )
    update atomic_units a set unmet_dependencies = w.n, status = w.status
    from wanted w
    where a.atom_id = w.atom_id and (a.unmet_dependencies, a.status) is distinct from (w.n, w.status)`);
}

/**
 * Queues every pending atom without unmet dependencies within the wave limit; behind a barrier only those of the first wave that
 * has any, and only when nothing is in flight.
 */
export async function queueReady(tx: Tx, execution: LockedExecution): Promise<number> {
  const limit = execution.waveLimit ?? 2_147_483_647;
  const rows = await rowsOf<{ queued: string }>(
    tx,
    sql`with candidates as (
          select atom_id, wave_number from atomic_units
          where masterplan_id = ${execution.masterplanId}::uuid and status = 'PENDING' and unmet_dependencies = 0
            and wave_number <= ${limit}::int
        ), chosen as (
          select atom_id from candidates
          where not ${execution.barrier}::boolean or (
            wave_number = (select min(wave_number) from candidates)
            and not exists (select 1 from atom_queue where execution_id = ${execution.executionId}::uuid))
        ), readied as (
          update atomic_units a set status = 'READY', updated_at = now()
          from chosen c where a.atom_id = c.atom_id
          returning a.atom_id, a.wave_number, a.atom_number, a.critical_path
        ), queued as (
          insert into atom_queue (atom_id, execution_id, wave_number, atom_number, priority)
          select atom_id, ${execution.executionId}::uuid, wave_number, atom_number, critical_path from readied
          on conflict (atom_id) do nothing returning 1
        )
        select count(*) as queued from queued`,
  );
  return Number(rows[0]?.queued ?? 0);
}

/** Sets the counters of all waves from the atoms. */
async function recountWaves(tx: Tx, execution: LockedExecution): Promise<void> {
  await tx.execute(sql`
    with counts as (
      select wave_number, count(*) filter (where status = 'COMPLETED')::int as completed,
        count(*) filter (where status = 'FAILED')::int as failed, count(*)::int as total,
        bool_or(status in ('READY', 'RUNNING')) as open
      from atomic_units where masterplan_id = ${execution.masterplanId}::uuid and wave_number is not null group by wave_number
    )
    update execution_waves w
    set completed_atoms = c.completed, failed_atoms = c.failed,
        completed_at = case when c.completed = c.total then coalesce(w.completed_at, now()) end,
        status = case
          when c.completed = c.total then 'COMPLETED'::wave_status
          when c.open then (case when w.started_at is null then 'PENDING' else 'RUNNING' end)::wave_status
          when c.completed + c.failed = 0 then 'PENDING'::wave_status
          when c.failed = 0 then 'RUNNING'::wave_status
          when c.completed = 0 then 'FAILED'::wave_status
          else 'PARTIAL'::wave_status end
    from counts c
    where w.graph_id = ${execution.graphId}::uuid and w.wave_number = c.wave_number`);
}
