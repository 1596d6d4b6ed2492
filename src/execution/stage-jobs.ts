import { sql } from 'drizzle-orm';
import { archiveDeadLetter } from '../db/queries/archive-dead-letter.ts';
import { publishOutbox } from '../db/queries/publish-outbox.ts';
import { queueStageJob, stageInputKey } from '../db/queries/queue-stage-job.ts';
import { newId, type Db } from '../db/index.ts';
import { MgeError, type ErrorCode } from '../domain/index.ts';
import type { StageDeps } from '../adapters/runtime.ts';
import type { RunningStages } from './stage-cancellation.ts';
import { rowsOf } from './statements/json-rows.ts';
import { lockExecution } from './statements/lock-execution.ts';
import { settleExecution } from './statements/settle-execution.ts';
import { announceReady } from './store-outcomes.ts';
import type { ValidationTarget } from './validation-target.ts';

export type StageKind = 'plan' | 'decompose' | 'build_graph' | 'finalize' | 'validate';

/** How a stage job stands. */
export interface StageJobView {
  readonly jobId: string;
  readonly masterplanId: string;
  readonly kind: StageKind;
  readonly status: 'queued' | 'running' | 'completed' | 'failed';
  readonly progress: { readonly done: number; readonly total: number } | null;
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
}

/** Seconds that a stage job may give no sign before another worker takes it. */
export const STAGE_LEASE_SECONDS = 30;
/** Times that a stage job may lose its worker before it is given up. */
const MAX_STAGE_ATTEMPTS = 5;

/** A stage that a caller may ask for. */
export type StageRequest = { readonly masterplanId: string } & (
  { readonly kind: 'decompose' | 'build_graph' } | { readonly kind: 'validate'; readonly target: ValidationTarget }
);

/**
 * Queues a stage of a masterplan; one of the same kind and target that is queued or running already is given back instead.
 * @throws {MgeError} NOT_FOUND
 */
export async function submitStage(deps: StageDeps, request: StageRequest): Promise<{ jobId: string }> {
  const { masterplanId, kind } = request;
  const input = request.kind === 'validate' ? { masterplanId, kind, input: request.target } : { masterplanId, kind };
  return deps.db.transaction(async (tx) => {
    const [plan] = await rowsOf(
      tx,
      sql`select 1 from masterplans where masterplan_id = ${masterplanId}::uuid and deleted_at is null for key share`,
    );
    if (!plan) throw new MgeError('NOT_FOUND', `masterplan ${masterplanId} does not exist`);
    const made = await queueStageJob(tx, input);
    if (made !== null) return { jobId: made };
    const [active] = await rowsOf<{ jobId: string }>(
      tx,
      sql`select job_id as "jobId" from stage_jobs where masterplan_id = ${masterplanId}::uuid and kind = ${kind}
            and input_key = ${stageInputKey('input' in input ? input.input : undefined)}
          order by created_at desc limit 1`,
    );
    if (!active) throw new MgeError('INTERNAL', 'the stage job that is under way cannot be seen');
    return active;
  });
}

/** @throws {MgeError} NOT_FOUND */
export async function getStageJob(deps: Pick<StageDeps, 'db'>, jobId: string): Promise<StageJobView> {
  const [row] = await rowsOf<StageJobView>(
    deps.db,
    sql`select job_id as "jobId", masterplan_id as "masterplanId", kind, status, progress, result, error
        from stage_jobs where job_id = ${jobId}::uuid`,
  );
  if (!row) throw new MgeError('NOT_FOUND', `stage job ${jobId} does not exist`);
  return row;
}

/** Waits until the job has ended, at most `deadlineMs`; gives it as it stands then. @throws {MgeError} NOT_FOUND */
export async function awaitStage(
  deps: Pick<StageDeps, 'db'>,
  jobId: string,
  deadlineMs: number,
): Promise<StageJobView> {
  const deadline = performance.now() + deadlineMs;
  for (let pause = 10; ; pause = Math.min(pause * 1.5, 250)) {
    const job = await getStageJob(deps, jobId);
    const left = deadline - performance.now();
    if (job.status === 'completed' || job.status === 'failed' || left <= 0) return job;
    await new Promise((resolve) => setTimeout(resolve, Math.min(pause, left)));
  }
}

