import { sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.ts';
import { fixedRows, rowsOf } from './json-rows.ts';

/** Claims that ended without a result before an atom counts as suspect: it then runs alone, so that it can hurt no other. */
export const SUSPECT_DELIVERIES = 2;

export interface ClaimRequest {
  readonly executionId: string;
  readonly graphId: string;
  readonly worker: string;
  readonly token: string;
  readonly limit: number;
  readonly leaseMs: number;
  /** Atoms in flight at most over all workers. */
  readonly concurrency: number;
  /** Atoms that the worker may hold beyond that, while no other worker runs any of this execution. */
  readonly ahead: number;
  /** True takes one suspect atom, false only atoms that are not suspect. */
  readonly suspects: boolean;
}

export interface ClaimedRow {
  readonly atomId: string;
  readonly filePath: string;
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly waveNumber: number;
  readonly atomNumber: number;
  readonly deliveries: number;
  readonly postponements: number;
}

const CLAIM = {
  name: 'mge_claim_atoms',
  text: `
with running as materialized (
  select count(*) as n, count(*) filter (where r.claimed_by <> $3::text) as elsewhere
  from atom_queue r where r.execution_id = $1::uuid and r.state = 'running'
), picked as (
  select q.atom_id from atom_queue q
  where q.execution_id = $1::uuid and q.state = 'ready' and q.available_at <= clock_timestamp()
    and (q.deliveries >= ${SUSPECT_DELIVERIES}) = $8::boolean
  order by q.priority desc, q.atom_number
  limit (select least($5::int, greatest(0, $7::int + case when r.elsewhere > 0 then 0 else $9::int end - r.n)) from running r)
), claimed as (
  update atom_queue q
  set state = 'running', claim_token = $4::uuid, claimed_by = $3::text,
      lease_until = clock_timestamp() + make_interval(secs => $6::float8), deliveries = q.deliveries + 1
  from picked where q.atom_id = picked.atom_id
  returning q.atom_id, q.deliveries, q.postponements, q.wave_number, q.atom_number, q.lease_until
), marked as (
  update atomic_units a
  set status = 'RUNNING', started_at = coalesce(a.started_at, now()), claim_token = $4::uuid, claimed_by = $3::text,
      lease_until = c.lease_until
  from claimed c where a.atom_id = c.atom_id
  returning a.atom_id, a.attempts, a.max_attempts, a.file_path, c.wave_number, c.atom_number, c.deliveries, c.postponements
), waves as (
  update execution_waves w set status = 'RUNNING', started_at = coalesce(w.started_at, now())
  from (select distinct wave_number from claimed) c
  where w.graph_id = $2::uuid and w.wave_number = c.wave_number and w.status = 'PENDING'
)
select atom_id as "atomId", file_path as "filePath", attempts, max_attempts as "maxAttempts", wave_number as "waveNumber",
  atom_number as "atomNumber", deliveries, postponements
from marked`,
};

/** Takes the most urgent ready atoms of an execution under one token. The execution must be locked. */
export async function claimAtoms(tx: Tx, request: ClaimRequest): Promise<ClaimedRow[]> {
  return fixedRows<ClaimedRow>(tx, CLAIM, [
    request.executionId,
    request.graphId,
    request.worker,
    request.token,
    request.limit,
    request.leaseMs / 1000,
    request.concurrency,
    request.suspects,
    request.ahead,
  ]);
}

/** True while the execution has suspect atoms that wait to run alone. */
export async function hasSuspects(tx: Tx, executionId: string): Promise<boolean> {
  const [row] = await rowsOf<{ found: boolean }>(
    tx,
    sql`select exists (select 1 from atom_queue where execution_id = ${executionId}::uuid and state = 'ready'
          and deliveries >= ${SUSPECT_DELIVERIES}) as found`,
  );
  return row?.found === true;
}

/** True when nothing of the execution runs anywhere, every ready atom is suspect, and one of them could be taken now. */
export async function onlySuspectsLeft(tx: Tx, executionId: string): Promise<boolean> {
  const [row] = await rowsOf<{ only: boolean }>(
    tx,
    sql`select not exists (select 1 from atom_queue where execution_id = ${executionId}::uuid
            and (state = 'running' or deliveries < ${SUSPECT_DELIVERIES}))
          and exists (select 1 from atom_queue where execution_id = ${executionId}::uuid
            and state = 'ready' and available_at <= clock_timestamp()) as only`,
  );
  return row?.only === true;
}
