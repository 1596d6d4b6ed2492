import { and, eq, exists, sql } from 'drizzle-orm';
import { type MasterplanId, type ReviewStatus, REVIEW_STATES } from '../domain/index.ts';
import type { StageDeps } from '../adapters/runtime.ts';
import { schema } from '../db/index.ts';
import { instantOf } from './claim.ts';
import { ownedBy } from './queue.ts';
import { ofLivingPlan } from './review-item.ts';

const { humanReviewQueue: reviews, atomicUnits: atoms, masterplans } = schema;

export interface ReviewStatistics {
  readonly total: number;
  readonly byStatus: Readonly<Record<ReviewStatus, number>>;
  /** Null where there is no item. */
  readonly avgConfidence: number | null;
  readonly minConfidence: number | null;
  readonly maxConfidence: number | null;
  readonly totalAtoms: number;
  /** Percent of the atoms that are or were in the queue; null without atoms. */
  readonly reviewPercent: number | null;
  /** Percent of the decided items; null where none is decided. */
  readonly approvalPercent: number | null;
  readonly rejectionPercent: number | null;
  /** Edited or regenerated, in percent of the decided items. */
  readonly correctionPercent: number | null;
  /** Seconds that the oldest undecided item has waited; null when none waits. */
  readonly oldestWaitingSeconds: number | null;
  /** Seconds from flag to decision, on average; null where none is decided. */
  readonly avgDecisionSeconds: number | null;
}

export interface StatisticsScope {
  readonly masterplanId?: MasterplanId;
  readonly ownerId?: string;
}

function percent(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.round((part / whole) * 10_000) / 100;
}

/** How the review stands, for one masterplan, one owner or everything. */
export async function statistics(
  deps: Pick<StageDeps, 'db' | 'clock'>,
  scope: StatisticsScope = {},
): Promise<ReviewStatistics> {
  const { masterplanId, ownerId } = scope;
  const inScope = and(
    ofLivingPlan,
    masterplanId === undefined ? undefined : eq(reviews.masterplanId, masterplanId),
    ownerId === undefined ? undefined : ownedBy(ownerId),
  );
  const now = instantOf(deps.clock.now());
  const waiting = sql`${reviews.status} in ('PENDING', 'IN_REVIEW')`;
  const rows = await deps.db
    .select({
      status: reviews.status,
      count: sql<number>`count(*)::int`,
      sum: sql<number>`sum(${reviews.confidenceScore})`,
      min: sql<number>`min(${reviews.confidenceScore})`,
      max: sql<number>`max(${reviews.confidenceScore})`,
      oldest: sql<
        number | null
      >`extract(epoch from max(${now} - ${reviews.createdAt}) filter (where ${waiting}))::float8`,
      decisionSeconds: sql<
        number | null
      >`extract(epoch from sum(${reviews.reviewedAt} - ${reviews.createdAt}) filter (where not ${waiting}))::float8`,
    })
    .from(reviews)
    .where(inScope)
    .groupBy(reviews.status);
  const totalAtoms = await countAtoms(deps, scope);
  const byStatus = Object.fromEntries(
    REVIEW_STATES.map((status) => [status, rows.find((row) => row.status === status)?.count ?? 0]),
  ) as Record<ReviewStatus, number>;
  const total = rows.reduce((sum, row) => sum + row.count, 0);
  const decided = total - byStatus.pending - byStatus.in_review;
  const decisionSeconds = rows.reduce((sum, row) => sum + (row.decisionSeconds ?? 0), 0);
  const oldest = rows.flatMap((row) => (row.oldest === null ? [] : [row.oldest]));
  const average = total === 0 ? null : rows.reduce((sum, row) => sum + row.sum, 0) / total;
  return {
    total,
    byStatus,
    avgConfidence: average === null ? null : Math.round(average * 10_000) / 10_000,
    minConfidence: total === 0 ? null : Math.min(...rows.map((row) => row.min)),
    maxConfidence: total === 0 ? null : Math.max(...rows.map((row) => row.max)),
    totalAtoms,
    reviewPercent: percent(total, totalAtoms),
    approvalPercent: percent(byStatus.approved, decided),
    rejectionPercent: percent(byStatus.rejected, decided),
    correctionPercent: percent(byStatus.edited + byStatus.regenerated, decided),
    oldestWaitingSeconds: oldest.length === 0 ? null : Math.max(0, Math.round(Math.max(...oldest))),
    avgDecisionSeconds: decided === 0 ? null : Math.round(decisionSeconds / decided),
  };
}

function countAtoms(deps: Pick<StageDeps, 'db'>, { masterplanId, ownerId }: StatisticsScope): Promise<number> {
  const living = exists(
    sql`(select 1 from ${masterplans} where ${masterplans.masterplanId} = ${atoms.masterplanId} and ${masterplans.deletedAt} is null
      and ${ownerId === undefined ? sql`true` : eq(masterplans.userId, ownerId)})`,
  );
  return deps.db.$count(
    atoms,
    and(masterplanId === undefined ? undefined : eq(atoms.masterplanId, masterplanId), living),
  );
}
