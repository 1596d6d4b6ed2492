import { and, asc, desc, eq, inArray, isNotNull, sql } from 'drizzle-orm';
import {
  asId,
  type AtomId,
  DEFAULT_REVIEW_FRACTION,
  type Finding,
  type MasterplanId,
  MgeError,
} from '../domain/index.ts';
import type { StageDeps } from '../adapters/runtime.ts';
import { newId, schema, type Tx } from '../db/index.ts';
import { priorityOf } from './priority.ts';
import { confidenceOfAccepted } from './score-accepted.ts';
import { suggestionsFor } from './suggestions.ts';

const { atomicUnits: atoms, humanReviewQueue: reviews, validationResults: results } = schema;

/** Rows of one insert at most: a statement carries 65,535 parameters. */
const BATCH = 1_000;

interface Doubtful {
  readonly atomId: string;
  readonly score: number;
  readonly loc: number;
  readonly complexity: number;
  readonly lineStart: number;
}

/**
 * The lowest `fraction` of the accepted atoms by confidence; of equal scores the longer atom first (an empty file tells a reviewer
 * nothing), then in plan order, so that the same scores choose the same atoms.
 */
async function lowest(tx: Tx, masterplanId: MasterplanId, fraction: number): Promise<Doubtful[]> {
  const scored = and(
    eq(atoms.masterplanId, masterplanId),
    eq(atoms.status, 'completed'),
    isNotNull(atoms.confidenceScore),
  );
  const total = await tx.$count(atoms, scored);
  const wanted = Math.ceil(total * fraction - 1e-9);
  if (wanted <= 0) return [];
  return tx
    .select({
      atomId: atoms.atomId,
      score: sql<number>`${atoms.confidenceScore}`,
      loc: atoms.loc,
      complexity: atoms.complexity,
      lineStart: atoms.lineStart,
    })
    .from(atoms)
    .where(scored)
    .orderBy(asc(atoms.confidenceScore), desc(atoms.loc), asc(atoms.atomNumber))
    .limit(wanted);
}

/** Findings of the last attempt at each atom. */
async function lastFindings(tx: Tx, atomIds: readonly string[]): Promise<ReadonlyMap<string, Finding[]>> {
  const rows = await tx
    .select({ atomId: results.atomId, attempt: results.attemptNumber, details: results.errorDetails })
    .from(results)
    .where(and(inArray(results.atomId, [...atomIds]), eq(results.validationLevel, 'atomic')))
    .orderBy(asc(results.atomId), asc(results.attemptNumber), asc(results.validationId));
  const latest = new Map<string, { attempt: number | null; findings: Finding[] }>();
  for (const { atomId, attempt, details } of rows) {
    if (atomId === null) continue;
    const known = latest.get(atomId);
    const findings = known !== undefined && known.attempt === attempt ? known.findings : [];
    latest.set(atomId, { attempt, findings: [...findings, ...(details?.findings ?? [])] });
  }
  return new Map([...latest].map(([atomId, { findings }]) => [atomId, findings]));
}

/** An atom against which nothing speaks is in the sample because the share is filled up, and says so. */
function reasonOf(score: number, fraction: number): string {
  const percent = `${Math.round(fraction * 1_000) / 10} %`;
  if (score >= 0.995)
    return `sampled: nothing speaks against it; ${percent} of this masterplan go to review in any case`;
  return `confidence ${score.toFixed(2)} is among the lowest ${percent} of this masterplan`;
}

async function insertItems(
  tx: Tx,
  masterplanId: MasterplanId,
  chosen: readonly Doubtful[],
  fraction: number,
): Promise<AtomId[]> {
  const ids = chosen.map((atom) => atom.atomId);
  const findings = await lastFindings(tx, ids);
  const confidences = await confidenceOfAccepted(tx, masterplanId, ids);
  const rows = chosen.map((atom) => {
    const known = findings.get(atom.atomId) ?? [];
    return {
      reviewId: newId<string>(),
      atomId: atom.atomId,
      masterplanId,
      confidenceScore: atom.score,
      confidenceParts: { ...confidences.get(atom.atomId)?.parts },
      flaggedReason: reasonOf(atom.score, fraction),
      aiSuggestions: { ...suggestionsFor({ ...atom, findings: known }) },
      priority: priorityOf({ failed: false, score: atom.score, findings: known }),
    };
  });
  const added = await tx
    .insert(reviews)
    .values(rows)
    .onConflictDoNothing({ target: reviews.atomId })
    .returning({ atomId: reviews.atomId });
  const addedIds = added.map((row) => asId<AtomId>(row.atomId));
  if (addedIds.length > 0)
    await tx
      .update(atoms)
      .set({ needsReview: true, updatedAt: sql`now()` })
      .where(inArray(atoms.atomId, addedIds));
  return addedIds;
}

/**
 * Queues the accepted atoms with the lowest confidence. Running it again adds nothing: atoms that are or were in the queue count
 * towards the share and stay as they are. Returns the atoms that were added.
 * @throws {MgeError} VALIDATION_FAILED for a fraction outside 0 to 1.
 */
export async function enqueueLowest(
  deps: Pick<StageDeps, 'db'>,
  masterplanId: MasterplanId,
  fraction = DEFAULT_REVIEW_FRACTION,
): Promise<AtomId[]> {
  return deps.db.transaction((tx) => enqueueLowestIn(tx, masterplanId, fraction));
}

/** `enqueueLowest` inside a transaction of the caller. */
export async function enqueueLowestIn(tx: Tx, masterplanId: MasterplanId, fraction: number): Promise<AtomId[]> {
  if (!(fraction >= 0 && fraction <= 1))
    throw new MgeError('VALIDATION_FAILED', `review_fraction is ${fraction}; it takes 0 to 1`);
  const chosen = await lowest(tx, masterplanId, fraction);
  const added: AtomId[] = [];
  for (let i = 0; i < chosen.length; i += BATCH) {
    added.push(...(await insertItems(tx, masterplanId, chosen.slice(i, i + BATCH), fraction)));
  }
  return added;
}
