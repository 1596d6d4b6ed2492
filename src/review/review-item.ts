import { and, asc, eq, exists, isNull, type SQL, sql } from 'drizzle-orm';
import {
  asId,
  type AtomId,
  type AtomStatus,
  type MasterplanId,
  type ReviewId,
  type ReviewStatus,
} from '../domain/index.ts';
import { schema, type Tx } from '../db/index.ts';
import { bandOf, type ConfidenceBand } from './confidence.ts';

const { humanReviewQueue: reviews, atomicUnits: atoms, masterplans } = schema;

/** What a reviewer did with an item. */
export type ReviewAction = 'approve' | 'edit' | 'reject' | 'regenerate' | 'skip';

/** One item of the review queue with what a list shows of its atom. */
export interface ReviewItem {
  readonly reviewId: ReviewId;
  readonly atomId: AtomId;
  readonly masterplanId: MasterplanId;
  readonly atomNumber: number;
  readonly atomName: string;
  readonly atomStatus: AtomStatus;
  readonly filePath: string;
  readonly language: string;
  readonly lineStart: number;
  readonly lineEnd: number;
  readonly confidenceScore: number;
  readonly confidenceBand: ConfidenceBand;
  readonly confidenceParts: Readonly<Record<string, unknown>>;
  readonly flaggedReason: string;
  readonly suggestions: Readonly<Record<string, unknown>>;
  /** 1 is looked at first, 5 last. */
  readonly priority: number;
  readonly status: ReviewStatus;
  readonly assignedTo: string | null;
  readonly leaseUntil: Date | null;
  readonly reviewerFeedback: string | null;
  /** The last thing that was done with it; null when nothing was. */
  readonly resolution: ReviewAction | null;
  readonly editedCode: string | null;
  readonly regenerations: number;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly assignedAt: Date | null;
  readonly reviewedAt: Date | null;
}

const columns = {
  review: reviews,
  atomNumber: atoms.atomNumber,
  atomName: atoms.name,
  atomStatus: atoms.status,
  filePath: atoms.filePath,
  language: atoms.language,
  lineStart: atoms.lineStart,
  lineEnd: atoms.lineEnd,
};

/** 1 for items that a reviewer skipped: they wait behind the others of their priority. */
export const isSkipped = sql<number>`case when ${reviews.resolution} = 'SKIP'::review_resolution then 1 else 0 end`;

/** The order of the queue; total, so that pages neither repeat nor miss an item, and the same for the same scores. */
export const queueOrder: SQL[] = [
  asc(reviews.priority),
  asc(isSkipped),
  asc(reviews.confidenceScore),
  asc(atoms.atomNumber),
  asc(reviews.reviewId),
];

type Selected = { review: typeof reviews.$inferSelect } & Pick<
  typeof atoms.$inferSelect,
  'atomNumber' | 'filePath' | 'language' | 'lineStart' | 'lineEnd'
> & { atomName: string; atomStatus: AtomStatus };

function toItem({ review, ...atom }: Selected): ReviewItem {
  const { aiSuggestions, reviewId, atomId, masterplanId, ...rest } = review;
  return {
    ...atom,
    ...rest,
    reviewId: asId<ReviewId>(reviewId),
    atomId: asId<AtomId>(atomId),
    masterplanId: asId<MasterplanId>(masterplanId),
    confidenceBand: bandOf(review.confidenceScore),
    suggestions: aiSuggestions,
  };
}

/** Items of masterplans that are not deleted: the others are not there for anybody. For statements that do not join the masterplans. */
export const ofLivingPlan: SQL = exists(
  sql`(select 1 from ${masterplans} where ${masterplans.masterplanId} = ${reviews.masterplanId} and ${masterplans.deletedAt} is null)`,
);

/** Items of masterplans that are not deleted, with their atoms, in queue order. */
export async function selectItems(tx: Tx, where: SQL | undefined, limit: number): Promise<ReviewItem[]> {
  const rows = await tx
    .select(columns)
    .from(reviews)
    .innerJoin(atoms, eq(atoms.atomId, reviews.atomId))
    .innerJoin(masterplans, and(eq(masterplans.masterplanId, reviews.masterplanId), isNull(masterplans.deletedAt)))
    .where(where)
    .orderBy(...queueOrder)
    .limit(limit);
  return rows.map(toItem);
}

export async function selectItem(tx: Tx, reviewId: ReviewId): Promise<ReviewItem | null> {
  const [item] = await selectItems(tx, eq(reviews.reviewId, reviewId), 1);
  return item ?? null;
}
