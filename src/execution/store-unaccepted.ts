import { sql } from 'drizzle-orm';
import type { Tx } from '../db/index.ts';
import type { Finding } from '../domain/index.ts';
import type { AttemptOutcome, ClaimedAtom, EndedAttempt } from './attempt-outcome.ts';
import { flagFailed } from './flag-failed.ts';
import { keepAccepted } from './keep-accepted.ts';
import { advanceWaves, type EndedWave } from './statements/advance-waves.ts';
import { blockDependents, failAtoms, type FailedRow, type Failure } from './statements/fail-atoms.ts';
import type { LockedExecution } from './statements/lock-execution.ts';
import { recordAttempts } from './statements/record-attempts.ts';
import { recordEvents, type NewEvent } from './statements/record-events.ts';
import { returnAtoms, type Returned } from './statements/return-atoms.ts';

/** What storing attempts that were not accepted came to. */
export interface Unaccepted {
  /** Atoms whose token still held. */
  readonly held: readonly string[];
  readonly failed: number;
  readonly rejected: number;
  /** Atoms that can be claimed at once. */
  readonly waiting: number;
}

/** Stores attempts that ended otherwise than accepted: another try, given up, postponed, handed back. */
export async function storeUnaccepted(
  tx: Tx,
  execution: LockedExecution,
  ended: readonly EndedAttempt[],
): Promise<Unaccepted> {
  const failures = ended.flatMap((attempt) => failureOf(attempt));
  const given = new Set(failures.map((failure) => failure.atomId));
  const returns = ended
    .filter(({ atom }) => !given.has(atom.atomId))
    .map(({ atom, outcome }) => returnOf(atom, outcome));
  const returned = returns.length > 0 ? await returnAtoms(tx, execution, returns) : [];
  const failed = failures.length > 0 ? await failAtoms(tx, execution, failures) : [];
  const held = new Set([...returned, ...failed.map((atom) => atom.atomId)]);
  const stored = ended.filter(({ atom }) => held.has(atom.atomId));
  await recordAttempts(tx, execution.executionId, attemptsOf(stored));
  const rejected = stored.filter(({ outcome, atom }) => outcome.kind === 'rejected' && !given.has(atom.atomId));
  const gone = failed.filter((atom) => !atom.kept);
  await recordEvents(tx, execution, [
    ...rejectedEvent(rejected),
    ...(await stopDependents(tx, execution, gone, ended)),
  ]);
  const kept = failed.filter((atom) => atom.kept).map((atom) => ({ atom, ...verdictOn(ended, atom.atomId) }));
  const released = await keepAccepted(tx, execution, kept);
  const overBudget = ended.find(({ outcome }) => outcome.kind === 'over_budget')?.outcome;
  if (overBudget?.kind === 'over_budget') await pauseForBudget(tx, execution, overBudget.message);
  const waiting = returns.filter((r) => r.delayMs === 0 && held.has(r.atomId)).length;
  return { held: [...held], failed: gone.length, rejected: rejected.length, waiting: waiting + released };
}

/** The failure that an attempt means for its atom; none while it may be tried again. */
function failureOf({ atom, outcome }: EndedAttempt): Failure[] {
  const failure = { atomId: atom.atomId, token: atom.token };
  if (outcome.kind === 'exhausted')
    return [{ ...failure, countsAttempt: outcome.record !== null, message: outcome.message }];
  if (outcome.kind === 'rejected' && atom.attempt >= atom.maxAttempts)
    return [{ ...failure, countsAttempt: true, message: outcome.record.errorMessage ?? 'every attempt was rejected' }];
  return [];
}

function returnOf(atom: ClaimedAtom, outcome: AttemptOutcome): Returned {
  return {
    atomId: atom.atomId,
    token: atom.token,
    delayMs: outcome.kind === 'postponed' ? outcome.delayMs : 0,
    countsAttempt: outcome.kind === 'rejected',
    postponed: outcome.kind === 'postponed',
    untried: outcome.kind === 'released' && outcome.untried === true,
    message:
      outcome.kind === 'rejected' ? outcome.record.errorMessage : outcome.kind === 'postponed' ? outcome.message : null,
  };
}

