import type { Static } from 'typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ERROR_CATALOGUE, MgeError, type ErrorCode, type MasterplanId } from '../../domain/index.ts';
import type { StageJobView, StageRequest } from '../../execution/index.ts';
import type { ApiServices } from '../deps.ts';
import type { StageJobRow } from '../queries/graphs.ts';
import { findStageJob } from '../queries/graphs.ts';
import type { StageJob } from '../schemas/masterplans.ts';

type WireJob = Static<typeof StageJob>;

const RESULT_PATHS: Partial<Record<StageJobRow['kind'], (id: string, jobId: string) => string>> = {
  decompose: (id) => `/api/v2/atoms?masterplan_id=${id}`,
  build_graph: (id) => `/api/v2/graphs/${id}`,
  validate: (id, jobId) => `/api/v2/validation/results/${id}?job_id=${jobId}`,
};

export function presentJob(row: StageJobRow): WireJob {
  return {
    job_id: row.jobId,
    masterplan_id: row.masterplanId,
    kind: row.kind,
    status: row.status,
    progress: row.progress,
    error: row.error && { code: row.error.code, message: failureOf(row.error).message },
    result_url: row.status === 'completed' ? (RESULT_PATHS[row.kind]?.(row.masterplanId, row.jobId) ?? null) : null,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

/**
 * Has workers run a stage and waits for it up to the deadline, or not at all when the caller prefers that (`Prefer: respond-async`).
 * @returns null when it is done; otherwise the job, with 202, Location and, where asked for, Preference-Applied set on the reply.
 * @throws {MgeError} what the stage failed with, or QUEUE_UNAVAILABLE before anything is changed.
 */
export async function runStage(
  services: ApiServices,
  request: FastifyRequest,
  reply: FastifyReply,
  input: { masterplanId: MasterplanId; kind: 'decompose' | 'build_graph' },
): Promise<WireJob | null> {
  const { pending } = await runStageFor(services, request, reply, input);
  return pending;
}

/** The same, with the finished job for stages whose result is not read elsewhere. */
export async function runStageFor(
  services: ApiServices,
  request: FastifyRequest,
  reply: FastifyReply,
  stage: StageRequest & { readonly masterplanId: MasterplanId },
): Promise<{ readonly pending: WireJob; readonly job: null } | { readonly pending: null; readonly job: StageJobView }> {
  await services.requireQueue();
  const { jobId } = await services.stages.submitStage(stage);
  const wantsAsync = prefersAsync(request.headers['prefer']);
  if (!wantsAsync) {
    const job = await services.stages.awaitStage(jobId, services.stageDeadlineMs);
    if (job.status === 'failed') throw failureOf(job.error);
    if (job.status === 'completed') return { pending: null, job };
  }
  const row = await findStageJob(services.db, stage.masterplanId, jobId);
  if (!row) throw new MgeError('NOT_FOUND', 'The masterplan was deleted meanwhile.');
  void reply.code(202).header('location', `/api/v2/masterplans/${stage.masterplanId}/jobs/${jobId}`);
  if (wantsAsync) void reply.header('preference-applied', 'respond-async');
  return { pending: presentJob(row), job: null };
}

/** RFC 7240: preferences are separated by commas, in one header or several. */
function prefersAsync(header: string | string[] | undefined): boolean {
  return [header ?? []]
    .flat()
    .some((line) => line.split(',').some((preference) => preference.trim().toLowerCase() === 'respond-async'));
}

function failureOf(error: { readonly code: string; readonly message: string } | null): MgeError {
  // The text of an unexpected failure was written for the log.
  if (error && error.code !== 'INTERNAL' && Object.hasOwn(ERROR_CATALOGUE, error.code))
    return new MgeError(error.code as ErrorCode, error.message);
  return new MgeError('INTERNAL', 'The stage failed unexpectedly; the log of the worker says why.');
}
