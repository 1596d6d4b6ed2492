import { sql } from 'drizzle-orm';
import { publishOutbox } from '../db/queries/publish-outbox.ts';
import type { Tx } from '../db/index.ts';
import { asId, type AtomId, type ExecutionId, type MasterplanId } from '../domain/index.ts';
import { storeReports, type ReportScope } from '../validation/index.ts';
import type { ClaimedAtom, EndedAttempt } from './attempt-outcome.ts';
import { storeUnaccepted, type Unaccepted } from './store-unaccepted.ts';
import { acceptAtoms, type Acceptance, type AcceptResult, type DirectClaim } from './statements/accept-atoms.ts';
import type { LockedExecution } from './statements/lock-execution.ts';

/** What storing a batch came to. */
export interface Stored {
  /** Results whose token no longer held: dropped. */
  readonly stale: number;
  /** How many were accepted. */
  readonly accepted: number;
  /** Files in which an atom was accepted. */
  readonly files: readonly string[];
  /** Atoms that became ready and were claimed in the same statement. */
  readonly claimed: AcceptResult['claimed'];
  /** How long the waves took that ended with this batch. */
  readonly waveSeconds: readonly number[];
  readonly failed: number;
  readonly rejected: number;
  /** Atoms that became ready, or are so again. */
  readonly released: number;
}

const NOTHING_ACCEPTED: AcceptResult = { accepted: 0, lost: [], claimed: [], released: 0, waveSeconds: [] };
const ALL_ACCEPTED: Unaccepted = { held: [], failed: 0, rejected: 0, waiting: 0 };

/** Stores a batch of ended attempts: states, texts, history, reports, waves, events. The execution must be locked. */
export async function storeOutcomes(
  tx: Tx,
  execution: LockedExecution,
  batch: readonly EndedAttempt[],
  claim: DirectClaim,
): Promise<Stored> {
  // In the order in which renewals lock the same rows.
  const ended = batch.toSorted((a, b) => (a.atom.atomId < b.atom.atomId ? -1 : 1));
  const acceptances = ended.flatMap((attempt) => acceptanceOf(attempt));
  const others = ended.filter(({ outcome }) => outcome.kind !== 'accepted');
  const { accepted, lost, claimed, released, waveSeconds } =
    acceptances.length > 0 ? await acceptAtoms(tx, execution, acceptances, claim) : NOTHING_ACCEPTED;
  const unaccepted = others.length > 0 ? await storeUnaccepted(tx, execution, others) : ALL_ACCEPTED;
  const gone = new Set([...lost, ...others.map(({ atom }) => atom.atomId)]);
  for (const atomId of unaccepted.held) gone.delete(atomId);
  const held = gone.size === 0 ? ended : ended.filter(({ atom }) => !gone.has(atom.atomId));
  await storeEvidence(tx, execution, held);
  return {
    stale: ended.length - held.length,
    accepted,
    files: filesOf(held),
    claimed,
    waveSeconds,
    failed: unaccepted.failed,
    rejected: unaccepted.rejected,
    released: released + unaccepted.waiting,
  };
}

function filesOf(held: readonly EndedAttempt[]): string[] {
  const files = new Set<string>();
  for (const { atom, outcome } of held) if (outcome.kind === 'accepted') files.add(atom.filePath);
  return [...files];
}

function acceptanceOf({ atom, outcome }: EndedAttempt): Acceptance[] {
  if (outcome.kind !== 'accepted') return [];
  return [{ atomId: atom.atomId, token: atom.token, attempt: atom.attempt, ...outcome.text, record: outcome.record }];
}

/** Level-1 reports of the attempts whose token held. */
async function storeEvidence(tx: Tx, execution: LockedExecution, ended: readonly EndedAttempt[]): Promise<void> {
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

/** Channel on which workers without a free slot hear that an execution has ready atoms. The payload is its id. */
export const READY_CHANNEL = 'mge_ready';

/** Announces atoms that wait for a worker, so that those with free slots come and take them. */
export async function announceReady(tx: Tx, executionId: string, count: number): Promise<void> {
  await publishOutbox(tx, {
    aggregateType: 'execution',
    aggregateId: executionId,
    eventType: 'atoms.ready',
    payload: { count },
  });
  await tx.execute(sql`select pg_notify(${READY_CHANNEL}, ${executionId})`);
}
