import type { Api } from '../context.ts';
import type { ApiServices } from '../deps.ts';
import { operation } from '../operation.ts';
import { requireMasterplan } from '../ownership.ts';
import { principalOfRequest } from '../plugins/authentication.ts';
import { isAdmin } from '../principal.ts';
import { MasterplanParams, ref } from '../schemas/common.ts';
import { ExecutionReason } from '../schemas/executions.ts';
import {
  Budget,
  CancelledMasterplan,
  ConcurrencyStatus,
  OverrideBudget,
  Rerun,
  RerunPreview,
} from '../schemas/run-control.ts';
import { wireDeep } from '../wire.ts';

/** What steers more than one execution at a time, or looks ahead. */
export function registerRunControlRoutes(app: Api, services: ApiServices): void {
  registerCancel(app, services);
  registerRerun(app, services);
  registerConcurrency(app, services);
  registerBudget(app, services);
}

function registerCancel(app: Api, services: ApiServices): void {
  const cancel = operation({
    id: 'cancelMasterplan',
    tag: 'masterplans',
    summary: 'Cancel a masterplan: planning, cutting, graph building and its execution',
    description:
      'What runs is told to stop on every worker: calls of models, checks and programs in the sandbox. What was accepted is kept. Cancelling twice changes nothing.',
    access: 'user',
    request: { params: MasterplanParams, body: ExecutionReason },
    responses: { 200: ref(CancelledMasterplan) },
    problems: ['CONFLICT'],
    bodyOptional: true,
    idempotent: true,
    flow: 'cancel_masterplan',
  });
  app.post('/api/v2/masterplans/:masterplan_id/cancel', cancel, async (request) => {
    const principal = principalOfRequest(request);
    const masterplanId = await requireMasterplan(services.db, principal, request.params.masterplan_id);
    const { reason } = request.body;
    const by = { masterplanId, by: principal.subject };
    return wireDeep(await services.stages.cancelMasterplan({ ...by, ...(reason === undefined ? {} : { reason }) }));
  });
}

function registerRerun(app: Api, services: ApiServices): void {
  const rerun = operation({
    id: 'rerunExecution',
    tag: 'execution',
    summary: 'Run again from the failure, or say what that would do',
    description:
      'Failed and skipped atoms get a fresh set of attempts, what depends on them follows, what was accepted is reused. With `dry_run` nothing changes: the answer says what is reused, what runs again and what it is expected to cost.',
    access: 'user',
    request: { params: MasterplanParams, body: Rerun },
    responses: { 200: ref(RerunPreview), 202: ref(RerunPreview) },
    problems: ['CONFLICT', 'QUEUE_UNAVAILABLE'],
    bodyOptional: true,
    idempotent: true,
    flow: 'rerun_execution',
  });
  app.post('/api/v2/execution/rerun/:masterplan_id', rerun, async (request, reply) => {
    const principal = principalOfRequest(request);
    const masterplanId = await requireMasterplan(services.db, principal, request.params.masterplan_id);
    const dryRun = request.body.dry_run === true;
    if (!dryRun) await services.requireQueue();
    const preview = wireDeep(await services.stages.rerunExecution({ masterplanId, by: principal.subject, dryRun }));
    if (dryRun) return preview;
    return reply.code(202).header('location', `/api/v2/execution/status/${masterplanId}`).send(preview);
  });
}

function registerConcurrency(app: Api, services: ApiServices): void {
  const status = operation({
    id: 'getConcurrency',
    tag: 'execution',
    summary: 'How many atoms run and model calls are out at once, and why',
    description:
      'The limit of calls grows while an API answers well, and shrinks when it answers 429, fails or slows down. All workers share it.',
    access: 'user',
    responses: { 200: ref(ConcurrencyStatus) },
  });
  app.get('/api/v2/execution/concurrency', status, async (request) => {
    const principal = principalOfRequest(request);
    return wireDeep(await services.stages.getConcurrency(isAdmin(principal) ? null : principal.subject));
  });
}

function registerBudget(app: Api, services: ApiServices): void {
  const override = operation({
    id: 'overrideBudget',
    tag: 'admin',
    summary: 'Override the hard cap of a masterplan; audited',
    description:
      'A run that its budget has paused goes on with `resume`, or when its owner resumes it. A cap below what is used takes nothing back: it stops further calls.',
    access: 'admin',
    request: { params: MasterplanParams, body: OverrideBudget },
    responses: { 200: ref(Budget) },
    flow: 'override_budget',
  });
  app.put('/api/v2/admin/budgets/:masterplan_id', override, async (request) => {
    const principal = principalOfRequest(request);
    const masterplanId = await requireMasterplan(services.db, principal, request.params.masterplan_id);
    const { budget_usd: budgetUsd, atom_budget_usd, wave_budget_usd, reason, resume = false } = request.body;
    const parts = {
      ...(atom_budget_usd === undefined ? {} : { atomUsd: atom_budget_usd }),
      ...(wave_budget_usd === undefined ? {} : { waveUsd: wave_budget_usd }),
    };
    const by = principal.subject;
    return wireDeep(await services.stages.overrideBudget({ masterplanId, budgetUsd, ...parts, reason, resume, by }));
  });
}
