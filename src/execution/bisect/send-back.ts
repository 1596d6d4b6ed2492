import { sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.ts';
import { asId, type AtomId, type Finding, type MasterplanId } from '../../domain/index.ts';
import { confidenceOfAccepted, flagAtoms } from '../../review/index.ts';
import { revive } from '../control-execution.ts';
import { IN_DOUBT } from '../doubted-tests.ts';
import { jsonRows } from '../statements/json-rows.ts';
import type { LockedExecution } from '../statements/lock-execution.ts';
import { REJECTED_BY_CLOSING_CHECKS } from '../statements/reopen-atoms.ts';
import type { Blamed } from './blame.ts';

/** What becomes of blamed atoms: another attempt each, or a look by a person. */
export interface Disposal {
  readonly again: readonly Blamed[];
  readonly review: readonly Blamed[];
}

/**
 * An atom gets another attempt when it has one left, its provider can write something else, its text is not a person's, and a later
 * attempt did not bring a rejected text once more. The others go to review.
 */
export function disposeOf(blamed: readonly Blamed[], canWrite: boolean): Disposal {
  const mayTry = ({ atom, isGuess }: Blamed): boolean =>
    canWrite &&
    !isGuess &&
    atom.status === 'COMPLETED' &&
    atom.attempts < atom.maxAttempts &&
    atom.provider !== 'reviewer' &&
    !atom.repeats;
  const again = blamed.filter(mayTry);
  return {
    again,
    // What has failed anyway is in the queue already.
    review: blamed.filter((one) => one.atom.status === 'COMPLETED' && !again.includes(one)),
  };
}

/** Puts atoms into the review queue with what the closing checks found. */
export async function flagBlamed(tx: Tx, masterplanId: string, blamed: readonly Blamed[]): Promise<void> {
  if (blamed.length === 0) return;
  const ids = blamed.map(({ atom }) => atom.atomId);
  const confidences = await confidenceOfAccepted(tx, masterplanId, ids);
  await flagAtoms(
    tx,
    blamed.flatMap(({ atom, level, findings }) => {
      const confidence = confidences.get(atom.atomId);
      if (!confidence) return [];
      const { loc, complexity, lineStart } = atom;
      return {
        masterplanId: asId<MasterplanId>(masterplanId),
        atomId: asId<AtomId>(atom.atomId),
        confidence,
        reason: reasonOf(level, findings),
        failed: false,
        findings,
        loc,
        complexity,
        lineStart,
      };
    }),
  );
}

/**
 * Takes accepted atoms back for another attempt with the findings as feedback. Their texts stand until better ones are accepted, and
 * count as rejected from now on. The execution must be locked and running; it goes on.
 */
export async function sendBack(tx: Tx, execution: LockedExecution, blamed: readonly Blamed[]): Promise<void> {
  const rows = blamed.map(({ atom, level, findings }) => ({
    atom_id: atom.atomId,
    sha: atom.sha256,
    analysis: { error_type: REJECTED_BY_CLOSING_CHECKS, level, findings },
    message: reasonOf(level, findings),
    text: atom.current.toString('utf8'),
  }));
  await tx.execute(sql`
    update atom_retry_history h
    set error_analysis = coalesce(h.error_analysis, '{}') || i.analysis, execution_result = i.text, error_message = i.message
    from json_to_recordset(${jsonRows(rows)}) as i(atom_id uuid, sha text, analysis jsonb, message text, text text)
    where h.atom_id = i.atom_id and h.success and h.candidate_sha256 = i.sha`);
  await tx.execute(sql`
    update atomic_units a
    set status = 'PENDING', error_message = i.message, completed_at = null, updated_at = now()
    from json_to_recordset(${jsonRows(rows)}) as i(atom_id uuid, message text)
    where a.atom_id = i.atom_id and a.status = 'COMPLETED'`);
  const ids = blamed.map(({ atom }) => atom.atomId);
  await revive(tx, execution, [{ type: 'atom.reopened', data: { atom_ids: ids, by: 'closing checks' } }]);
}

function reasonOf(level: number, findings: readonly Finding[]): string {
  const [first] = findings;
  const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : '';
  if (first?.rule === IN_DOUBT) return `${first.message.slice(0, 500)}${more}`;
  if (first === undefined) return `level ${level} fails because of it`;
  return `level ${level} fails because of it: ${first.file}:${first.line}: ${first.message.slice(0, 500)}${more}`;
}
