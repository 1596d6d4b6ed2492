import type { Api } from '../context.ts';
import type { ApiServices } from '../deps.ts';
import { operation } from '../operation.ts';
import { ref } from '../schemas/common.ts';
import { ReviewParams, ReviewSuggestionList } from '../schemas/reviews.ts';

/** What a model would do about an atom: asked for by the reviewer, paid from the masterplan's budget. */
export function registerReviewSuggestions(app: Api, services: ApiServices): void {
  const suggest = operation({
    id: 'suggestForReview',
    tag: 'review',
    summary: "Ask the masterplan's model what it would do about the atom",
    description:
      'The answer is kept with the item, under `suggestions.model`. It is paid from the budget of the masterplan.',
    access: 'reviewer',
    request: { params: ReviewParams },
    responses: { 200: ref(ReviewSuggestionList) },
    problems: [
      'REQUEST_NOT_SERVED',
      'BUDGET_EXCEEDED',
      'ATOM_BUDGET_EXCEEDED',
      'PROVIDER_UNAVAILABLE',
      'PROVIDER_REJECTED',
    ],
    idempotent: true,
  });
  app.post('/api/v2/review/:review_id/suggest', suggest, async (request, reply) => {
    const ended = new AbortController();
    reply.raw.once('close', () => ended.abort());
    const data = await services.stages.suggestForReview(request.params.review_id, ended.signal);
    return { data: data.map(({ type, description, code }) => ({ type, description, code })) };
  });
}
