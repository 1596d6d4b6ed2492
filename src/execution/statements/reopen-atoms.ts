import { sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.ts';
import { rowsOf, uuidArray } from './json-rows.ts';
import type { LockedExecution } from './lock-execution.ts';

/** Gives failed and skipped atoms a fresh set of attempts; those of `atomIds`, or all. Gives how many. `reschedule` must follow. */
export async function reopenFailed(tx: Tx, execution: LockedExecution, atomIds?: readonly string[]): Promise<number> {
  const rows = await rowsOf<{ atomId: string }>(
    tx,
    sql`update atomic_units
        set status = 'PENDING', max_attempts = attempts + ${execution.maxAttempts}::int, completed_at = null, updated_at = now()
        where masterplan_id = ${execution.masterplanId}::uuid and status in ('FAILED', 'SKIPPED')
          and (${atomIds === undefined} or atom_id = any(${uuidArray(atomIds ?? [])}))
        returning atom_id as "atomId"`,
  );
  return rows.length;
}

/**
 * Takes an atom back for another try, whatever it ended as: a reviewer or an operator asked for it. It gets `attempts` more
 * attempts. False when it is in flight or unknown. `reschedule` must follow.
 */
export async function reopenAtom(
  tx: Tx,
  execution: LockedExecution,
  atomId: string,
  attempts: number,
): Promise<boolean> {
  const rows = await rowsOf(
    tx,
    sql`update atomic_units
        set status = 'PENDING', max_attempts = attempts + ${attempts}::int, accepted_code = null, accepted_bytes = null,
            accepted_sha256 = null, accepted_provider = null, accepted_model = null, accepted_by = null, confidence_score = null,
            completed_at = null, updated_at = now()
        where atom_id = ${atomId}::uuid and masterplan_id = ${execution.masterplanId}::uuid
          and status in ('COMPLETED', 'FAILED', 'SKIPPED')
        returning atom_id`,
  );
  return rows.length > 0;
}