function attemptsOf(ended: readonly EndedAttempt[]) {
  return ended.flatMap(({ atom, outcome }) =>
    'record' in outcome && outcome.record
      ? [{ atomId: atom.atomId, attempt: atom.attempt, record: outcome.record }]
      : [],
  );
}

/** Flags what was given up for review, blocks what depends on it, and counts it in its waves. */
async function stopDependents(
  tx: Tx,
  execution: LockedExecution,
  failed: readonly FailedRow[],
  ended: readonly EndedAttempt[],
): Promise<NewEvent[]> {
  if (failed.length === 0) return [];
  const flagged = failed.map((atom) => ({ atom, ...verdictOn(ended, atom.atomId) }));
  await flagFailed(tx, execution.masterplanId, flagged);
  const ids = failed.map((atom) => atom.atomId);
  const blocked = await blockDependents(tx, execution, ids);
  const waves = await advanceWaves(
    tx,
    execution,
    [...new Set(failed.map((atom) => atom.waveNumber))].map((waveNumber) => ({
      waveNumber,
      completed: 0,
      failed: failed.filter((atom) => atom.waveNumber === waveNumber).length,
    })),
  );
  const events = failed.map((atom): NewEvent => ({ type: 'atom.failed', data: failedData(atom) }));
  if (blocked > 0) events.push({ type: 'atom.blocked', data: { count: blocked } });
  return [...events, ...waves.map(waveEvent)];
}

function verdictOn(ended: readonly EndedAttempt[], atomId: string): { reason: string; findings: readonly Finding[] } {
  const outcome = ended.find((e) => e.atom.atomId === atomId)?.outcome;
  const findings = outcome !== undefined && 'record' in outcome ? (outcome.record?.findings ?? []) : [];
  if (outcome?.kind === 'exhausted') return { reason: outcome.message, findings };
  const last = outcome?.kind === 'rejected' ? outcome.record.errorMessage : null;
  return { reason: `no attempt passed; the last: ${last ?? 'rejected'}`, findings };
}

const failedData = (atom: FailedRow) => ({
  atom_id: atom.atomId,
  name: atom.name,
  file_path: atom.filePath,
  wave_number: atom.waveNumber,
  attempts: atom.attempts,
});

function rejectedEvent(rejected: readonly EndedAttempt[]): NewEvent[] {
  if (rejected.length === 0) return [];
  const atoms = rejected.map(({ atom }) => ({
    atom_id: atom.atomId,
    wave_number: atom.waveNumber,
    attempt: atom.attempt,
  }));
  return [{ type: 'atom.rejected', data: { count: atoms.length, atoms } }];
}

function waveEvent(wave: EndedWave): NewEvent {
  return {
    type: 'wave.completed',
    data: {
      wave_number: wave.waveNumber,
      status: wave.status.toLowerCase(),
      total_atoms: wave.totalAtoms,
      completed_atoms: wave.completedAtoms,
      failed_atoms: wave.failedAtoms,
      seconds: wave.seconds,
    },
  };
}

/** The hard cap pauses the run; raising the budget and resuming continues it. */
async function pauseForBudget(tx: Tx, execution: LockedExecution, message: string): Promise<void> {
  const { rowCount } = await tx.execute(sql`
    update executions
    set status = 'paused', paused_reason = ${message}, updated_at = now(), running_since = null,
        active_seconds = active_seconds + coalesce(extract(epoch from clock_timestamp() - running_since), 0)
    where execution_id = ${execution.executionId}::uuid and status = 'running'`);
  if (rowCount)
    await recordEvents(tx, execution, [{ type: 'execution.paused', data: { reason: message, by: 'budget' } }]);
}
