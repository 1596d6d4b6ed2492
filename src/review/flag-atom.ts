import { inArray, sql } from 'drizzle-orm';
import { type AtomId, type Finding, type MasterplanId, REVIEW_TRANSITIONS, statesAllowing } from '../domain/index.ts';
import { newId, schema, type Tx } from '../db/index.ts';
import type { Confidence } from './confidence.ts';
import { priorityOf } from './priority.ts';
import { suggestionsFor } from './suggestions.ts';

export interface FlagInput {
  readonly masterplanId: MasterplanId;
  readonly atomId: AtomId;
  readonly confidence: Confidence;
  /** One sentence for the reviewer. */
  readonly reason: string;
  /** True when the atom used up its attempts. */
  readonly failed: boolean;
  /** Findings of the checks of its last attempt. */
  readonly findings: readonly Finding[];
  readonly loc: number;
  readonly complexity: number;
  readonly lineStart: number;
}

const { humanReviewQueue: reviews, atomicUnits: atoms } = schema;

function rowOf(input: FlagInput): typeof reviews.$inferInsert {
  return {
    reviewId: newId(),
    atomId: input.atomId,
    masterplanId: input.masterplanId,
    confidenceScore: input.confidence.score,
    confidenceParts: { ...input.confidence.parts },
    flaggedReason: input.reason,
    aiSuggestions: { ...suggestionsFor(input) },
    priority: priorityOf({ failed: input.failed, score: input.confidence.score, findings: input.findings }),
  };
}

/** States in which a new flag opens the item again; one that is waiting or in someone's hands only learns the news. */
const DECIDED = statesAllowing(REVIEW_TRANSITIONS, 'requeued');

/**
 * Puts atoms into the review queue, one item per atom. An item that was decided opens again (a regenerated atom that came out
 * doubtful once more); its count of regenerations stays. Marks the atoms as needing review.
 */
export async function flagAtoms(tx: Tx, inputs: readonly FlagInput[]): Promise<void> {
  if (inputs.length === 0) return;
  const reopened = sql`${reviews.status} in (${sql.join(
    DECIDED.map((status) => sql`${status.toUpperCase()}::review_status`),
    sql`, `,
  )})`;
  const cleared = (
    column:
      typeof reviews.assignedTo | typeof reviews.leaseUntil | typeof reviews.reviewedAt | typeof reviews.resolution,
  ) => sql`case when ${reopened} then null else ${column} end`;
  await tx
    .insert(reviews)
    .values(inputs.map(rowOf))
    .onConflictDoUpdate({
      target: reviews.atomId,
      set: {
        confidenceScore: sql`excluded.confidence_score`,
        confidenceParts: sql`excluded.confidence_parts`,
        flaggedReason: sql`excluded.flagged_reason`,
        aiSuggestions: sql`excluded.ai_suggestions`,
        priority: sql`excluded.priority`,
        status: sql`case when ${reopened} then 'PENDING'::review_status else ${reviews.status} end`,
        assignedTo: cleared(reviews.assignedTo),
        leaseUntil: cleared(reviews.leaseUntil),
        reviewedAt: cleared(reviews.reviewedAt),
        resolution: cleared(reviews.resolution),
        version: sql`${reviews.version} + 1`,
        updatedAt: sql`now()`,
      },
    });
  await markAtoms(tx, inputs);
}

async function markAtoms(tx: Tx, inputs: readonly FlagInput[]): Promise<void> {
  const marks = inputs.map((input) => ({ id: input.atomId, score: input.confidence.score }));
  await tx
    .update(atoms)
    .set({
      needsReview: true,
      confidenceScore: sql`(select (m->>'score')::float8 from jsonb_array_elements(${JSON.stringify(marks)}::jsonb) m where (m->>'id')::uuid = ${atoms.atomId})`,
      reviewPriority: sql`(select ${reviews.priority} from ${reviews} where ${reviews.atomId} = ${atoms.atomId})`,
      updatedAt: sql`now()`,
    })
    .where(
      inArray(
        atoms.atomId,
        marks.map((mark) => mark.id),
      ),
    );
}
