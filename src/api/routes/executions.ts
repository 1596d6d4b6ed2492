import type { Static } from 'typebox';
import { MgeError, type MasterplanId } from '../../domain/index.ts';
import type { Api, FlowOperation } from '../context.ts';
import { CURSOR_NUMBER, decodeCursor, encodeCursor } from '../cursor.ts';
import type { ApiServices } from '../deps.ts';
import { operation } from '../operation.ts';
import { requireAtom, requireMasterplan } from '../ownership.ts';
import { principalOfRequest } from '../plugins/authentication.ts';
import { AtomParams, DEFAULT_PAGE_LIMIT, MasterplanParams, pageOf, ref } from '../schemas/common.ts';
import {
  AtomOutcome,
  Execution,
  ExecutionOutcome,
  ExecutionReason,
  ExecutionWaves,
  type Precision,
  ResultsQuery,
  StartExecution,
} from '../schemas/executions.ts';
import type { ControlInput, ExecutionView } from '../../execution/index.ts';
import { presentExecution } from '../present-execution.ts';
import { wire } from '../wire.ts';
import { nextLink } from './links.ts';

export function registerExecutionRoutes(app: Api, services: ApiServices): void {
  registerStart(app, services);
  registerControl(app, services);
  registerRetry(app, services);
  registerStatus(app, services);
  registerResults(app, services);
}

function registerStart(app: Api, services: ApiServices): void {
  const start = operation({
    id: 'startExecution',
    tag: 'execution',
    summary: 'Start, or continue, the execution of a masterplan',
    description:
      'An execution that waits goes on with the next `max_waves` waves; one that ended with failures tries the failed atoms again.',
    access: 'user',
    request: { body: StartExecution },
    responses: { 202: ref(Execution) },
    problems: [
      'NOT_FOUND',
      'NOT_DECOMPOSED',
      'GRAPH_NOT_BUILT',
      'EXECUTION_RUNNING',
      'BUDGET_EXCEEDED',
      'QUEUE_UNAVAILABLE',
    ],
    idempotent: true,
    flow: 'start_execution',
  });
  app.post('/api/v2/execution/start', start, async (request, reply) => {
    const principal = principalOfRequest(request);
    const { masterplan_id, max_waves: maxWaves, concurrency } = request.body;
    const masterplanId = await requireMasterplan(services.db, principal, masterplan_id);
    await services.requireQueue();
    const view = await services.stages.startExecution({
      masterplanId,
      startedBy: principal.subject,
      traceparent: request.traceparent,
      ...(maxWaves === undefined ? {} : { maxWaves }),
      ...(concurrency === undefined ? {} : { concurrency }),
    });
    return reply.code(202).header('location', `/api/v2/execution/status/${masterplanId}`).send(presentExecution(view));
  });
}

interface ControlRoute {
  readonly verb: 'pause' | 'resume' | 'cancel';
  readonly id: string;
  readonly summary: string;
  readonly flow: FlowOperation;
  readonly act: (services: ApiServices, input: ControlInput) => Promise<ExecutionView>;
}

const CONTROLS: readonly ControlRoute[] = [
  {
    verb: 'pause',
    id: 'pauseExecution',
    summary: 'Pause: what runs finishes, nothing new starts',
    flow: 'pause_execution',
    act: ({ stages }, input) => stages.pauseExecution(input),
  },
  {
    verb: 'resume',
    id: 'resumeExecution',
    summary: 'Go on where it was paused',
    flow: 'resume_execution',
    act: ({ stages }, input) => stages.resumeExecution(input),
  },
  {
    verb: 'cancel',
    id: 'cancelExecution',
    summary: 'End it: what runs is stopped, what was accepted is kept',
    flow: 'cancel_execution',
    act: ({ stages }, input) => stages.cancelExecution(input),
  },
];

function registerControl(app: Api, services: ApiServices): void {
  for (const control of CONTROLS) {
    const described = operation({
      id: control.id,
      tag: 'execution',
      summary: control.summary,
      access: 'user',
      request: { params: MasterplanParams, body: ExecutionReason },
      responses: { 200: ref(Execution) },
      problems: ['CONFLICT'],
      bodyOptional: true,
      idempotent: true,
      flow: control.flow,
    });
    app.post(`/api/v2/execution/${control.verb}/:masterplan_id`, described, async (request) => {
      const principal = principalOfRequest(request);
      const masterplanId = await requireMasterplan(services.db, principal, request.params.masterplan_id);
      const { reason } = request.body;
      return presentExecution(
        await control.act(services, {
          masterplanId,
          by: principal.subject,
          ...(reason === undefined ? {} : { reason }),
        }),
      );
    });
  }
}

