import { publishOutbox } from '../db/queries/publish-outbox.ts';
import type { Tx } from '../db/index.ts';
import { sql } from 'drizzle-orm';
import { asId, type AtomId, type ExecutionId, type Finding, type MasterplanId } from '../domain/index.ts';
import { storeReports, type ReportScope } from '../validation/index.ts';
import type { AttemptOutcome, ClaimedAtom, EndedAttempt } from './attempt-outcome.ts';
import { flagFailed } from './flag-failed.ts';
import { acceptAtoms, type AcceptedRow, type Acceptance } from './statements/accept-atoms.ts';
import { advanceWaves, type WaveChange } from './statements/advance-waves.ts';
import { blockDependents, failAtoms, type FailedRow } from './statements/fail-atoms.ts';
import type { LockedExecution } from './statements/lock-execution.ts';
import { recordAttempts } from './statements/record-attempts.ts';
import { recordEvents, type NewEvent } from './statements/record-events.ts';
import { returnAtoms, type Returned } from './statements/return-atoms.ts';

/** What storing a batch came to. */
export interface Stored {
  /** Results whose token no longer held: dropped. */
  readonly stale: number;
  readonly accepted: AcceptedRow[];
  readonly failed: FailedRow[];
  readonly rejected: number;
  /** Atoms that became ready, or are so again. */
  readonly released: number;
}

type Accepted = Extract<AttemptOutcome, { kind: 'accepted' }>;

/** Stores a batch of ended attempts: states, texts, history, reports, waves, events. The execution must be locked. */
export async function storeOutcomes(
  tx: Tx,
  execution: LockedExecution,
  ended: readonly EndedAttempt[],
): Promise<Stored> {
  const acceptances: Acceptance[] = [];
  const failures: { atom: ClaimedAtom; message: string; counts: boolean }[] = [];
  const returns: Returned[] = [];
  let overBudget: string | null = null;
  for (const { atom, outcome } of ended) {
    if (outcome.kind === 'accepted') acceptances.push(acceptanceOf(atom, outcome));
    else if (outcome.kind === 'exhausted')
      failures.push({ atom, message: outcome.message, counts: outcome.record !== null });
    else if (outcome.kind === 'rejected' && atom.attempt >= atom.maxAttempts)
      failures.push({ atom, message: outcome.record.errorMessage ?? 'every attempt was rejected', counts: true });
    else returns.push(returnOf(atom, outcome));
    if (outcome.kind === 'over_budget') overBudget = outcome.message;
  }

  const { accepted, released } =
    acceptances.length > 0 ? await acceptAtoms(tx, execution, acceptances) : { accepted: [], released: 0 };
  const returned = returns.length > 0 ? await returnAtoms(tx, execution, returns) : [];
  const failed =
    failures.length > 0
      ? await failAtoms(
          tx,
          execution,
          failures.map((f) => ({
            atomId: f.atom.atomId,
            token: f.atom.token,
            countsAttempt: f.counts,
            message: f.message,
          })),
        )
      : [];
  await flagFailed(
    tx,
    execution.masterplanId,
    failed.map((atom) => ({ atom, ...verdictOn(ended, atom.atomId) })),
  );
  const blocked =
    failed.length > 0
      ? await blockDependents(
          tx,
          execution,
          failed.map((f) => f.atomId),
        )
      : 0;

  const held = new Set([...accepted.map((a) => a.atomId), ...returned, ...failed.map((f) => f.atomId)]);
  await storeEvidence(
    tx,
    execution,
    ended.filter(({ atom }) => held.has(atom.atomId)),
  );
  const waves = await advanceWaves(tx, execution, waveChanges(accepted, failed));
  const rejected = ended.filter((e) => e.outcome.kind === 'rejected' && returned.includes(e.atom.atomId));
  await recordEvents(tx, execution, [
    ...acceptedEvent(accepted),
    ...rejectedEvent(rejected),
    ...failed.map((f) => ({ type: 'atom.failed', data: { ...describe(f), attempts: f.attempts } }) satisfies NewEvent),
    ...(blocked > 0 ? [{ type: 'atom.blocked', data: { count: blocked } } satisfies NewEvent] : []),
    ...waves.map(waveEvent),
  ]);
  if (overBudget !== null) await pauseForBudget(tx, execution, overBudget);
  const waiting = returns.filter((r) => r.delayMs === 0 && returned.includes(r.atomId)).length;
  return { stale: ended.length - held.size, accepted, failed, rejected: rejected.length, released: released + waiting };
}

