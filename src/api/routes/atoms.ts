import type { Static } from 'typebox';
import { MgeError } from '../../domain/index.ts';
import type { Api } from '../context.ts';
import { CURSOR_NUMBER, decodeCursor, pageOfRows } from '../cursor.ts';
import type { ApiServices } from '../deps.ts';
import { operation } from '../operation.ts';
import { requireAtom, requireMasterplan } from '../ownership.ts';
import { principalOfRequest } from '../plugins/authentication.ts';
import type { AtomFilter, AtomRow, EdgeRow } from '../queries/atoms.ts';
import {
  findReviewOfAtom,
  findTask,
  getAtom,
  listAtoms,
  listAttempts,
  listEdges,
  listValidations,
} from '../queries/atoms.ts';
import {
  Atom,
  AtomDependencies,
  AtomDetail,
  type AtomEdge,
  Decomposition,
  ListAtomsQuery,
  MasterplanRef,
} from '../schemas/atoms.ts';
import { AtomParams, closed, DEFAULT_PAGE_LIMIT, pageOf, PageQuery, ref, Uuid } from '../schemas/common.ts';
import { StageJob } from '../schemas/masterplans.ts';
import type { DecomposeSummary } from '../../atomization/index.ts';
import { wire } from '../wire.ts';
import { nextLink } from './links.ts';
import { runStage } from './stage-jobs.ts';
import { presentValidation } from './validation.ts';

/** Edges of one atom that are shown, and checks in an atom's detail. */
const EDGES_MAX = 500;
const CHECKS_SHOWN = 50;

export function registerAtomRoutes(app: Api, services: ApiServices): void {
  registerDecompose(app, services);
  registerLists(app, services);
  registerDetail(app, services);
}

function registerDecompose(app: Api, services: ApiServices): void {
  const decompose = operation({
    id: 'decompose',
    tag: 'atomization',
    summary: 'Cut the tasks of a masterplan into atoms',
    description:
      'Waits for the workers up to a deadline, then answers 202 with the address of the job; `Prefer: respond-async` gets that at once. The same source gives the same atoms.',
    access: 'user',
    request: { body: MasterplanRef },
    responses: { 200: ref(Decomposition), 202: ref(StageJob) },
    problems: ['NOT_FOUND', 'PLAN_FAILED', 'EXECUTION_RUNNING', 'LIMIT_EXCEEDED', 'QUEUE_UNAVAILABLE'],
    flow: 'decompose',
  });
  app.post('/api/v2/atomization/decompose', decompose, async (request, reply) => {
    const masterplanId = await requireMasterplan(services.db, principalOfRequest(request), request.body.masterplan_id);
    const pending = await runStage(services, request, reply, { masterplanId, kind: 'decompose' });
    if (pending) return pending;
    const summary = await services.stages.readDecomposition(masterplanId);
    if (!summary) throw new MgeError('INTERNAL', 'The masterplan was decomposed, but its atoms cannot be found.');
    return presentDecomposition(summary);
  });
}

function presentDecomposition({
  masterplanId,
  totalAtoms,
  totalTasks,
  stats,
}: DecomposeSummary): Static<typeof Decomposition> {
  return {
    masterplan_id: masterplanId,
    total_atoms: totalAtoms,
    atoms_count: totalAtoms,
    total_tasks: totalTasks,
    stats: { ...wire(stats), by_language: { ...stats.byLanguage } },
  };
}

function registerLists(app: Api, services: ApiServices): void {
  const list = operation({
    id: 'listAtoms',
    tag: 'atoms',
    summary: 'Atoms of a masterplan in plan order, filtered',
    access: 'user',
    request: { querystring: ListAtomsQuery },
    responses: { 200: pageOf(ref(Atom), 'A page of atoms.') },
    problems: ['NOT_FOUND'],
  });
  app.get('/api/v2/atoms', list, async (request, reply) => {
    const { masterplan_id, limit = DEFAULT_PAGE_LIMIT, cursor } = request.query;
    const id = await requireMasterplan(services.db, principalOfRequest(request), masterplan_id, 'inspect');
    const page = await atomPage(services, id, filterOf(request.query), {
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    });
    if (page.page.next_cursor !== null) void reply.header('link', nextLink(request.url, page.page.next_cursor));
    return page;
  });

  const byTask = operation({
    id: 'listAtomsOfTask',
    tag: 'atoms',
    summary: 'Atoms of one task',
    access: 'user',
    request: { params: closed({ task_id: Uuid }), querystring: PageQuery },
    responses: { 200: pageOf(ref(Atom), 'A page of atoms.') },
  });
  app.get('/api/v2/atoms/by-task/:task_id', byTask, async (request, reply) => {
    const { task_id: taskId } = request.params;
    const missing = new MgeError('NOT_FOUND', `There is no task ${taskId}.`);
    const task = await findTask(services.db, taskId);
    if (!task) throw missing;
    const id = await requireMasterplan(services.db, principalOfRequest(request), task.masterplanId, 'inspect').catch(
      (error: unknown) => {
        throw error instanceof MgeError && error.code === 'NOT_FOUND' ? missing : error;
      },
    );
    const { limit = DEFAULT_PAGE_LIMIT, cursor } = request.query;
    const page = await atomPage(services, id, { taskId }, { limit, ...(cursor === undefined ? {} : { cursor }) });
    if (page.page.next_cursor !== null) void reply.header('link', nextLink(request.url, page.page.next_cursor));
    return page;
  });
}

