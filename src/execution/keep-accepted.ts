import type { Tx } from '../db/index.ts';
import { asId, type AtomId, type Finding, type MasterplanId } from '../domain/index.ts';
import { confidenceOfAccepted, flagAtoms } from '../review/index.ts';
import type { FailedRow } from './statements/fail-atoms.ts';
import type { LockedExecution } from './statements/lock-execution.ts';
import { recordEvents } from './statements/record-events.ts';
import { reschedule } from './statements/reschedule.ts';

/** An atom that was tried again in vain. */
export interface KeptAtom {
  readonly atom: FailedRow;
  /** Why the further attempts came to nothing. */
  readonly reason: string;
  readonly findings: readonly Finding[];
}

/**
 * Atoms whose further attempts failed stand with the text that was accepted before: their dependents go on, and a person is told.
 * Gives how many atoms became ready. The execution must be locked.
 */
export async function keepAccepted(tx: Tx, execution: LockedExecution, kept: readonly KeptAtom[]): Promise<number> {
  if (kept.length === 0) return 0;
  const ids = kept.map(({ atom }) => atom.atomId);
  const confidences = await confidenceOfAccepted(tx, execution.masterplanId, ids);
  await flagAtoms(
    tx,
    kept.flatMap(({ atom, reason, findings }) => {
      const confidence = confidences.get(atom.atomId);
      if (!confidence) return [];
      return {
        masterplanId: asId<MasterplanId>(execution.masterplanId),
        atomId: asId<AtomId>(atom.atomId),
        confidence,
        reason: `tried again in vain, the text accepted before stands: ${reason}`,
        failed: false,
        findings,
        loc: atom.loc,
        complexity: atom.complexity,
        lineStart: atom.lineStart,
      };
    }),
  );
  await recordEvents(
    tx,
    execution,
    kept.map(({ atom, reason }) => ({
      type: 'atom.kept',
      data: {
        atom_id: atom.atomId,
        name: atom.name,
        file_path: atom.filePath,
        wave_number: atom.waveNumber,
        attempts: atom.attempts,
        reason,
      },
    })),
  );
  return reschedule(tx, execution);
}
