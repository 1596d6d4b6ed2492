import type { Static, TSchema } from 'typebox';
import { writeAudit } from '../../db/queries/write-audit.ts';
import { asId, type ErrorCode, type ReviewId } from '../../domain/index.ts';
import type { ReviewAction, ReviewItem as Item } from '../../review/index.ts';
import type { Api } from '../context.ts';
import type { ApiServices } from '../deps.ts';
import { operation } from '../operation.ts';
import { principalOfRequest } from '../plugins/authentication.ts';
import type { Principal } from '../principal.ts';
import { ref } from '../schemas/common.ts';
import { Approve, Edit, Regenerate, Reject, ReviewItem, ReviewParams } from '../schemas/reviews.ts';
import { actorOf, presentItem } from './reviews.ts';

/** approve, reject, edit, regenerate, skip: each decided once, on the version that the reviewer saw. */
export function registerReviewDecisions(app: Api, services: ApiServices): void {
  const { stages } = services;
  const url = (action: ReviewAction) => `/api/v2/review/:review_id/${action}`;

  const approve = decision('approve', 'The code is right as it stands', Approve, { bodyOptional: true });
  app.post(url('approve'), approve, async (request) => {
    const call = callOf('approve', principalOfRequest(request), request.params.review_id, request.body);
    return decided(services, call, await stages.approveReview(call.id, { ...call.basis, ...feedbackOf(request.body) }));
  });

  const skip = decision('skip', 'Not now: to the end of its priority', Approve, { bodyOptional: true });
  app.post(url('skip'), skip, async (request) => {
    const call = callOf('skip', principalOfRequest(request), request.params.review_id, request.body);
    return decided(services, call, await stages.skipReview(call.id, { ...call.basis, ...feedbackOf(request.body) }));
  });

  const reject = decision('reject', 'The code is wrong; a reason is needed', Reject);
  app.post(url('reject'), reject, async (request) => {
    const call = callOf('reject', principalOfRequest(request), request.params.review_id, request.body);
    return decided(
      services,
      call,
      await stages.rejectReview(call.id, { ...call.basis, feedback: request.body.reason }),
    );
  });

  const edit = decision('edit', 'Replace the code; it is validated in its file first', Edit, {
    problems: ['CANDIDATE_INVALID'],
  });
  app.post(url('edit'), edit, async (request) => {
    const call = callOf('edit', principalOfRequest(request), request.params.review_id, request.body);
    const { code } = request.body;
    return decided(
      services,
      call,
      await stages.editReview(call.id, { ...call.basis, ...feedbackOf(request.body), code }),
    );
  });

  const regenerate = decision('regenerate', 'Have it generated again with your feedback; at most 3 times', Regenerate, {
    problems: ['REGENERATION_EXHAUSTED'],
  });
  app.post(url('regenerate'), regenerate, async (request) => {
    const call = callOf('regenerate', principalOfRequest(request), request.params.review_id, request.body);
    return decided(
      services,
      call,
      await stages.regenerateReview(call.id, { ...call.basis, feedback: request.body.feedback }),
    );
  });
}

function decision<const B extends TSchema>(
  action: ReviewAction,
  summary: string,
  body: B,
  options: { bodyOptional?: boolean; problems?: readonly ErrorCode[] } = {},
) {
  return operation({
    id: `${action}Review`,
    tag: 'review',
    summary,
    access: 'reviewer',
    request: { params: ReviewParams, body },
    responses: { 200: ref(ReviewItem) },
    problems: ['CONFLICT', ...(options.problems ?? [])],
    idempotent: true,
    flow: 'review_decision',
    ...(options.bodyOptional ? { bodyOptional: true } : {}),
  });
}

interface DecisionCall {
  readonly action: ReviewAction;
  readonly id: ReviewId;
  readonly basis: { readonly reviewer: string; readonly override: boolean; readonly version?: number };
}

function callOf(
  action: ReviewAction,
  principal: Principal,
  id: string,
  { version }: { version?: number },
): DecisionCall {
  return {
    action,
    id: asId<ReviewId>(id),
    basis: { ...actorOf(principal), ...(version === undefined ? {} : { version }) },
  };
}

function feedbackOf({ feedback }: { feedback?: string }): { feedback?: string } {
  return feedback === undefined ? {} : { feedback };
}

/** Counts and audits a decision that was made. */
async function decided(
  services: ApiServices,
  { action, basis }: DecisionCall,
  item: Item,
): Promise<Static<typeof ReviewItem>> {
  services.metrics.reviewDecisions.inc({ decision: action });
  await writeAudit(services.db, {
    actor: basis.reviewer,
    action: `review.${action}`,
    subject: `review:${item.reviewId}`,
    details: { atom_id: item.atomId, masterplan_id: item.masterplanId, version: item.version },
  });
  return presentItem(item);
}