function acceptanceOf(atom: ClaimedAtom, { text, record }: Accepted): Acceptance {
  return { atomId: atom.atomId, token: atom.token, ...text, executionResult: record?.strategy ?? null };
}

function returnOf(atom: ClaimedAtom, outcome: AttemptOutcome): Returned {
  return {
    atomId: atom.atomId,
    token: atom.token,
    delayMs: outcome.kind === 'postponed' ? outcome.delayMs : 0,
    countsAttempt: outcome.kind === 'rejected',
    postponed: outcome.kind === 'postponed',
    message:
      outcome.kind === 'rejected' ? outcome.record.errorMessage : outcome.kind === 'postponed' ? outcome.message : null,
  };
}

function verdictOn(ended: readonly EndedAttempt[], atomId: string): { reason: string; findings: readonly Finding[] } {
  const outcome = ended.find((e) => e.atom.atomId === atomId)?.outcome;
  const findings = outcome !== undefined && 'record' in outcome ? (outcome.record?.findings ?? []) : [];
  if (outcome?.kind === 'exhausted') return { reason: outcome.message, findings };
  return {
    reason:
      outcome?.kind === 'rejected'
        ? `no attempt passed; the last: ${outcome.record.errorMessage ?? 'rejected'}`
        : 'given up',
    findings,
  };
}

/** History rows and level-1 reports of the attempts whose token held. */
async function storeEvidence(tx: Tx, execution: LockedExecution, ended: readonly EndedAttempt[]): Promise<void> {
  const attempts = ended.flatMap(({ atom, outcome }) =>
    'record' in outcome && outcome.record
      ? [{ atomId: atom.atomId, attempt: atom.attempt, record: outcome.record }]
      : [],
  );
  await recordAttempts(tx, execution.executionId, attempts);
  const reports = ended.flatMap(({ atom, outcome }) =>
    'report' in outcome && outcome.report ? [{ where: scopeOf(execution, atom), report: outcome.report }] : [],
  );
  if (reports.length > 0) await storeReports(tx, reports);
}

function scopeOf(execution: LockedExecution, atom: ClaimedAtom): ReportScope {
  return {
    masterplanId: asId<MasterplanId>(execution.masterplanId),
    executionId: asId<ExecutionId>(execution.executionId),
    atomId: asId<AtomId>(atom.atomId),
    scope: atom.filePath,
    attempt: atom.attempt,
  };
}

function waveChanges(accepted: readonly AcceptedRow[], failed: readonly FailedRow[]): WaveChange[] {
  const changes = new Map<number, { completed: number; failed: number }>();
  const at = (wave: number) => {
    const entry = changes.get(wave) ?? { completed: 0, failed: 0 };
    changes.set(wave, entry);
    return entry;
  };
  for (const atom of accepted) at(atom.waveNumber).completed += 1;
  for (const atom of failed) at(atom.waveNumber).failed += 1;
  return [...changes].map(([waveNumber, counts]) => ({ waveNumber, ...counts }));
}

const describe = (atom: { atomId: string; name: string; filePath: string; waveNumber: number }) => ({
  atom_id: atom.atomId,
  name: atom.name,
  file_path: atom.filePath,
  wave_number: atom.waveNumber,
});

function acceptedEvent(accepted: readonly AcceptedRow[]): NewEvent[] {
  if (accepted.length === 0) return [];
  const atoms = accepted.map((a) => ({ ...describe(a), attempts: a.attempts, confidence: a.confidence }));
  return [{ type: 'atom.accepted', data: { count: atoms.length, atoms } }];
}

function rejectedEvent(rejected: readonly EndedAttempt[]): NewEvent[] {
  if (rejected.length === 0) return [];
  const atoms = rejected.map(({ atom }) => ({
    atom_id: atom.atomId,
    wave_number: atom.waveNumber,
    attempt: atom.attempt,
  }));
  return [{ type: 'atom.rejected', data: { count: atoms.length, atoms } }];
}

function waveEvent(wave: {
  waveNumber: number;
  status: string;
  totalAtoms: number;
  completedAtoms: number;
  failedAtoms: number;
  seconds: number;
}): NewEvent {
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

/** Announces atoms that wait for a worker, so that those with free slots come and take them. */
export async function announceReady(tx: Tx, executionId: string, count: number): Promise<void> {
  await publishOutbox(tx, {
    aggregateType: 'execution',
    aggregateId: executionId,
    eventType: 'atoms.ready',
    payload: { count },
  });
}
