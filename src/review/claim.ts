import { and, eq, inArray, type SQL, sql } from 'drizzle-orm';
import {
  asId,
  type MasterplanId,
  MgeError,
  type ReviewId,
  REVIEW_TRANSITIONS,
  statesAllowing,
} from '../domain/index.ts';
import type { StageDeps } from '../adapters/runtime.ts';
import { schema, type Tx } from '../db/index.ts';
import { isSkipped, ofLivingPlan, type ReviewItem, selectItem } from './review-item.ts';
import { ownedBy } from './queue.ts';

const { humanReviewQueue: reviews, atomicUnits: atoms } = schema;

/** How long a reviewer holds an item, in seconds, when the caller does not say. */
export const DEFAULT_LEASE_SECONDS = 900;

type Deps = Pick<StageDeps, 'db' | 'clock'>;

/** `now` as the clock tells it: leases are compared with it and not with the server's time, so that tests can turn it. */
export function instantOf(date: Date): SQL {
  return sql`${date.toISOString()}::timestamptz`;
}

export interface ClaimOptions {
  readonly masterplanId?: MasterplanId;
  /** Only items of masterplans that this user owns. */
  readonly ownerId?: string;
  readonly leaseSeconds?: number;
}

function leaseEnd(now: Date, seconds = DEFAULT_LEASE_SECONDS): Date {
  return new Date(now.getTime() + seconds * 1_000);
}

async function itemOf(tx: Tx, row: { reviewId: string } | undefined): Promise<ReviewItem | null> {
  return row === undefined ? null : selectItem(tx, asId<ReviewId>(row.reviewId));
}

/**
 * Gives the reviewer the first item of the queue that nobody holds, or whose holder's lease is over. Two reviewers who ask at
 * the same time get two items. Null when there is none.
 */
export async function claimNext(deps: Deps, reviewer: string, options: ClaimOptions = {}): Promise<ReviewItem | null> {
  const now = deps.clock.now();
  const free = sql`(${reviews.status} = 'PENDING' or (${reviews.status} = 'IN_REVIEW' and ${reviews.leaseUntil} < ${instantOf(now)}))`;
  const filters = [
    free,
    ofLivingPlan,
    options.masterplanId === undefined ? undefined : eq(reviews.masterplanId, options.masterplanId),
    options.ownerId === undefined ? undefined : ownedBy(options.ownerId),
  ];
  const first = sql`(select ${reviews.reviewId} from ${reviews} join ${atoms} on ${atoms.atomId} = ${reviews.atomId}
    where ${and(...filters)}
    order by ${reviews.priority}, ${isSkipped}, ${reviews.confidenceScore}, ${atoms.atomNumber}, ${reviews.reviewId}
    limit 1 for update of ${sql.identifier('human_review_queue')} skip locked)`;
  const [claimed] = await deps.db
    .update(reviews)
    .set({
      status: 'in_review',
      assignedTo: reviewer,
      assignedAt: now,
      leaseUntil: leaseEnd(now, options.leaseSeconds),
      updatedAt: now,
    })
    .where(sql`${reviews.reviewId} = ${first}`)
    .returning({ reviewId: reviews.reviewId });
  return itemOf(deps.db, claimed);
}

/** Who acts, and whether they may act on what others hold (admins may). */
export interface Actor {
  readonly reviewer: string;
  readonly override?: boolean;
}

/** Items that the actor may touch: in nobody's hands, in their own, or held past the lease. */
export function touchableBy(actor: Actor, now: Date): SQL {
  if (actor.override === true) return sql`true`;
  return sql`(${reviews.status} <> 'IN_REVIEW' or ${reviews.assignedTo} = ${actor.reviewer} or ${reviews.leaseUntil} < ${instantOf(now)})`;
}

/** Explains why a conditional change found no row. */
export async function refuse(tx: Tx, reviewId: ReviewId, what: string): Promise<never> {
  const item = await selectItem(tx, reviewId);
  if (item === null) throw new MgeError('NOT_FOUND', `there is no review ${reviewId}`);
  const details = { status: item.status, assigned_to: item.assignedTo, version: item.version };
  const state = item.status === 'in_review' ? `held by ${item.assignedTo ?? 'someone'}` : item.status.replace('_', ' ');
  throw new MgeError('CONFLICT', `the review is ${state} (version ${item.version}) and cannot be ${what}`, { details });
}

/**
 * Hands an item to a reviewer.
 * @throws {MgeError} NOT_FOUND; CONFLICT when it is decided or in other hands.
 */
export async function assign(
  deps: Deps,
  reviewId: ReviewId,
  input: Actor & { readonly to: string; readonly leaseSeconds?: number },
): Promise<ReviewItem> {
  const now = deps.clock.now();
  const [row] = await deps.db
    .update(reviews)
    .set({
      status: 'in_review',
      assignedTo: input.to,
      assignedAt: now,
      leaseUntil: leaseEnd(now, input.leaseSeconds),
      updatedAt: now,
    })
    .where(
      and(
        eq(reviews.reviewId, reviewId),
        inArray(reviews.status, ['pending', 'in_review']),
        touchableBy(input, now),
        ofLivingPlan,
      ),
    )
    .returning({ reviewId: reviews.reviewId });
  return (await itemOf(deps.db, row)) ?? refuse(deps.db, reviewId, 'assigned');
}

/**
 * Puts an item back into the queue.
 * @throws {MgeError} NOT_FOUND; CONFLICT when nobody holds it or someone else does.
 */
export async function release(deps: Deps, reviewId: ReviewId, actor: Actor): Promise<ReviewItem> {
  const now = deps.clock.now();
  const [row] = await deps.db
    .update(reviews)
    .set({ status: 'pending', assignedTo: null, assignedAt: null, leaseUntil: null, updatedAt: now })
    .where(
      and(
        eq(reviews.reviewId, reviewId),
        inArray(reviews.status, statesAllowing(REVIEW_TRANSITIONS, 'released')),
        touchableBy(actor, now),
        ofLivingPlan,
      ),
    )
    .returning({ reviewId: reviews.reviewId });
  return (await itemOf(deps.db, row)) ?? refuse(deps.db, reviewId, 'released');
}
