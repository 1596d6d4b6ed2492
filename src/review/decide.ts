import { and, eq, inArray, lt, type SQL, sql } from 'drizzle-orm';
import { MgeError, nextState, type ReviewId, REVIEW_TRANSITIONS, statesAllowing } from '../domain/index.ts';
import type { StageDeps } from '../adapters/runtime.ts';
import { schema, type Tx } from '../db/index.ts';
import { publishOutbox } from '../db/queries/publish-outbox.ts';
import { type Actor, refuse, touchableBy } from './claim.ts';
import { ofLivingPlan, type ReviewAction, type ReviewItem, selectItem } from './review-item.ts';

const { humanReviewQueue: reviews, atomicUnits: atoms } = schema;

/** How often an atom may be sent back to be generated again. */
export const MAX_REGENERATIONS = 3;

/** Longest feedback, in characters. */
const MAX_FEEDBACK = 10_000;

/** The database, or a transaction that the decision becomes part of. */
export type DecisionDeps = Pick<StageDeps, 'clock'> & { readonly db: Tx };

/** Who decides, and on what they saw. */
export interface Decision extends Actor {
  /** The item's version that the reviewer saw; the decision is refused when it has changed since. Left out: not compared. */
  readonly version?: number;
  readonly feedback?: string;
}

interface Change {
  readonly action: ReviewAction;
  readonly set?: Partial<Record<'editedCode', string>> & { readonly regenerations?: SQL };
  readonly where?: SQL | undefined;
  /** Written in the same transaction, before the event. */
  readonly along?: (tx: Tx) => Promise<void>;
}

const DONE: Readonly<Record<ReviewAction, string>> = {
  approve: 'approved',
  reject: 'rejected',
  edit: 'edited',
  regenerate: 'regenerated',
  skip: 'skipped',
};

function feedbackOf(decision: Decision): string | null {
  const feedback = decision.feedback?.trim() ?? '';
  if (feedback.length > MAX_FEEDBACK || feedback.includes('\0')) {
    const detail = `at most ${MAX_FEEDBACK} characters, no NUL`;
    throw new MgeError('VALIDATION_FAILED', 'the feedback cannot be kept', {
      fields: [{ pointer: '/feedback', detail }],
    });
  }
  return feedback === '' ? null : feedback;
}

/** Feedback that an action needs: a rejection without a reason, or a regeneration without a hint, helps nobody. */
function requireFeedback(decision: Decision, pointer: string, why: string): string {
  const feedback = feedbackOf(decision);
  if (feedback !== null) return feedback;
  throw new MgeError('VALIDATION_FAILED', why, { fields: [{ pointer, detail: 'must not be empty' }] });
}

/** Updates the item if it still allows the action; returns its atom, or undefined. A skip keeps the item in the queue. */
async function updateItem(tx: Tx, now: Date, reviewId: ReviewId, decision: Decision, change: Change) {
  const { action } = change;
  const isOver = action !== 'skip';
  const [row] = await tx
    .update(reviews)
    .set({
      // The table leads to the same state from every state that allows the action.
      status: nextState(REVIEW_TRANSITIONS, 'pending', action) ?? 'pending',
      resolution: action,
      assignedTo: isOver ? decision.reviewer : null,
      leaseUntil: null,
      reviewerFeedback: feedbackOf(decision),
      reviewedAt: isOver ? now : null,
      updatedAt: now,
      version: sql`${reviews.version} + 1`,
      ...change.set,
    })
    .where(
      and(
        eq(reviews.reviewId, reviewId),
        inArray(reviews.status, statesAllowing(REVIEW_TRANSITIONS, action)),
        touchableBy(decision, now),
        ofLivingPlan,
        decision.version === undefined ? undefined : eq(reviews.version, decision.version),
        change.where,
      ),
    )
    .returning({ atomId: reviews.atomId, masterplanId: reviews.masterplanId });
  return row;
}

/**
 * One decision: a conditional update of the item and the event `review.decided` in one transaction. The event carries ids; the
 * execution engine reads the rest from the item and changes the atom.
 */
export async function decide(
  deps: DecisionDeps,
  reviewId: ReviewId,
  decision: Decision,
  change: Change,
): Promise<ReviewItem> {
  const now = deps.clock.now();
  return deps.db.transaction(async (tx) => {
    const row = await updateItem(tx, now, reviewId, decision, change);
    if (row === undefined) return refuse(tx, reviewId, DONE[change.action]);
    if (change.action !== 'skip')
      await tx.update(atoms).set({ needsReview: false, updatedAt: now }).where(eq(atoms.atomId, row.atomId));
    await change.along?.(tx);
    await publishOutbox(tx, {
      aggregateType: 'review',
      aggregateId: reviewId,
      eventType: 'review.decided',
      payload: {
        review_id: reviewId,
        atom_id: row.atomId,
        masterplan_id: row.masterplanId,
        action: change.action,
        reviewer: decision.reviewer,
      },
    });
    return (await selectItem(tx, reviewId)) ?? refuse(tx, reviewId, DONE[change.action]);
  });
}

/** The code is right as it stands. @throws {MgeError} NOT_FOUND; CONFLICT when decided already, held by others, or changed. */
export function approve(deps: DecisionDeps, reviewId: ReviewId, decision: Decision): Promise<ReviewItem> {
  return decide(deps, reviewId, decision, { action: 'approve' });
}

/** The code is wrong; `feedback` says why. @throws {MgeError} VALIDATION_FAILED without a reason; else as `approve`. */
export async function reject(deps: DecisionDeps, reviewId: ReviewId, decision: Decision): Promise<ReviewItem> {
  requireFeedback(decision, '/reason', 'a rejection needs a reason');
  return decide(deps, reviewId, decision, { action: 'reject' });
}

/** Not judged now: the item goes behind those of its priority that nobody has seen. @throws {MgeError} as `approve`. */
export function skip(deps: DecisionDeps, reviewId: ReviewId, decision: Decision): Promise<ReviewItem> {
  return decide(deps, reviewId, decision, { action: 'skip' });
}

/**
 * Sends the atom back to be generated again with the reviewer's words. What was approved or edited already can be sent back by who
 * names the version of the item.
 * @throws {MgeError} VALIDATION_FAILED without feedback; REGENERATION_EXHAUSTED after three; else as `approve`.
 */
export async function regenerate(deps: DecisionDeps, reviewId: ReviewId, decision: Decision): Promise<ReviewItem> {
  requireFeedback(decision, '/feedback', 'a regeneration needs feedback that says what to do differently');
  const change: Change = {
    action: 'regenerate',
    set: { regenerations: sql`${reviews.regenerations} + 1` },
    where: and(
      lt(reviews.regenerations, MAX_REGENERATIONS),
      decision.version === undefined ? inArray(reviews.status, ['pending', 'in_review']) : undefined,
    ),
  };
  try {
    return await decide(deps, reviewId, decision, change);
  } catch (error) {
    if (!(error instanceof MgeError) || error.code !== 'CONFLICT') throw error;
    const item = await selectItem(deps.db, reviewId);
    if (item === null || item.regenerations < MAX_REGENERATIONS) throw error;
    throw new MgeError(
      'REGENERATION_EXHAUSTED',
      `the atom was regenerated ${MAX_REGENERATIONS} times; edit, approve or reject it`,
    );
  }
}
