import type { Api } from '../context.ts';
import type { ApiServices } from '../deps.ts';
import { operation } from '../operation.ts';
import { requireMasterplan } from '../ownership.ts';
import { principalOfRequest } from '../plugins/authentication.ts';
import { DEFAULT_PAGE_LIMIT, MasterplanParams, pageOf, ref } from '../schemas/common.ts';
import { Cost, CostEvent, CostEventsQuery } from '../schemas/costs.ts';
import { wireDeep } from '../wire.ts';
import { nextLink } from './links.ts';

/** What a masterplan has cost, in sum and call by call. */
export function registerCostRoutes(app: Api, services: ApiServices): void {
  const cost = operation({
    id: 'getCost',
    tag: 'execution',
    summary: 'What a masterplan has cost',
    description: 'Settled and set aside, by operation, model and wave, with the dearest atoms.',
    access: 'user',
    request: { params: MasterplanParams },
    responses: { 200: ref(Cost) },
  });
  app.get('/api/v2/execution/cost/:masterplan_id', cost, async (request) => {
    const id = await requireMasterplan(services.db, principalOfRequest(request), request.params.masterplan_id);
    return wireDeep(await services.stages.readCost(id));
  });

  const events = operation({
    id: 'listCostEvents',
    tag: 'execution',
    summary: 'Paid calls one by one, the latest first',
    access: 'user',
    request: { params: MasterplanParams, querystring: CostEventsQuery },
    responses: { 200: pageOf(ref(CostEvent), 'A page of calls.') },
  });
  app.get('/api/v2/execution/cost/:masterplan_id/events', events, async (request, reply) => {
    const id = await requireMasterplan(services.db, principalOfRequest(request), request.params.masterplan_id);
    const { limit = DEFAULT_PAGE_LIMIT, cursor } = request.query;
    const page = await services.stages.listCostEvents(id, {
      limit,
      ...(cursor === undefined ? {} : { before: cursor }),
    });
    if (page.nextCursor !== null) void reply.header('link', nextLink(request.url, page.nextCursor));
    return {
      data: page.items.map((item) => wireDeep(item)),
      page: { next_cursor: page.nextCursor, has_more: page.nextCursor !== null },
    };
  });
}
