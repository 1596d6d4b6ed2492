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
 * attempts. A text that was accepted before stays until another is accepted, and stands if none is. False when the atom is in
 * flight or unknown. `reschedule` must follow.
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
        set status = 'PENDING', max_attempts = attempts + ${attempts}::int, completed_at = null, updated_at = now()
        where atom_id = ${atomId}::uuid and masterplan_id = ${execution.masterplanId}::uuid
          and status in ('COMPLETED', 'FAILED', 'SKIPPED')
        returning atom_id`,
  );
  return rows.length > 0;
}

/** Error type of an attempt that was accepted and that a level above its own was found to fail because of. */
export const REJECTED_BY_CLOSING_CHECKS = 'closing_checks';

/** Error type of an attempt that passed every check and that a reviewer rejected. */
export const REJECTED_BY_REVIEWER = 'rejected_by_reviewer';

/**
 * Takes the accepted text away from an atom because a reviewer rejected it: it must not ship, whatever comes of further attempts.
 * The attempt that brought it keeps the text and says why, so that the same text is not taken again. An attempt that is under way goes
 * on, and has nothing to fall back on any more.
 */
export async function discardAccepted(tx: Tx, atomId: string, reason: string): Promise<void> {
  await tx.execute(sql`
    update atom_retry_history h
    set error_analysis = jsonb_build_object('error_type', ${REJECTED_BY_REVIEWER}::text, 'findings', '[]'::jsonb),
        execution_result = a.accepted_code, error_message = ${reason}
    from atomic_units a
    where a.atom_id = ${atomId}::uuid and h.atom_id = a.atom_id and h.success and h.candidate_sha256 = a.accepted_sha256`);
  await tx.execute(sql`
    update atomic_units
    set accepted_code = null, accepted_bytes = null, accepted_sha256 = null, accepted_provider = null, accepted_model = null,
        accepted_by = null, confidence_score = null, updated_at = now()
    where atom_id = ${atomId}::uuid`);
}
