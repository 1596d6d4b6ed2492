import { sql } from 'drizzle-orm';
import type { ClaimedEvent } from '../db/queries/claim-outbox-events.ts';
import { completeOutboxEvent } from '../db/queries/complete-outbox-event.ts';
import type { Db, Tx } from '../db/index.ts';
import type { Logger } from '../adapters/telemetry/logger.ts';
import { MgeError } from '../domain/index.ts';
import { rescoreAccepted } from '../review/index.ts';
import { lockLatest, revive } from './control-execution.ts';
import { sha256, textOf } from './run-attempt.ts';
import { rowsOf } from './statements/json-rows.ts';
import type { LockedExecution } from './statements/lock-execution.ts';
import { discardAccepted, reopenAtom } from './statements/reopen-atoms.ts';

/** A reviewer's `reject` and `regenerate` buy the atom this many further attempts. */
const ATTEMPTS_PER_DECISION = 1;

interface Decision {
  readonly atomId: string;
  readonly masterplanId: string;
  readonly resolution: 'APPROVE' | 'EDIT' | 'REJECT' | 'REGENERATE' | 'SKIP' | null;
  readonly editedCode: string | null;
  readonly assignedTo: string | null;
  readonly feedback: string | null;
  /** It has an accepted text, though it may be tried again at the moment. */
  readonly hasAccepted: boolean;
  readonly status: string;
  readonly draft: Buffer;
  readonly candidate: string | null;
}

/**
 * What a decision of a reviewer means for the run: an approved or edited atom counts as accepted and frees its dependents, a
 * rejected one is tried again with the reviewer's words. The event is completed in the same transaction, so that it is applied once
 * however often it is delivered.
 */
export async function applyReviewDecision(
  deps: { readonly db: Db; readonly log: Logger },
  event: Pick<ClaimedEvent, 'eventId' | 'aggregateId' | 'payload'>,
): Promise<void> {
  const reviewId = typeof event.payload['review_id'] === 'string' ? event.payload['review_id'] : event.aggregateId;
  await deps.db.transaction(async (tx) => {
    if (!(await completeOutboxEvent(tx, event.eventId))) return;
    const decision = await readDecision(tx, reviewId);
    if (!decision?.resolution) return;
    const execution = await lockLatest(tx, decision.masterplanId).catch((error: unknown) => {
      if (error instanceof MgeError && error.code === 'NOT_FOUND') return null;
      throw error;
    });
    if (!execution) return;
    await apply(tx, execution, decision);
    deps.log.info({ reviewId, atomId: decision.atomId, resolution: decision.resolution }, 'review decision applied');
  });
}

async function apply(tx: Tx, execution: LockedExecution, decision: Decision): Promise<void> {
  switch (decision.resolution) {
    case 'APPROVE': {
      if (decision.status === 'COMPLETED') return;
      if (decision.hasAccepted) return standAsAccepted(tx, execution, decision);
      const bytes = decision.candidate === null ? decision.draft : Buffer.from(decision.candidate, 'utf8');
      return acceptByReviewer(tx, execution, decision, bytes);
    }
    case 'EDIT':
      return decision.editedCode === null
        ? undefined
        : acceptByReviewer(tx, execution, decision, Buffer.from(decision.editedCode, 'utf8'));
    case 'REJECT':
    case 'REGENERATE':
      if (decision.resolution === 'REJECT') await discardAccepted(tx, decision.atomId, rejectionOf(decision));
      if (await reopenAtom(tx, execution, decision.atomId, ATTEMPTS_PER_DECISION))
        await revive(tx, execution, [
          {
            type: 'atom.reopened',
            data: { atom_ids: [decision.atomId], by: decision.assignedTo, decision: decision.resolution.toLowerCase() },
          },
        ]);
      return;
    case 'SKIP':
    case null:
      return;
  }
}

function rejectionOf({ assignedTo, feedback }: Decision): string {
  return `rejected by ${assignedTo ?? 'a reviewer'}: ${feedback ?? 'no reason given'}`;
}

async function readDecision(tx: Tx, reviewId: string): Promise<Decision | null> {
  const [row] = await rowsOf<Decision>(
    tx,
    sql`select r.atom_id as "atomId", r.masterplan_id as "masterplanId", r.resolution::text as resolution,
          r.edited_code as "editedCode", r.assigned_to as "assignedTo", r.reviewer_feedback as feedback, a.status::text as status,
          a.accepted_sha256 is not null as "hasAccepted",
          coalesce(a.code_bytes, convert_to(a.code_to_generate, 'UTF8')) as draft,
          (select h.execution_result from atom_retry_history h where h.atom_id = a.atom_id and h.execution_result is not null
            order by h.attempt_number desc limit 1) as candidate
        from human_review_queue r join atomic_units a on a.atom_id = r.atom_id where r.review_id = ${reviewId}::uuid`,
  );
  return row ?? null;
}

async function acceptByReviewer(
  tx: Tx,
  execution: LockedExecution,
  decision: Decision,
  bytes: Uint8Array,
): Promise<void> {
  const digest = sha256(bytes);
  const { code, bytes: raw } = textOf(bytes);
  await tx.execute(sql`delete from atom_queue where atom_id = ${decision.atomId}::uuid`);
  const changed = await rowsOf(
    tx,
    sql`update atomic_units
        set status = 'COMPLETED', accepted_code = ${code}, accepted_bytes = ${raw === null ? null : Buffer.from(raw)},
            accepted_sha256 = ${digest}, accepted_provider = 'reviewer', accepted_model = null, accepted_by = ${decision.assignedTo},
            error_message = null, claim_token = null, claimed_by = null, lease_until = null, completed_at = now(), updated_at = now()
        where atom_id = ${decision.atomId}::uuid and (status <> 'COMPLETED' or accepted_sha256 is distinct from ${digest})
        returning atom_id`,
  );
  if (changed.length === 0) return;
  await rescoreAccepted(tx, execution.masterplanId, [decision.atomId]);
  await revive(tx, execution, [
    { type: 'atom.accepted', data: { count: 1, atoms: [{ atom_id: decision.atomId }], by: decision.assignedTo } },
  ]);
}

/** An atom that is being tried again, and whose accepted text a reviewer finds right: the text stands, the further attempt is dropped. */
async function standAsAccepted(tx: Tx, execution: LockedExecution, decision: Decision): Promise<void> {
  await tx.execute(sql`delete from atom_queue where atom_id = ${decision.atomId}::uuid`);
  await tx.execute(sql`
    update atomic_units
    set status = 'COMPLETED', accepted_by = ${decision.assignedTo}, error_message = null, claim_token = null, claimed_by = null,
        lease_until = null, completed_at = now(), updated_at = now()
    where atom_id = ${decision.atomId}::uuid and status <> 'COMPLETED'`);
  await revive(tx, execution, [
    { type: 'atom.accepted', data: { count: 1, atoms: [{ atom_id: decision.atomId }], by: decision.assignedTo } },
  ]);
}
