import type { Static } from 'typebox';
import { writeAudit } from '../../db/queries/write-audit.ts';
import { asId, MgeError, type ReviewId } from '../../domain/index.ts';
import type { ItemDecision, ItemOutcome } from '../../review/index.ts';
import type { Api } from '../context.ts';
import type { ApiServices } from '../deps.ts';
import { operation } from '../operation.ts';
import { principalOfRequest } from '../plugins/authentication.ts';
import { ref } from '../schemas/common.ts';
import { BULK_MAX, BulkDecisions, DecideInBulk } from '../schemas/reviews.ts';
import { actorOf, presentItem } from './reviews.ts';

type SentDecision = Static<typeof DecideInBulk>['decisions'][number];

/** Many decisions with one call. */
export function registerBulkReview(app: Api, services: ApiServices): void {
  const bulk = operation({
    id: 'decideInBulk',
    tag: 'review',
    summary: `Decide up to ${BULK_MAX} review items in one transaction`,
    description:
      'Each item has its own outcome: one that is gone, decided already, changed since or in other hands is refused and does not keep the others. When the call itself fails, none was decided. Edits are made one by one, because each is validated.',
    access: 'reviewer',
    request: { body: DecideInBulk },
    responses: { 200: ref(BulkDecisions) },
    idempotent: true,
    flow: 'review_decision',
  });
  app.post('/api/v2/review/bulk', bulk, async (request) => {
    const decisions = request.body.decisions.map(decisionOf);
    requireDistinct(decisions);
    const actor = actorOf(principalOfRequest(request));
    const outcomes = await services.stages.decideReviews(actor, decisions, async (tx, decided) => {
      for (const { decision, item } of decided)
        await writeAudit(tx, {
          actor: actor.reviewer,
          action: `review.${decision.action}`,
          subject: `review:${item.reviewId}`,
          details: { atom_id: item.atomId, masterplan_id: item.masterplanId, version: item.version, bulk: true },
        });
    });
    for (const [index, { item }] of outcomes.entries())
      if (item) services.metrics.reviewDecisions.inc({ decision: decisions[index]?.action ?? 'skip' });
    return present(outcomes);
  });
}

function decisionOf(sent: SentDecision): ItemDecision {
  const { review_id: id, version } = sent;
  const words = 'reason' in sent ? sent.reason : sent.feedback;
  return {
    reviewId: asId<ReviewId>(id),
    action: sent.action,
    ...(version === undefined ? {} : { version }),
    ...(words === undefined ? {} : { feedback: words }),
  };
}

/** @throws {MgeError} VALIDATION_FAILED when an item is decided twice. */
function requireDistinct(decisions: readonly ItemDecision[]): void {
  const seen = new Set<string>();
  const fields = decisions.flatMap(({ reviewId }, index) => {
    if (!seen.has(reviewId)) {
      seen.add(reviewId);
      return [];
    }
    return [{ pointer: `/decisions/${index}/review_id`, detail: 'is decided twice in this call' }];
  });
  if (fields.length > 0) throw new MgeError('VALIDATION_FAILED', 'Each item can be decided once.', { fields });
}

function present(outcomes: readonly ItemOutcome[]): Static<typeof BulkDecisions> {
  const data = outcomes.map(({ reviewId, item, refusal }) => ({
    review_id: reviewId,
    outcome: item === null ? ('refused' as const) : ('decided' as const),
    item: item === null ? null : presentItem(item),
    error: refusal === null ? null : { code: refusal.code, message: refusal.message },
  }));
  const decided = data.filter(({ outcome }) => outcome === 'decided').length;
  return { decided, refused: data.length - decided, data };
}