/** What runs a kind of stage: gives the result that is stored with the job. */
export type StageHandler = (
  masterplanId: string,
  context: {
    readonly signal: AbortSignal;
    readonly onProgress: (done: number, total: number) => void;
    readonly jobId: string;
    /** What the job is about, where that is not the whole masterplan. */
    readonly input: Readonly<Record<string, unknown>> | null;
  },
) => Promise<Record<string, unknown>>;

interface ClaimedJob {
  readonly masterplanId: string;
  readonly kind: StageKind;
  readonly input: Readonly<Record<string, unknown>> | null;
}

/**
 * Runs one stage job, unless another worker has it. What the stage refuses is stored as its failure; a failure of the service
 * itself (Postgres away) is thrown, so that the queue delivers the job again.
 */
export async function runStageJob(
  deps: StageDeps,
  handlers: Readonly<Record<StageKind, StageHandler>>,
  jobId: string,
  signal: AbortSignal,
  stages?: RunningStages,
): Promise<void> {
  const token = newId<string>();
  const job = await claimStageJob(deps.db, jobId, token);
  if (!job) return;
  const lost = new AbortController();
  let progress: { done: number; total: number } | null = null;
  const renew = () => {
    void renewStageJob(deps.db, jobId, token, progress).then(
      (held) => (held ? undefined : lost.abort()),
      (error: unknown) => deps.log.warn({ err: error, jobId }, 'the lease of a stage job could not be renewed'),
    );
  };
  const renewal = setInterval(renew, (STAGE_LEASE_SECONDS * 1000) / 6);
  const over = stages?.add(job.masterplanId, renew);
  const { masterplanId } = job;
  const ended = () => (job.kind === 'plan' ? announceWaiting(deps.db, masterplanId) : Promise.resolve());
  const completed = () => (job.kind === 'finalize' ? settleAgain(deps.db, masterplanId) : ended());
  try {
    const result = await handlers[job.kind](job.masterplanId, {
      signal: AbortSignal.any([signal, lost.signal]),
      onProgress: (done, total) => (progress = { done, total }),
      jobId,
      input: job.input,
    });
    await endStageJob(deps.db, jobId, token, { status: 'completed', result, error: null });
    await completed();
  } catch (error) {
    if (signal.aborted || lost.signal.aborted) return await handBackStageJob(deps.db, jobId, token);
    deps.log.warn({ err: error, jobId, kind: job.kind, masterplanId: job.masterplanId }, 'stage job failed');
    await endStageJob(deps.db, jobId, token, { status: 'failed', result: null, error: problemOf(error) });
    await ended();
  } finally {
    over?.();
    clearInterval(renewal);
  }
}

/** Announces the jobs that waited for the plan. */
async function announceWaiting(db: Db, masterplanId: string): Promise<void> {
  await db.transaction(async (tx) => {
    const waiting = await rowsOf<{ jobId: string }>(
      tx,
      sql`select job_id as "jobId" from stage_jobs where masterplan_id = ${masterplanId}::uuid and status = 'queued'`,
    );
    for (const { jobId } of waiting)
      await publishOutbox(tx, {
        aggregateType: 'stage_job',
        aggregateId: jobId,
        eventType: 'stage.queued',
        payload: { after: 'plan' },
      });
  });
}

/**
 * Whoever settled the execution while its closing checks ran could not ask for them again: that is made up for here. Nothing is
 * asked for when the checks have failed; the reconciler looks after those.
 */
async function settleAgain(db: Db, masterplanId: string): Promise<void> {
  await db.transaction(async (tx) => {
    const [row] = await rowsOf<{ executionId: string }>(
      tx,
      sql`select execution_id as "executionId" from executions where masterplan_id = ${masterplanId}::uuid and status = 'running'`,
    );
    const execution = row ? await lockExecution(tx, row.executionId) : null;
    if (execution?.status !== 'running') return;
    if ((await settleExecution(tx, execution)) === 'released') await announceReady(tx, execution.executionId, 1);
  });
}

function problemOf(error: unknown): { code: ErrorCode; message: string } {
  if (error instanceof MgeError) return { code: error.code, message: error.message };
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
}

