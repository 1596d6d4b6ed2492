import { sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.ts';
import { jsonRows, rowsOf, uuidArray } from './json-rows.ts';
import type { LockedExecution } from './lock-execution.ts';

export interface Failure {
  readonly atomId: string;
  readonly token: string;
  /** Whether the failure was an attempt of its own. */
  readonly countsAttempt: boolean;
  readonly message: string;
}

export interface FailedRow {
  readonly atomId: string;
  readonly waveNumber: number;
  readonly name: string;
  readonly filePath: string;
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly loc: number;
  readonly complexity: number;
  readonly lineStart: number;
  /** It had an accepted text, which stands again: the atom is completed, not failed. */
  readonly kept: boolean;
}

/**
 * Gives atoms up; gives those whose token still held. An atom that was only tried again goes back to the text that was accepted
 * before. The execution must be locked.
 */
export async function failAtoms(tx: Tx, execution: LockedExecution, batch: readonly Failure[]): Promise<FailedRow[]> {
  const input = batch.map((f) => ({ atom_id: f.atomId, token: f.token, counts: f.countsAttempt, message: f.message }));
  return rowsOf<FailedRow>(
    tx,
    sql`with input as (
          select * from json_to_recordset(${jsonRows(input)}) as i(atom_id uuid, token uuid, counts boolean, message text)
        ), done as (
          delete from atom_queue q using input i
          where q.atom_id = i.atom_id and q.claim_token = i.token and q.state = 'running'
            and q.execution_id = ${execution.executionId}::uuid
          returning q.atom_id
        )
        update atomic_units a
        set status = case when a.accepted_sha256 is null then 'FAILED' else 'COMPLETED' end::atom_status,
            attempts = a.attempts + case when i.counts then 1 else 0 end, error_message = i.message,
            claim_token = null, claimed_by = null, lease_until = null, completed_at = now(), updated_at = now()
        from done d join input i on i.atom_id = d.atom_id
        where a.atom_id = d.atom_id
        returning a.atom_id as "atomId", a.wave_number as "waveNumber", a.name, a.file_path as "filePath", a.attempts,
          a.max_attempts as "maxAttempts", a.loc, a.complexity, a.line_start as "lineStart",
          a.accepted_sha256 is not null as kept`,
  );
}

/** Blocks every atom that depends on one of `atomIds`, directly or not; gives how many were blocked now. */
export async function blockDependents(tx: Tx, execution: LockedExecution, atomIds: readonly string[]): Promise<number> {
  const rows = await rowsOf<{ atomId: string }>(
    tx,
    sql`with recursive reached(atom_id) as (
          select unnest(${uuidArray(atomIds)})
          union
          select d.from_atom_id from reached r join atom_dependencies d on d.to_atom_id = r.atom_id
          where d.graph_id = ${execution.graphId}::uuid
            and not (d.metadata ? 'cut') and not (d.metadata ? 'internal' and (d.metadata->>'internal')::boolean)
        )
        update atomic_units a set status = 'BLOCKED', updated_at = now()
        from reached r where a.atom_id = r.atom_id and a.status = 'PENDING'
        returning a.atom_id as "atomId"`,
  );
  return rows.length;
}
