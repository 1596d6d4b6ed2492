import { Type, type Static } from 'typebox';
import { asId, MgeError, type MasterplanId, type ReviewId } from '../../domain/index.ts';
import type { QueueFilter, ReviewItem as Item } from '../../review/index.ts';
import type { Api } from '../context.ts';
import type { ApiServices } from '../deps.ts';
import { operation } from '../operation.ts';
import { principalOfRequest } from '../plugins/authentication.ts';
import { isAdmin, type Principal } from '../principal.ts';
import { DEFAULT_PAGE_LIMIT, pageOf, ref } from '../schemas/common.ts';
import {
  Assign,
  ClaimNext,
  ReviewDetail,
  ReviewItem,
  ReviewParams,
  ReviewQueueQuery,
  ReviewStatistics,
  ReviewStatisticsQuery,
} from '../schemas/reviews.ts';
import { wire } from '../wire.ts';
import { nextLink } from './links.ts';

export function registerReviewRoutes(app: Api, services: ApiServices): void {
  registerQueue(app, services);
  registerItem(app, services);
  registerHands(app, services);
}

function registerQueue(app: Api, services: ApiServices): void {
  const queue = operation({
    id: 'listReviewQueue',
    tag: 'review',
    summary: 'Review items, most urgent first, then least confident',
    access: 'reviewer',
    request: { querystring: ReviewQueueQuery },
    responses: { 200: pageOf(ref(ReviewItem), 'A page of the queue.') },
  });
  app.get('/api/v2/review/queue', queue, async (request, reply) => {
    const { limit = DEFAULT_PAGE_LIMIT, cursor } = request.query;
    const found = await services.stages.listReviewQueue(filterOf(request.query), {
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    });
    if (found.nextCursor !== null) void reply.header('link', nextLink(request.url, found.nextCursor));
    return {
      data: found.items.map(presentItem),
      page: { next_cursor: found.nextCursor, has_more: found.nextCursor !== null },
    };
  });

  const next = operation({
    id: 'claimNextReview',
    tag: 'review',
    summary: 'Claim the first free item, for as long as the lease lasts',
    description: '204 when there is nothing to review.',
    access: 'reviewer',
    request: { body: ClaimNext },
    responses: { 200: ref(ReviewItem), 204: Type.Null() },
    bodyOptional: true,
    idempotent: true,
  });
  app.post('/api/v2/review/next', next, async (request, reply) => {
    const { masterplan_id, lease_seconds: leaseSeconds } = request.body;
    const item = await services.stages.claimNextReview(principalOfRequest(request).subject, {
      ...(masterplan_id === undefined ? {} : { masterplanId: asId<MasterplanId>(masterplan_id) }),
      ...(leaseSeconds === undefined ? {} : { leaseSeconds }),
    });
    return item ? presentItem(item) : reply.code(204).send(null);
  });

  const figures = operation({
    id: 'getReviewStatistics',
    tag: 'review',
    summary: 'How the review stands, for one masterplan or for all',
    access: 'reviewer',
    request: { querystring: ReviewStatisticsQuery },
    responses: { 200: ref(ReviewStatistics) },
  });
  app.get('/api/v2/review/statistics', figures, async (request) => {
    const { masterplan_id } = request.query;
    const found = await services.stages.reviewStatistics(
      masterplan_id === undefined ? {} : { masterplanId: asId<MasterplanId>(masterplan_id) },
    );
    return { ...wire(found), by_status: { ...found.byStatus } };
  });
}

function filterOf(query: Static<typeof ReviewQueueQuery>): QueueFilter {
  const { masterplan_id, status, assigned_to: assignedTo, priority, file_path: filePath } = query;
  return {
    status: status === undefined ? ['pending', 'in_review'] : [status],
    ...(masterplan_id === undefined ? {} : { masterplanId: asId<MasterplanId>(masterplan_id) }),
    ...(assignedTo === undefined ? {} : { assignedTo }),
    ...(priority === undefined ? {} : { priority }),
    ...(filePath === undefined ? {} : { filePath }),
  };
}

function registerItem(app: Api, services: ApiServices): void {
  const get = operation({
    id: 'getReview',
    tag: 'review',
    summary: 'One item with its code and the file around it',
    access: 'reviewer',
    request: { params: ReviewParams },
    responses: { 200: ref(ReviewDetail) },
  });
  app.get('/api/v2/review/:review_id', get, async (request) => {
    const detail = await services.stages.getReview(asId<ReviewId>(request.params.review_id));
    if (!detail) throw new MgeError('NOT_FOUND', `There is no review ${request.params.review_id}.`);
    return { ...wire(detail), confidence_parts: { ...detail.confidenceParts }, suggestions: { ...detail.suggestions } };
  });
}

function registerHands(app: Api, services: ApiServices): void {
  const assign = operation({
    id: 'assignReview',
    tag: 'review',
    summary: 'Hand an item to a reviewer',
    access: 'reviewer',
    request: { params: ReviewParams, body: Assign },
    responses: { 200: ref(ReviewItem) },
    problems: ['CONFLICT'],
    idempotent: true,
  });
  app.post('/api/v2/review/:review_id/assign', assign, async (request) => {
    const { user_id: to, lease_seconds: leaseSeconds } = request.body;
    const actor = actorOf(principalOfRequest(request));
    const item = await services.stages.assignReview(asId<ReviewId>(request.params.review_id), {
      ...actor,
      to,
      ...(leaseSeconds === undefined ? {} : { leaseSeconds }),
    });
    return presentItem(item);
  });

  const release = operation({
    id: 'releaseReview',
    tag: 'review',
    summary: 'Put an item back into the queue',
    access: 'reviewer',
    request: { params: ReviewParams },
    responses: { 200: ref(ReviewItem) },
    problems: ['CONFLICT'],
    idempotent: true,
  });
  app.post('/api/v2/review/:review_id/release', release, async (request) =>
    presentItem(
      await services.stages.releaseReview(
        asId<ReviewId>(request.params.review_id),
        actorOf(principalOfRequest(request)),
      ),
    ),
  );
}

/** Who acts; admins may act on what others hold. */
export function actorOf(principal: Principal): { reviewer: string; override: boolean } {
  return { reviewer: principal.subject, override: isAdmin(principal) };
}

export function presentItem(item: Item): Static<typeof ReviewItem> {
  return { ...wire(item), confidence_parts: { ...item.confidenceParts }, suggestions: { ...item.suggestions } };
}
