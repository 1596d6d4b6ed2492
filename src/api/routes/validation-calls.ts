import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { MgeError, type ErrorCode, type MasterplanId } from '../../domain/index.ts';
import type { StageJobView, StoredLevelReport, ValidationTarget } from '../../execution/index.ts';
import type { Api } from '../context.ts';
import type { ApiServices } from '../deps.ts';
import { operation, type RequestParts } from '../operation.ts';
import { requireAtom, requireMasterplan } from '../ownership.ts';
import { principalOfRequest } from '../plugins/authentication.ts';
import { listValidations, missingAtoms } from '../queries/atoms.ts';
import { AtomParams, MasterplanParams, ref } from '../schemas/common.ts';
import { StageJob } from '../schemas/masterplans.ts';
import { BATCH_MAX, ValidateBatch, ValidateComponent, ValidateModule, ValidationRun } from '../schemas/validation.ts';
import { runStageFor } from './stage-jobs.ts';
import { presentValidation } from './validation.ts';

type Run = Static<typeof ValidationRun>;
type Job = Static<typeof StageJob>;

/** One level of validation by call: a worker runs it on the project as it stands, and its checks are stored. */
export function registerValidationCalls(app: Api, services: ApiServices): void {
  registerAtomLevel(app, services);
  registerHigherLevels(app, services);
}

function registerAtomLevel(app: Api, services: ApiServices): void {
  const atom = validating('validateAtom', 'Run level 1 on an atom, in its file', { params: AtomParams });
  app.post('/api/v2/validation/atom/:atom_id', atom, async (request, reply) => {
    const found = await requireAtom(services.db, principalOfRequest(request), request.params.atom_id);
    return run(services, request, reply, found.masterplanId, { level: 'atomic', atomIds: [found.atomId] });
  });

  const batch = validating(
    'validateBatch',
    `Run level 1 on up to ${BATCH_MAX} atoms of a masterplan`,
    { body: ValidateBatch },
    ['NOT_FOUND'],
  );
  app.post('/api/v2/validation/batch', batch, async (request, reply) => {
    const { masterplan_id: id, atom_ids: atomIds } = request.body;
    const masterplanId = await requireMasterplan(services.db, principalOfRequest(request), id);
    const missing = new Set(await missingAtoms(services.db, masterplanId, atomIds));
    if (missing.size > 0) {
      const fields = atomIds.flatMap((atomId, index) =>
        missing.has(atomId) ? [{ pointer: `/atom_ids/${index}`, detail: `the masterplan has no atom ${atomId}` }] : [],
      );
      throw new MgeError('VALIDATION_FAILED', 'Some atoms do not belong to the masterplan.', { fields });
    }
    return run(services, request, reply, masterplanId, { level: 'atomic', atomIds });
  });
}

function registerHigherLevels(app: Api, services: ApiServices): void {
  const module = validating('validateModule', 'Run level 2 on a file', {
    params: MasterplanParams,
    body: ValidateModule,
  });
  app.post('/api/v2/validation/module/:masterplan_id', module, async (request, reply) => {
    const masterplanId = await ownDecomposed(services, request, request.params.masterplan_id);
    return run(services, request, reply, masterplanId, { level: 'module', filePath: request.body.file_path });
  });

  const component = validating('validateComponent', 'Run level 3 on a folder or a milestone', {
    params: MasterplanParams,
    body: ValidateComponent,
  });
  app.post('/api/v2/validation/component/:masterplan_id', component, async (request, reply) => {
    const target = componentOf(request.body);
    const masterplanId = await ownDecomposed(services, request, request.params.masterplan_id);
    return run(services, request, reply, masterplanId, target);
  });

  const system = validating('validateSystem', 'Run level 4 on the project, in the sandbox', {
    params: MasterplanParams,
  });
  app.post('/api/v2/validation/system/:masterplan_id', system, async (request, reply) => {
    const masterplanId = await ownDecomposed(services, request, request.params.masterplan_id);
    return run(services, request, reply, masterplanId, { level: 'system' });
  });
}

function validating<const P extends RequestParts>(
  id: string,
  summary: string,
  request: P,
  problems: readonly ErrorCode[] = [],
) {
  return operation({
    id,
    tag: 'validation',
    summary,
    description:
      'Waits like decompose does. What is checked is the accepted text, or the draft where none is accepted. The same call joins one that is under way. Nothing of an execution changes by it.',
    access: 'user',
    request,
    responses: { 200: ref(ValidationRun), 202: ref(StageJob) },
    problems: ['NOT_DECOMPOSED', 'QUEUE_UNAVAILABLE', 'CANCELLED', ...problems],
    flow: 'validate',
  });
}

/** @throws {MgeError} VALIDATION_FAILED unless exactly one of the two is given. */
function componentOf({ folder, milestone_id: milestoneId }: Static<typeof ValidateComponent>): ValidationTarget {
  if (folder !== undefined && milestoneId === undefined) return { level: 'component', folder };
  if (milestoneId !== undefined && folder === undefined) return { level: 'component', milestoneId };
  const detail = 'give either `folder` or `milestone_id`';
  throw new MgeError('VALIDATION_FAILED', 'A component is a folder or a milestone.', {
    fields: [{ pointer: folder === undefined ? '/folder' : '/milestone_id', detail }],
  });
}

async function ownDecomposed(services: ApiServices, request: FastifyRequest, id: string): Promise<MasterplanId> {
  const masterplanId = await requireMasterplan(services.db, principalOfRequest(request), id);
  if (!(await services.stages.readDecomposition(masterplanId)))
    throw new MgeError('NOT_DECOMPOSED', 'The masterplan has no atoms yet; POST /api/v2/atomization/decompose first.');
  return masterplanId;
}

async function run(
  services: ApiServices,
  request: FastifyRequest,
  reply: FastifyReply,
  masterplanId: MasterplanId,
  target: ValidationTarget,
): Promise<Run | Job> {
  const { pending, job } = await runStageFor(services, request, reply, { masterplanId, kind: 'validate', target });
  return pending ?? present(services, masterplanId, job);
}

/** Checks of one report at most: levels 1 to 3 have at most twelve, level 4 some for each part. */
const CHECKS_MAX = 100;

async function present(services: ApiServices, masterplanId: MasterplanId, job: StageJobView): Promise<Run> {
  const reports = (job.result?.['reports'] ?? []) as StoredLevelReport[];
  const rows = await listValidations(
    services.db,
    masterplanId,
    { jobId: job.jobId },
    { limit: CHECKS_MAX * Math.max(1, reports.length) },
  );
  const inOrder = rows.reverse();
  return {
    job_id: job.jobId,
    masterplan_id: masterplanId,
    outcome: outcomeOf(reports),
    reports: reports.map(({ level, scope, atomId, accepted, outcome, passed, score }) => ({
      level,
      scope,
      atom_id: atomId,
      accepted,
      outcome,
      passed,
      score,
      checks: inOrder.filter((row) => row.scope === scope && row.atomId === atomId).map(presentValidation),
    })),
  };
}

function outcomeOf(reports: readonly StoredLevelReport[]): Run['outcome'] {
  if (reports.some(({ outcome }) => outcome === 'failed')) return 'failed';
  return reports.length > 0 && reports.every(({ outcome }) => outcome === 'passed') ? 'passed' : 'not_run';
}
