import type { StageDeps } from '../adapters/runtime.ts';
import { retryingTransaction } from '../db/retrying-transaction.ts';
import type { Tx } from '../db/index.ts';
import { MgeError, type ReviewId } from '../domain/index.ts';
import type { Actor } from './claim.ts';
import { approve, type DecisionDeps, regenerate, reject, skip } from './decide.ts';
import type { ReviewItem } from './review-item.ts';

/** One decision among many. An edit is not among them: it is validated on its own. */
export interface ItemDecision {
  readonly reviewId: ReviewId;
  readonly action: 'approve' | 'reject' | 'regenerate' | 'skip';
  /** The item's version that the reviewer saw. */
  readonly version?: number;
  readonly feedback?: string;
}

/** How one of many decisions ended. */
export type ItemOutcome =
  | { readonly reviewId: ReviewId; readonly item: ReviewItem; readonly refusal: null }
  | { readonly reviewId: ReviewId; readonly item: null; readonly refusal: MgeError };

const ACTIONS = { approve, reject, regenerate, skip } as const;

/**
 * Decides many items in one transaction: either all that can be decided are, or, when the service fails, none. An item that cannot be
 * decided (gone, decided already, changed since, in other hands) is refused by itself and does not keep the others.
 * @param along runs in the same transaction, with the items that were decided.
 * @returns the outcomes in the order of `decisions`.
 */
export async function decideMany(
  deps: Pick<StageDeps, 'db' | 'clock'>,
  actor: Actor,
  decisions: readonly ItemDecision[],
  along?: (tx: Tx, decided: readonly { readonly decision: ItemDecision; readonly item: ReviewItem }[]) => Promise<void>,
): Promise<ItemOutcome[]> {
  // Always in the same order, so that two such calls wait for each other and never for ever.
  const ordered = [...decisions].sort((a, b) => (a.reviewId < b.reviewId ? -1 : 1));
  const outcomes = await retryingTransaction(deps.db, async (tx) => {
    const made = new Map<ReviewId, ItemOutcome>();
    for (const decision of ordered) made.set(decision.reviewId, await decideOne({ ...deps, db: tx }, actor, decision));
    const decided = ordered.flatMap((decision) => {
      const item = made.get(decision.reviewId)?.item ?? null;
      return item === null ? [] : [{ decision, item }];
    });
    await along?.(tx, decided);
    return made;
  });
  return decisions.flatMap(({ reviewId }) => outcomes.get(reviewId) ?? []);
}

/** In a savepoint of its own: a refusal undoes what the decision itself has done, and nothing else. */
async function decideOne(
  deps: DecisionDeps,
  actor: Actor,
  { reviewId, action, version, feedback }: ItemDecision,
): Promise<ItemOutcome> {
  const decision = {
    ...actor,
    ...(version === undefined ? {} : { version }),
    ...(feedback === undefined ? {} : { feedback }),
  };
  try {
    return { reviewId, item: await ACTIONS[action](deps, reviewId, decision), refusal: null };
  } catch (error) {
    if (error instanceof MgeError) return { reviewId, item: null, refusal: error };
    throw error;
  }
}
