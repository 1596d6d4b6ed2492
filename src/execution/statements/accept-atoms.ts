import { sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.ts';
import { jsonRows, rowsOf } from './json-rows.ts';
import type { LockedExecution } from './lock-execution.ts';

/** The accepted text of one atom. Exactly one of `code` and `bytes` is set. */
export interface Acceptance {
  readonly atomId: string;
  readonly token: string;
  readonly code: string | null;
  readonly bytes: Uint8Array | null;
  readonly sha256: string;
  readonly provider: string;
  readonly model: string | null;
  readonly confidence: number | null;
  readonly executionResult: string | null;
}

export interface AcceptedRow {
  readonly atomId: string;
  readonly waveNumber: number;
  readonly filePath: string;
  readonly name: string;
  readonly attempts: number;
  readonly confidence: number | null;
}

export interface AcceptResult {
  /** Those whose token still held; the others were dropped. */
  readonly accepted: AcceptedRow[];
  /** How many atoms became ready. */
  readonly released: number;
}

/**
 * Accepts a batch and, in the same statement, lowers the counters of the dependents and queues those that reach zero within the
 * wave limit. The execution must be locked.
 */
export async function acceptAtoms(
  tx: Tx,
  execution: LockedExecution,
  batch: readonly Acceptance[],
): Promise<AcceptResult> {
  const input = batch.map((a) => ({
    atom_id: a.atomId,
    token: a.token,
    code: a.code,
    bytes: a.bytes === null ? null : Buffer.from(a.bytes).toString('base64'),
    sha: a.sha256,
    provider: a.provider,
    model: a.model,
    confidence: a.confidence,
    result: a.executionResult,
  }));
  // Nothing is released atom by atom behind a barrier: the next wave opens when this one has ended.
  const gate = execution.barrier ? 0 : (execution.waveLimit ?? 2_147_483_647);
  const rows = await rowsOf<AcceptedRow & { released: string }>(
    tx,
    sql`with input as (
          select * from json_to_recordset(${jsonRows(input)})
            as i(atom_id uuid, token uuid, code text, bytes text, sha text, provider text, model text, confidence float8, result text)
        ), done as (
          delete from atom_queue q using input i
          where q.atom_id = i.atom_id and q.claim_token = i.token and q.state = 'running'
            and q.execution_id = ${execution.executionId}::uuid
          returning q.atom_id
        ), updated as (
          update atomic_units a
          set status = 'COMPLETED', attempts = a.attempts + 1, accepted_code = i.code, accepted_bytes = decode(i.bytes, 'base64'),
              accepted_sha256 = i.sha, accepted_provider = i.provider, accepted_model = i.model, accepted_by = null,
              confidence_score = i.confidence, execution_result = i.result, error_message = null, claim_token = null,
              claimed_by = null, lease_until = null, completed_at = now(), updated_at = now()
          from input i join done d on d.atom_id = i.atom_id
          where a.atom_id = i.atom_id
          returning a.atom_id, a.wave_number, a.file_path, a.name, a.attempts, a.confidence_score
        ), freed as (
          select d.from_atom_id as atom_id, count(distinct d.to_atom_id)::int as n
          from done join atom_dependencies d on d.to_atom_id = done.atom_id
          where not (d.metadata ? 'cut') and not (d.metadata ? 'internal' and (d.metadata->>'internal')::boolean)
          group by d.from_atom_id
        ), lowered as (
          update atomic_units a
          set unmet_dependencies = a.unmet_dependencies - f.n,
              status = case when a.unmet_dependencies <= f.n and a.wave_number <= ${gate}::int and a.status = 'PENDING'
                       then 'READY'::atom_status else a.status end
          from freed f
          where a.atom_id = f.atom_id and a.status in ('PENDING', 'BLOCKED')
          returning a.atom_id, a.status, a.wave_number, a.atom_number, a.critical_path
        ), queued as (
          insert into atom_queue (atom_id, execution_id, wave_number, atom_number, priority)
          select atom_id, ${execution.executionId}::uuid, wave_number, atom_number, critical_path
          from lowered where status = 'READY'
          on conflict (atom_id) do nothing
          returning 1
        )
        select u.atom_id as "atomId", u.wave_number as "waveNumber", u.file_path as "filePath", u.name, u.attempts,
          u.confidence_score as confidence, (select count(*) from queued) as released
        from updated u`,
  );
  return { accepted: rows, released: Number(rows[0]?.released ?? 0) };
}
