import { isRefusedData, sqlStateOf } from '../db/sql-state.ts';
import type { EndedAttempt } from './attempt-outcome.ts';

/**
 * Finds the result that Postgres refuses (a value that fits no column) among those of a group: the group is halved until the culprit
 * stands alone. Its atom then ends without its text, and the others are stored.
 */
export class RefusedResults {
  /** Results of one transaction at most. */
  limit = Infinity;

  /** What to store in place of a group that could not be; null when the group is not to blame and is to be tried again later. */
  after(error: unknown, batch: readonly EndedAttempt[]): readonly EndedAttempt[] | null {
    const [first] = batch;
    if (first === undefined || !isRefusedData(error)) return null;
    if (batch.length > 1) {
      this.limit = Math.ceil(batch.length / 2);
      return batch;
    }
    if (isWithoutText(first)) return null;
    this.limit = Infinity;
    const message = `INTERNAL: the result could not be stored, SQLSTATE ${sqlStateOf(error) ?? 'unknown'}`;
    return [{ atom: first.atom, outcome: { kind: 'exhausted', record: null, report: null, message } }];
  }

  /** A group was stored: the next may be larger. */
  stored(): void {
    this.limit *= 2;
  }
}

function isWithoutText({ outcome }: EndedAttempt): boolean {
  return (
    outcome.kind === 'released' || (outcome.kind === 'exhausted' && outcome.record === null && outcome.report === null)
  );
}
