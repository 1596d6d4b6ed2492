import { and, eq, exists, inArray, type SQL, sql } from 'drizzle-orm';
import { type MasterplanId, MgeError, type ReviewId, type ReviewStatus } from '../domain/index.ts';
import type { StageDeps } from '../adapters/runtime.ts';
import { schema } from '../db/index.ts';
import { isSkipped, type ReviewItem, selectItem, selectItems } from './review-item.ts';
import { sliceInFile } from './file-slice.ts';

const { humanReviewQueue: reviews, atomicUnits: atoms, masterplans } = schema;

type Deps = Pick<StageDeps, 'db'>;

export interface QueueFilter {
  readonly masterplanId?: MasterplanId;
  /** Only items of masterplans that this user owns. */
  readonly ownerId?: string;
  readonly status?: readonly ReviewStatus[];
  readonly assignedTo?: string;
  readonly priority?: number;
  readonly filePath?: string;
}

export interface Page<T> {
  readonly items: T[];
  /** Null on the last page. */
  readonly nextCursor: string | null;
}

/** Items of a page at most. */
const MAX_LIMIT = 200;

/** Items of masterplans that `ownerId` owns. */
export function ownedBy(ownerId: string): SQL {
  return exists(
    sql`(select 1 from ${masterplans} where ${masterplans.masterplanId} = ${reviews.masterplanId} and ${masterplans.userId} = ${ownerId})`,
  );
}

function matching(filter: QueueFilter): (SQL | undefined)[] {
  return [
    filter.masterplanId === undefined ? undefined : eq(reviews.masterplanId, filter.masterplanId),
    filter.ownerId === undefined ? undefined : ownedBy(filter.ownerId),
    filter.status === undefined || filter.status.length === 0 ? undefined : inArray(reviews.status, [...filter.status]),
    filter.assignedTo === undefined ? undefined : eq(reviews.assignedTo, filter.assignedTo),
    filter.priority === undefined ? undefined : eq(reviews.priority, filter.priority),
    filter.filePath === undefined ? undefined : eq(atoms.filePath, filter.filePath),
  ];
}

/** The place of an item in the queue's order. */
type Place = readonly [priority: number, skipped: number, score: number, atomNumber: number, reviewId: string];

function encodeCursor(item: ReviewItem): string {
  const skipped = item.resolution === 'skip' ? 1 : 0;
  const place: Place = [item.priority, skipped, item.confidenceScore, item.atomNumber, item.reviewId];
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

function decodeCursor(cursor: string): Place {
  try {
    const place = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown[];
    const [priority, skipped, score, atomNumber, reviewId] = place;
    const numbers = [priority, skipped, score, atomNumber];
    if (
      numbers.every((value) => typeof value === 'number') &&
      typeof reviewId === 'string' &&
      /^[0-9a-f-]{36}$/.test(reviewId)
    )
      return [...(numbers as [number, number, number, number]), reviewId];
  } catch {
    // Reported below, like any other cursor that this service did not make.
  }
  const detail = 'use the next_cursor of the page before';
  throw new MgeError('VALIDATION_FAILED', 'the cursor was not made by this service', {
    fields: [{ pointer: '?cursor', detail }],
  });
}

function after([priority, skipped, score, atomNumber, reviewId]: Place): SQL {
  return sql`(${reviews.priority}, ${isSkipped}, ${reviews.confidenceScore}, ${atoms.atomNumber}, ${reviews.reviewId})
    > (${priority}::int, ${skipped}::int, ${score}::float8, ${atomNumber}::int, ${reviewId}::uuid)`;
}

/**
 * A page of the queue: most urgent first, then lowest confidence, then plan order.
 * @throws {MgeError} VALIDATION_FAILED for a cursor that did not come from here.
 */
export async function listQueue(
  deps: Deps,
  filter: QueueFilter,
  page: { limit: number; cursor?: string },
): Promise<Page<ReviewItem>> {
  const limit = Math.min(MAX_LIMIT, Math.max(1, Math.trunc(page.limit)));
  const start = page.cursor === undefined ? undefined : after(decodeCursor(page.cursor));
  const found = await selectItems(deps.db, and(...matching(filter), start), limit + 1);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: found.length > limit && last !== undefined ? encodeCursor(last) : null };
}

/** An item with the code that it is about. */
export interface ReviewDetail extends ReviewItem {
  readonly description: string;
  readonly attempts: number;
  readonly errorMessage: string | null;
  /** The slice as it stands: accepted where it was accepted, else the draft. */
  readonly code: string;
  readonly draftCode: string;
  /** The file around the slice, accepted where accepted. */
  readonly before: string;
  readonly after: string;
}

/** An item with its code and surroundings, or null when there is none of this id. */
export async function getReview(deps: Deps, reviewId: ReviewId): Promise<ReviewDetail | null> {
  const item = await selectItem(deps.db, reviewId);
  if (item === null) return null;
  const slice = await sliceInFile(deps.db, item.atomId);
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
  return {
    ...item,
    description: slice.description,
    attempts: slice.attempts,
    errorMessage: slice.errorMessage,
    code: text(slice.current),
    draftCode: text(slice.draft),
    before: text(slice.before),
    after: text(slice.after),
  };
}