function registerRetry(app: Api, services: ApiServices): void {
  const one = operation({
    id: 'retryAtom',
    tag: 'execution',
    summary: 'Try one atom again',
    access: 'user',
    request: { params: AtomParams },
    responses: { 202: ref(Execution) },
    problems: ['CONFLICT', 'QUEUE_UNAVAILABLE'],
    idempotent: true,
    flow: 'retry_atom',
  });
  app.post('/api/v2/execution/retry/:atom_id', one, async (request, reply) => {
    const principal = principalOfRequest(request);
    const { atomId, masterplanId } = await requireAtom(services.db, principal, request.params.atom_id);
    await services.requireQueue();
    const view = await services.stages.retryAtom({ masterplanId, atomId, by: principal.subject });
    return reply.code(202).header('location', `/api/v2/execution/status/${masterplanId}`).send(presentExecution(view));
  });

  const failed = operation({
    id: 'retryFailed',
    tag: 'execution',
    summary: 'Try all failed atoms again, and what they blocked',
    access: 'user',
    request: { params: MasterplanParams },
    responses: { 202: ref(Execution) },
    problems: ['CONFLICT', 'QUEUE_UNAVAILABLE'],
    idempotent: true,
    flow: 'retry_failed',
  });
  app.post('/api/v2/execution/retry-failed/:masterplan_id', failed, async (request, reply) => {
    const principal = principalOfRequest(request);
    const masterplanId = await requireMasterplan(services.db, principal, request.params.masterplan_id);
    await services.requireQueue();
    const view = await services.stages.retryFailed({ masterplanId, by: principal.subject });
    return reply.code(202).header('location', `/api/v2/execution/status/${masterplanId}`).send(presentExecution(view));
  });
}

function registerStatus(app: Api, services: ApiServices): void {
  const status = operation({
    id: 'getExecutionStatus',
    tag: 'execution',
    summary: 'How the latest execution of a masterplan stands',
    access: 'user',
    request: { params: MasterplanParams },
    responses: { 200: ref(Execution) },
  });
  app.get('/api/v2/execution/status/:masterplan_id', status, async (request) => {
    const masterplanId = await requireMasterplan(
      services.db,
      principalOfRequest(request),
      request.params.masterplan_id,
    );
    const view = await services.stages.getExecutionStatus(masterplanId);
    if (!view) throw notStarted();
    return presentExecution(view);
  });
}

function registerResults(app: Api, services: ApiServices): void {
  const results = operation({
    id: 'getExecutionResults',
    tag: 'execution',
    summary: 'What the latest execution has brought: precision, waves, atoms page by page',
    access: 'user',
    request: { params: MasterplanParams, querystring: ResultsQuery },
    responses: { 200: ref(ExecutionOutcome) },
  });
  app.get('/api/v2/execution/results/:masterplan_id', results, async (request, reply) => {
    const masterplanId = await requireMasterplan(
      services.db,
      principalOfRequest(request),
      request.params.masterplan_id,
    );
    const { execution, ...page } = await resultsPage(services, masterplanId, request.query);
    if (page.page.next_cursor !== null) void reply.header('link', nextLink(request.url, page.page.next_cursor));
    return {
      ...presentExecution(execution),
      precision: presentPrecision(execution),
      atoms: page.data,
      page: page.page,
      artifact_url: `/api/v2/masterplans/${masterplanId}/artifact`,
    };
  });

  const atoms = operation({
    id: 'listExecutionAtoms',
    tag: 'execution',
    summary: 'How each atom of the latest execution stands',
    access: 'user',
    request: { params: MasterplanParams, querystring: ResultsQuery },
    responses: { 200: pageOf(ref(AtomOutcome), 'A page of atoms in plan order.') },
  });
  app.get('/api/v2/execution/atoms/:masterplan_id', atoms, async (request, reply) => {
    const masterplanId = await requireMasterplan(
      services.db,
      principalOfRequest(request),
      request.params.masterplan_id,
    );
    const { data, page } = await resultsPage(services, masterplanId, request.query);
    if (page.next_cursor !== null) void reply.header('link', nextLink(request.url, page.next_cursor));
    return { data, page };
  });

  const waves = operation({
    id: 'listExecutionWaves',
    tag: 'execution',
    summary: 'How each wave of the latest execution stands',
    access: 'user',
    request: { params: MasterplanParams },
    responses: { 200: ExecutionWaves },
  });
  app.get('/api/v2/execution/waves/:masterplan_id', waves, async (request) => {
    const masterplanId = await requireMasterplan(
      services.db,
      principalOfRequest(request),
      request.params.masterplan_id,
    );
    const view = await services.stages.getExecutionStatus(masterplanId);
    if (!view) throw notStarted();
    return { data: view.waves.map(wire), total: view.waves.length };
  });
}

async function resultsPage(services: ApiServices, masterplanId: MasterplanId, query: Static<typeof ResultsQuery>) {
  const { limit = DEFAULT_PAGE_LIMIT, cursor, status } = query;
  const { execution, atoms, nextCursor } = await services.stages.getExecutionResults(masterplanId, {
    limit,
    ...(cursor === undefined ? {} : { cursor: decodeCursor(cursor, CURSOR_NUMBER) }),
    ...(status === undefined ? {} : { status }),
  });
  const next = nextCursor === null ? null : encodeCursor(nextCursor);
  return { execution, data: atoms.map(wire), page: { next_cursor: next, has_more: next !== null } };
}

function notStarted(): MgeError {
  return new MgeError('NOT_FOUND', 'This masterplan has no execution yet; POST /api/v2/execution/start first.');
}

/** Stored as it is shown. Before the end of a run only what is accepted of what has ended can be told. */
function presentPrecision(view: ExecutionView): Static<typeof Precision> {
  // The execution stage writes the column in this shape.
  const stored = (view.precision ?? {}) as Partial<Static<typeof Precision>>;
  return {
    percent: view.precisionPercent,
    accepted_percent:
      view.atomsCompleted === 0 ? null : Math.floor((view.atomsSucceeded / view.atomsCompleted) * 10_000) / 100,
    spec_conformance: stored.spec_conformance ?? null,
    integration_pass: stored.integration_pass ?? null,
    validation_pass: stored.validation_pass ?? null,
    provider: view.provider,
  };
}
