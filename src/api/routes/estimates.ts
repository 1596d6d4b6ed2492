import type { Static } from 'typebox';
import type { MasterplanEstimate as Estimate } from '../../execution/index.ts';
import type { Api } from '../context.ts';
import type { ApiServices } from '../deps.ts';
import { operation } from '../operation.ts';
import { requireMasterplan } from '../ownership.ts';
import { principalOfRequest } from '../plugins/authentication.ts';
import { MasterplanParams, ref } from '../schemas/common.ts';
import { ForgottenAnswers, MasterplanEstimate } from '../schemas/estimates.ts';

/** What a masterplan will take, and what it may take from earlier ones. */
export function registerEstimateRoutes(app: Api, services: ApiServices): void {
  const estimate = operation({
    id: 'estimateMasterplan',
    tag: 'masterplans',
    summary: 'Atoms, waves, cost and time before the start',
    description:
      'Simulates the run with what earlier attempts of the provider took; what had to be assumed is named in `basis.assumed`.',
    access: 'user',
    request: { params: MasterplanParams },
    responses: { 200: ref(MasterplanEstimate) },
    problems: ['NOT_DECOMPOSED', 'GRAPH_NOT_BUILT', 'REQUEST_NOT_SERVED'],
  });
  app.get('/api/v2/masterplans/:masterplan_id/estimate', estimate, async (request) => {
    const principal = principalOfRequest(request);
    const id = await requireMasterplan(services.db, principal, request.params.masterplan_id, 'inspect');
    return present(await services.stages.estimateMasterplan(id));
  });

  const forget = operation({
    id: 'forgetAnswers',
    tag: 'masterplans',
    summary: 'Forget cached model answers of a masterplan',
    description: 'Later plans pay for the same questions again.',
    access: 'user',
    request: { params: MasterplanParams },
    responses: { 200: ref(ForgottenAnswers) },
    problems: ['QUEUE_UNAVAILABLE'],
  });
  app.delete('/api/v2/masterplans/:masterplan_id/answers', forget, async (request) => {
    const id = await requireMasterplan(services.db, principalOfRequest(request), request.params.masterplan_id);
    return { forgotten: await services.stages.forgetAnswers(id) };
  });
}

function present(estimate: Estimate): Static<typeof MasterplanEstimate> {
  const { basis } = estimate;
  return {
    masterplan_id: estimate.masterplanId,
    provider: estimate.provider,
    model: estimate.model,
    atoms: estimate.atoms,
    waves: estimate.waves,
    concurrency: estimate.concurrency,
    answers: estimate.answers,
    cost_usd: estimate.costUsd,
    seconds: estimate.seconds,
    budget_usd: estimate.budgetUsd,
    fits_budget: estimate.fitsBudget,
    basis: {
      draft_attempts: basis.draftAttempts,
      answer_attempts: basis.answerAttempts,
      draft_pass_rate: basis.draftPassRate,
      answer_pass_rate: basis.answerPassRate,
      usd_per_answer: basis.usdPerAnswer,
      assumed: [...basis.assumed],
    },
  };
}