async function claimStageJob(db: Db, jobId: string, token: string): Promise<ClaimedJob | null> {
  const [row] = await rowsOf<ClaimedJob>(
    db,
    sql`update stage_jobs
        set status = 'running', claim_token = ${token}::uuid, attempts = attempts + 1, updated_at = now(),
            lease_until = clock_timestamp() + make_interval(secs => ${STAGE_LEASE_SECONDS})
        where job_id = ${jobId}::uuid and (status = 'queued' or (status = 'running' and lease_until < clock_timestamp()))
          -- One that ended every worker so far is the reconciler's to give up, however often its ticket comes.
          and attempts < ${MAX_STAGE_ATTEMPTS}
          -- What is not planned yet cannot be cut: the end of the planning announces the job again.
          and not (kind = 'decompose' and exists (
            select 1 from stage_jobs p
            where p.masterplan_id = stage_jobs.masterplan_id and p.kind = 'plan' and p.status in ('queued', 'running')))
        returning masterplan_id as "masterplanId", kind, input`,
  );
  return row ?? null;
}

async function renewStageJob(db: Db, jobId: string, token: string, progress: object | null): Promise<boolean> {
  const rows = await rowsOf(
    db,
    sql`update stage_jobs
        set lease_until = clock_timestamp() + make_interval(secs => ${STAGE_LEASE_SECONDS}), updated_at = now(),
            progress = coalesce(${progress === null ? null : JSON.stringify(progress)}::jsonb, progress)
        where job_id = ${jobId}::uuid and claim_token = ${token}::uuid and status = 'running' returning job_id`,
  );
  return rows.length > 0;
}

async function endStageJob(
  db: Db,
  jobId: string,
  token: string,
  end: { readonly status: 'completed' | 'failed'; readonly result: object | null; readonly error: object | null },
): Promise<void> {
  await db.execute(sql`
    update stage_jobs
    set status = ${end.status}, result = ${end.result === null ? null : JSON.stringify(end.result)}::jsonb,
        error = ${end.error === null ? null : JSON.stringify(end.error)}::jsonb, claim_token = null, lease_until = null, updated_at = now()
    where job_id = ${jobId}::uuid and claim_token = ${token}::uuid and status = 'running'`);
}

async function handBackStageJob(db: Db, jobId: string, token: string): Promise<void> {
  await db.execute(sql`
    update stage_jobs set status = 'queued', claim_token = null, lease_until = null, updated_at = now(), attempts = attempts - 1
    where job_id = ${jobId}::uuid and claim_token = ${token}::uuid and status = 'running'`);
}

/** Puts back stage jobs whose worker died or whose announcement was lost; gives how many. */
export async function reclaimStageJobs(deps: StageDeps): Promise<number> {
  return deps.db.transaction(async (tx) => {
    const dead = await rowsOf<{ jobId: string; masterplanId: string; kind: string; attempts: number }>(
      tx,
      sql`update stage_jobs
          set status = 'failed', updated_at = now(), claim_token = null, lease_until = null,
              error = jsonb_build_object('code', 'INTERNAL', 'message', 'its worker ended without an answer, ' || attempts || ' times')
          where status = 'running' and lease_until < clock_timestamp() and attempts >= ${MAX_STAGE_ATTEMPTS}
          returning job_id as "jobId", masterplan_id as "masterplanId", kind, attempts`,
    );
    for (const job of dead.filter(({ kind }) => kind === 'plan'))
      await tx.execute(sql`
        update masterplans set planning_status = 'failed', updated_at = now(),
          planning_error = jsonb_build_object('code', 'INTERNAL', 'message', 'every worker that planned it ended without an answer')
        where masterplan_id = ${job.masterplanId}::uuid and planning_status = 'planning'`);
    for (const job of dead)
      await archiveDeadLetter(tx, {
        msgId: `stage:${job.jobId}`,
        queueName: 'stages',
        payload: { job_id: job.jobId, kind: job.kind },
        reason: 'its worker ended without an answer each time',
        attempts: job.attempts,
      });
    const lost = await rowsOf<{ jobId: string }>(
      tx,
      sql`update stage_jobs set status = 'queued', claim_token = null, lease_until = null, updated_at = clock_timestamp()
          where (status = 'running' and lease_until < clock_timestamp())
            or (status = 'queued' and updated_at < clock_timestamp() - interval '5 seconds')
          returning job_id as "jobId"`,
    );
    for (const { jobId } of lost)
      await publishOutbox(tx, {
        aggregateType: 'stage_job',
        aggregateId: jobId,
        eventType: 'stage.queued',
        payload: { again: true },
      });
    return lost.length + dead.length;
  });
}
