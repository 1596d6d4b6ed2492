import type { Tx } from '../db/index.ts';
import { asId, type AtomId, type Finding, type MasterplanId } from '../domain/index.ts';
import { flagAtoms, scoreConfidence } from '../review/index.ts';
import type { FailedRow } from './statements/fail-atoms.ts';

/** Puts atoms that were given up into the review queue. */
export async function flagFailed(
  tx: Tx,
  masterplanId: string,
  failed: readonly { readonly atom: FailedRow; readonly reason: string; readonly findings: readonly Finding[] }[],
): Promise<void> {
  await flagAtoms(
    tx,
    failed.map(({ atom, reason, findings }) => ({
      masterplanId: asId<MasterplanId>(masterplanId),
      atomId: asId<AtomId>(atom.atomId),
      confidence: scoreConfidence({
        checks: { atomic: 0, module: null },
        attempts: atom.attempts,
        maxAttempts: atom.maxAttempts,
        complexity: atom.complexity,
        integration: null,
      }),
      reason,
      failed: true,
      findings,
      loc: atom.loc,
      complexity: atom.complexity,
      lineStart: atom.lineStart,
    })),
  );
}