async function atomPage(
  services: ApiServices,
  masterplanId: string,
  filter: AtomFilter,
  page: { limit: number; cursor?: string },
) {
  const after = page.cursor === undefined ? 0 : Number(decodeCursor(page.cursor, CURSOR_NUMBER));
  const rows = await listAtoms(services.db, masterplanId, filter, { limit: page.limit + 1, after });
  return pageOfRows(rows, page.limit, (row) => row.atomNumber, wire);
}

function filterOf(query: Static<typeof ListAtomsQuery>): AtomFilter {
  const { task_id: taskId, wave, status, file_path: filePath, needs_review: needsReview } = query;
  return {
    ...(taskId === undefined ? {} : { taskId }),
    ...(wave === undefined ? {} : { wave }),
    ...(status === undefined ? {} : { status }),
    ...(filePath === undefined ? {} : { filePath }),
    ...(needsReview === undefined ? {} : { needsReview }),
  };
}

function registerDetail(app: Api, services: ApiServices): void {
  const get = operation({
    id: 'getAtom',
    tag: 'atoms',
    summary: 'One atom with its code, context, edges, checks, attempts and review',
    access: 'user',
    request: { params: AtomParams },
    responses: { 200: ref(AtomDetail) },
  });
  app.get('/api/v2/atoms/:atom_id', get, async (request) => {
    const { atomId } = await requireAtom(services.db, principalOfRequest(request), request.params.atom_id, 'inspect');
    return atomDetail(services, atomId);
  });

  const edges = operation({
    id: 'getAtomDependencies',
    tag: 'graphs',
    summary: 'What an atom needs and what needs it',
    access: 'user',
    request: { params: AtomParams },
    responses: { 200: AtomDependencies },
  });
  app.get('/api/v2/graphs/atoms/:atom_id/dependencies', edges, async (request) => {
    const { atomId } = await requireAtom(services.db, principalOfRequest(request), request.params.atom_id, 'inspect');
    return { atom_id: atomId, ...(await edgesOf(services, atomId)) };
  });
}

async function edgesOf(services: ApiServices, atomId: string) {
  const [dependencies, dependents] = await Promise.all([
    listEdges(services.db, atomId, 'dependencies', EDGES_MAX),
    listEdges(services.db, atomId, 'dependents', EDGES_MAX),
  ]);
  return { dependencies: dependencies.map(presentEdge), dependents: dependents.map(presentEdge) };
}

function presentEdge({ metadata, ...row }: EdgeRow): Static<typeof AtomEdge> {
  return { ...wire(row), reason: metadata.reason, cut: metadata.cut ?? null };
}

async function atomDetail(services: ApiServices, atomId: string): Promise<Static<typeof AtomDetail>> {
  const row = await getAtom(services.db, atomId);
  if (!row) throw new MgeError('NOT_FOUND', `There is no atom ${atomId}.`);
  const [edges, checks, attempts, review] = await Promise.all([
    edgesOf(services, atomId),
    listValidations(services.db, row.masterplanId, { atomId }, { limit: CHECKS_SHOWN }),
    listAttempts(services.db, atomId),
    findReviewOfAtom(services.db, atomId),
  ]);
  return {
    ...presentAtomRow(row),
    ...edges,
    validations: checks.map(presentValidation),
    attempt_history: attempts.map((attempt) => ({ ...wire(attempt), error_analysis: attempt.errorAnalysis })),
    review: review && wire(review),
  };
}

function presentAtomRow(row: AtomRow) {
  const { draft, draftBytes, accepted, acceptedBytes, context, ...rest } = row;
  return {
    ...wire(rest),
    draft: { text: draft, base64: draftBytes?.toString('base64') ?? null },
    accepted:
      accepted === null && acceptedBytes === null
        ? null
        : { text: accepted ?? '', base64: acceptedBytes?.toString('base64') ?? null },
    context: { ...context },
    atomicity_violations: row.atomicityViolations.map((violation) => ({ ...violation })),
  };
}
