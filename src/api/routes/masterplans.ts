import type { Static } from 'typebox';
import { Type } from 'typebox';
import { writeAudit } from '../../db/queries/write-audit.ts';
import { MgeError, type MasterplanId } from '../../domain/index.ts';
import type { Api } from '../context.ts';
import type { ApiServices } from '../deps.ts';
import { operation } from '../operation.ts';
import { requireMasterplan } from '../ownership.ts';
import { principalOfRequest } from '../plugins/authentication.ts';
import { isAdmin, ownerFor } from '../principal.ts';
import { findStageJob } from '../queries/graphs.ts';
import { closed, DEFAULT_PAGE_LIMIT, MasterplanParams, pageOf, ref, Uuid } from '../schemas/common.ts';
import {
  CreateMasterplan,
  ListMasterplansQuery,
  Masterplan,
  StageJob,
  type Task,
  TaskList,
} from '../schemas/masterplans.ts';
import type { CreateMasterplanInput, MasterplanView, TaskView } from '../../masterplan/index.ts';
import { wire } from '../wire.ts';
import { nextLink } from './links.ts';
import { presentJob } from './stage-jobs.ts';

/** Bytes of a plan that brings its own source. */
const MASTERPLAN_BODY_LIMIT = 64 * 1_048_576;

export function registerMasterplanRoutes(app: Api, services: ApiServices): void {
  registerCreation(app, services);
  registerReading(app, services);
  registerRemoval(app, services);
}

function registerCreation(app: Api, services: ApiServices): void {
  const create = operation({
    id: 'createMasterplan',
    tag: 'masterplans',
    summary: 'Plan a project',
    description:
      'Plans from the request, or takes a plan (`tasks`) or source (`files`) of your own. What the provider cannot build is refused with 422, naming what it can.',
    access: 'user',
    request: { body: CreateMasterplan },
    responses: { 201: ref(Masterplan) },
    problems: ['REQUEST_NOT_SERVED', 'LIMIT_EXCEEDED'],
    idempotent: true,
    flow: 'create_masterplan',
  });
  app.post('/api/v2/masterplans', { ...create, bodyLimit: MASTERPLAN_BODY_LIMIT }, async (request, reply) => {
    const owner = ownerFor(principalOfRequest(request), request.body.user_id);
    const view = await services.stages.createMasterplan(creationInput(request.body, owner, request.id));
    return reply.code(201).header('location', `/api/v2/masterplans/${view.masterplanId}`).send(presentMasterplan(view));
  });
}

function creationInput(
  body: Static<typeof CreateMasterplan>,
  userId: string,
  requestId: string,
): CreateMasterplanInput {
  const { user_request, session_id, spec, tasks, files, config } = body;
  return {
    userRequest: user_request,
    userId,
    sessionId: session_id ?? requestId.slice(0, 100),
    ...(spec === undefined ? {} : { spec }),
    ...(tasks === undefined ? {} : { tasks }),
    ...(files === undefined ? {} : { files }),
    ...(config === undefined ? {} : { config }),
  };
}

function registerReading(app: Api, services: ApiServices): void {
  const list = operation({
    id: 'listMasterplans',
    tag: 'masterplans',
    summary: 'Your masterplans, newest first',
    access: 'user',
    request: { querystring: ListMasterplansQuery },
    responses: { 200: pageOf(ref(Masterplan), 'A page of masterplans.') },
  });
  app.get('/api/v2/masterplans', list, async (request, reply) => {
    const principal = principalOfRequest(request);
    const { limit = DEFAULT_PAGE_LIMIT, cursor, user_id } = request.query;
    const owner = isAdmin(principal) ? user_id : ownerFor(principal, user_id);
    const page = await services.stages.listMasterplans({
      limit,
      ...(owner === undefined ? {} : { userId: owner }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    if (page.nextCursor !== null) void reply.header('link', nextLink(request.url, page.nextCursor));
    return {
      data: page.items.map(presentMasterplan),
      page: { next_cursor: page.nextCursor, has_more: page.nextCursor !== null },
    };
  });

  const get = operation({
    id: 'getMasterplan',
    tag: 'masterplans',
    summary: 'One masterplan',
    access: 'user',
    request: { params: MasterplanParams },
    responses: { 200: ref(Masterplan) },
  });
  app.get('/api/v2/masterplans/:masterplan_id', get, async (request) => {
    const id = await requireMasterplan(services.db, principalOfRequest(request), request.params.masterplan_id);
    return presentMasterplan(await viewOf(services, id));
  });

  const tasks = operation({
    id: 'listTasks',
    tag: 'masterplans',
    summary: 'The tasks of a masterplan',
    access: 'user',
    request: { params: MasterplanParams },
    responses: { 200: TaskList },
  });
  app.get('/api/v2/masterplans/:masterplan_id/tasks', tasks, async (request) => {
    const id = await requireMasterplan(
      services.db,
      principalOfRequest(request),
      request.params.masterplan_id,
      'inspect',
    );
    const found = await services.stages.listTasks(id);
    return { data: found.map(presentTask), total: found.length };
  });

  const job = operation({
    id: 'getStageJob',
    tag: 'masterplans',
    summary: 'How far a stage is that outlasted its call',
    access: 'user',
    request: { params: closed({ masterplan_id: Uuid, job_id: Uuid }) },
    responses: { 200: ref(StageJob) },
  });
  app.get('/api/v2/masterplans/:masterplan_id/jobs/:job_id', job, async (request) => {
    const id = await requireMasterplan(services.db, principalOfRequest(request), request.params.masterplan_id);
    const row = await findStageJob(services.db, id, request.params.job_id);
    if (!row) throw new MgeError('NOT_FOUND', `This masterplan has no job ${request.params.job_id}.`);
    return presentJob(row);
  });
}

function registerRemoval(app: Api, services: ApiServices): void {
  const remove = operation({
    id: 'deleteMasterplan',
    tag: 'masterplans',
    summary: 'Delete a masterplan',
    access: 'user',
    request: { params: MasterplanParams },
    responses: { 204: Type.Null() },
    problems: ['EXECUTION_RUNNING'],
  });
  app.delete('/api/v2/masterplans/:masterplan_id', remove, async (request, reply) => {
    const principal = principalOfRequest(request);
    const id = await requireMasterplan(services.db, principal, request.params.masterplan_id);
    await services.stages.deleteMasterplan(id);
    await writeAudit(services.db, {
      actor: principal.subject,
      action: 'masterplan.delete',
      subject: `masterplan:${id}`,
    });
    return reply.code(204).send(null);
  });
}

async function viewOf(services: ApiServices, id: MasterplanId): Promise<MasterplanView> {
  const view = await services.stages.getMasterplan(id);
  if (!view) throw new MgeError('NOT_FOUND', `There is no masterplan ${id}.`);
  return view;
}

function presentMasterplan(view: MasterplanView): Static<typeof Masterplan> {
  return {
    ...wire(view),
    understood: [...view.understood],
    assumed: [...view.assumed],
    left_out: [...view.leftOut],
    checks: view.checks.map(({ name, directory, toolchain }) => ({ name, directory, toolchain })),
    tech_stack: { ...view.techStack },
    config: { ...view.config },
  };
}

function presentTask(task: TaskView): Static<typeof Task> {
  return {
    ...wire(task),
    target_files: [...task.targetFiles],
    depends_on: [...task.dependsOn],
    acceptance: task.acceptance.map(({ text, priority, test }) => ({ text, priority, test })),
  };
}
