import { sql } from 'drizzle-orm';
import type { Db, Tx } from '../db/index.ts';
import { projectFingerprint } from '../db/queries/text-fingerprint.ts';
import {
  asId,
  type AcceptanceCriterion,
  DEFAULT_REVIEW_FRACTION,
  type CheckResult,
  type ExecutionId,
  type ExecutionStatus,
  type MasterplanId,
  type ProjectCheck,
} from '../domain/index.ts';
import { enqueueLowestIn, rescoreAccepted } from '../review/index.ts';
import { storeReport, type LevelReport, type Validation } from '../validation/index.ts';
import type { ProviderLookup } from '../adapters/llm/provider.ts';
import { blameAtoms, type Blame } from './bisect/blame.ts';
import { type Disposal, disposeOf, flagBlamed, sendBack } from './bisect/send-back.ts';
import type { ExecutionDeps } from './deps.ts';
import { computePrecision, type Precision } from './precision.ts';
import { type AssembledFile, assembleFiles } from './project-files.ts';
import { rowsOf } from './statements/json-rows.ts';
import { lockExecution, type LockedExecution } from './statements/lock-execution.ts';
import { recordEvents } from './statements/record-events.ts';
import { type ComponentOutcome, validateComponents } from './validate-components.ts';
import { type FileOutcome, fileOutcomes, validateFiles } from './validate-files.ts';

export type FinalizeDeps = ExecutionDeps & {
  readonly validation: Pick<Validation, 'validateModule' | 'validateSystem'> &
    Partial<Pick<Validation, 'validateComponent'>>;
  /** Who writes further attempts at atoms that the checks blame; without it they go to review. */
  readonly providers?: ProviderLookup;
};

interface Totals {
  readonly total: number;
  readonly accepted: number;
  readonly failed: number;
}

interface RunningRow {
  readonly executionId: string;
  readonly provider: string;
  readonly model: string | null;
  readonly reviewFraction: number;
  readonly checks: ProjectCheck[];
}

/**
 * The closing checks of the running execution of a masterplan: levels 2 and 3 where they have not run, level 4 once, precision, review
 * queue, final state. Safe to run again: what is stored is not repeated, and an execution that has ended or goes on is left alone.
 * When a text was accepted while the checks ran, they say nothing about it and begin anew.
 */
export async function finalizeExecution(
  deps: FinalizeDeps,
  masterplanId: string,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  for (;;) {
    const result = await finalizeOnce(deps, masterplanId, signal);
    if (result['status'] !== CHANGED) return result;
    deps.log.info({ masterplanId }, 'the project changed while it was checked; it is checked again');
  }
}

const CHANGED = 'changed';

async function finalizeOnce(
  deps: FinalizeDeps,
  masterplanId: string,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const run = await runningExecution(deps.db, masterplanId);
  if (!run) return { skipped: 'no running execution' };
  const of = { masterplanId, executionId: run.executionId };
  const text = await projectFingerprint(deps.db, masterplanId);
  await validateFiles(deps, of, undefined, signal);
  const components = await validateComponents(deps, of, await fileOutcomes(deps.db, of), signal);
  const totals = await countAtoms(deps.db, masterplanId);
  const system = await systemReport(deps, of, run, totals, signal);
  signal.throwIfAborted();
  const files = await fileOutcomes(deps.db, of);
  const blame = await blameAtoms(deps, { ...of, checks: run.checks, signal }, system.checks);
  const precision = computePrecision({
    provider: run.provider,
    criteria: await acceptanceCriteria(deps.db, masterplanId),
    system: system.checks,
    atoms: totals,
    files,
    components,
  });
  const status = await end(
    deps,
    { ...of, text, reviewFraction: run.reviewFraction },
    { totals, system, files, components, precision, blame, disposal: disposeOf(blame.atoms, canWrite(deps, run)) },
  );
  return { execution_id: run.executionId, status, precision_percent: precision.percent };
}

/** Whether further attempts can bring another text. */
function canWrite(deps: FinalizeDeps, run: RunningRow): boolean {
  try {
    return deps.providers !== undefined && deps.providers(run.provider, run.model).repeats !== true;
  } catch (error) {
    deps.log.warn(
      { err: error, provider: run.provider },
      'the provider of a run is not there: what fails goes to review',
    );
    return false;
  }
}

async function runningExecution(tx: Tx, masterplanId: string): Promise<RunningRow | null> {
  const [row] = await rowsOf<RunningRow>(
    tx,
    sql`select e.execution_id as "executionId", e.provider, e.model, coalesce((e.config->>'review_fraction')::float8, ${DEFAULT_REVIEW_FRACTION}::float8) as "reviewFraction",
          coalesce(m.plan_notes->'checks', '[]') as checks
        from executions e join masterplans m using (masterplan_id)
        where e.masterplan_id = ${masterplanId}::uuid and e.status = 'running'`,
  );
  return row ?? null;
}

async function countAtoms(tx: Tx, masterplanId: string): Promise<Totals> {
  const [row] = await rowsOf<Totals>(
    tx,
    sql`select count(*)::int as total, count(*) filter (where status = 'COMPLETED')::int as accepted,
          count(*) filter (where status = 'FAILED')::int as failed
        from atomic_units where masterplan_id = ${masterplanId}::uuid`,
  );
  return row ?? { total: 0, accepted: 0, failed: 0 };
}

/** Level 4 over the accepted project; not run, with the reason, when atoms are missing. */
async function systemReport(
  deps: FinalizeDeps,
  of: { readonly masterplanId: string; readonly executionId: string },
  run: RunningRow,
  totals: Totals,
  signal: AbortSignal,
): Promise<LevelReport> {
  if (totals.accepted < totals.total)
    return notRun(
      `${totals.total - totals.accepted} of ${totals.total} atoms are not accepted: there is no whole project to check`,
    );
  return systemReportOf(deps, of.masterplanId, run.checks, await assembleFiles(deps.db, of.masterplanId), signal);
}

/** Level 4 over these files; not run where the plan names nothing to run. */
export async function systemReportOf(
  deps: { readonly db: Db; readonly validation: Pick<Validation, 'validateSystem'> },
  masterplanId: string,
  checks: readonly ProjectCheck[],
  files: readonly AssembledFile[],
  signal: AbortSignal,
): Promise<LevelReport> {
  if (checks.length === 0) return notRun('the plan names no part that has a toolchain');
  const criteria = await acceptanceCriteria(deps.db, masterplanId);
  return deps.validation.validateSystem({ files, checks, criteria }, signal);
}

function notRun(reason: string): LevelReport {
  const check: CheckResult = { testType: 'tests', outcome: 'not_run', reason, findings: [], durationMs: 0 };
  return { level: 'system', passed: false, outcome: 'not_run', score: null, checks: [check] };
}

async function acceptanceCriteria(tx: Tx, masterplanId: string): Promise<AcceptanceCriterion[]> {
  const rows = await rowsOf<{ criteria: AcceptanceCriterion[] }>(
    tx,
    sql`select acceptance_criteria as criteria from masterplan_tasks where masterplan_id = ${masterplanId}::uuid order by task_number`,
  );
  return rows.flatMap((row) => row.criteria);
}

/** The state that an execution ends in: what failed at level 2, 3 or 4 is not completed. */
export function finalStatus(
  totals: Totals,
  system: Pick<LevelReport, 'outcome'>,
  files: readonly Pick<FileOutcome, 'outcome'>[],
  components: readonly Pick<ComponentOutcome, 'outcome'>[] = [],
): Extract<ExecutionStatus, 'completed' | 'partial' | 'failed'> {
  if (totals.accepted === 0) return 'failed';
  const failed = system.outcome === 'failed' || [...files, ...components].some(({ outcome }) => outcome === 'failed');
  return totals.accepted === totals.total && !failed ? 'completed' : 'partial';
}

interface Checked {
  readonly totals: Totals;
  readonly system: LevelReport;
  readonly files: readonly FileOutcome[];
  readonly components: readonly ComponentOutcome[];
  readonly precision: Precision;
  readonly blame: Blame;
  readonly disposal: Disposal;
}

async function end(
  deps: FinalizeDeps,
  of: {
    readonly masterplanId: string;
    readonly executionId: string;
    /** Names the text that was checked. */
    readonly text: string;
    readonly reviewFraction: number;
  },
  { totals, system, files, components, precision, blame, disposal }: Checked,
): Promise<string> {
  const { masterplanId, executionId } = of;
  const status = finalStatus(totals, system, files, components);
  const ended = await deps.db.transaction(async (tx) => {
    const execution = await lockExecution(tx, of.executionId);
    if (execution?.status !== 'running' || (await wentOn(tx, execution))) return SUPERSEDED;
    if ((await projectFingerprint(tx, masterplanId)) !== of.text) return CHANGED;
    await storeReport(
      tx,
      {
        masterplanId: asId<MasterplanId>(masterplanId),
        executionId: asId<ExecutionId>(executionId),
        atomId: null,
        scope: '.',
        attempt: null,
      },
      system,
    );
    await rescoreAccepted(tx, masterplanId);
    await flagBlamed(tx, masterplanId, disposal.review);
    if (disposal.again.length > 0) {
      await sendBack(tx, execution, disposal.again);
      return SENT_BACK;
    }
    await enqueueLowestIn(tx, asId<MasterplanId>(masterplanId), of.reviewFraction);
    const [run] = await rowsOf<{ seconds: number }>(
      tx,
      sql`update executions
      set status = ${status}, completed_at = clock_timestamp(), updated_at = now(), running_since = null,
          active_seconds = active_seconds + coalesce(extract(epoch from clock_timestamp() - running_since), 0),
          precision = ${JSON.stringify(precisionJson(precision))}::jsonb, precision_percent = ${precision.percent}
      where execution_id = ${of.executionId}::uuid returning active_seconds as seconds`,
    );
    await endMasterplan(tx, of, status, precision.percent);
    await recordEvents(tx, execution, [
      { type: 'system.validated', data: { outcome: system.outcome, score: system.score } },
      { type: 'execution.ended', data: { status, atoms: { ...totals }, precision_percent: precision.percent } },
    ]);
    return { seconds: run?.seconds ?? 0 };
  });
  if (blame.atoms.length > 0)
    deps.log.info(
      { masterplanId, executionId, again: disposal.again.length, review: disposal.review.length, runs: blame.runs },
      'the closing checks blame atoms',
    );
  if (typeof ended === 'string') return ended;
  deps.log.info({ masterplanId, executionId, status, precision: precision.percent, ...totals }, 'execution ended');
  deps.metrics?.runDuration.observe({ outcome: status }, ended.seconds);
  for (const check of system.checks) deps.metrics?.validations.inc({ level: 'system', result: check.outcome });
  return status;
}

/** Atoms that the checks blame have another attempt each: the execution goes on, and the checks come again after it. */
const SENT_BACK = 'sent_back';

/** The execution goes on: the closing checks are asked for again when its atoms have ended. */
const SUPERSEDED = 'superseded';

/** True when atoms came back into flight while the checks ran (a retry, a review): the execution then ends another time. */
async function wentOn(tx: Tx, execution: LockedExecution): Promise<boolean> {
  const [row] = await rowsOf<{ busy: boolean }>(
    tx,
    sql`select exists (select 1 from atom_queue where execution_id = ${execution.executionId}::uuid) as busy`,
  );
  return row?.busy === true;
}

async function endMasterplan(
  tx: Tx,
  of: { readonly masterplanId: string; readonly executionId: string },
  status: 'completed' | 'partial' | 'failed',
  percent: number | null,
): Promise<void> {
  // The MVP's states know no `partial`: what did not complete has failed.
  const planStatus = status === 'completed' ? 'completed' : 'failed';
  await tx.execute(sql`
    update masterplans m
    set status = ${planStatus}::masterplan_status, completed_at = now(), updated_at = now(), precision_percent = ${percent},
        progress_percent = (select 100.0 * count(*) filter (where a.status = 'COMPLETED') / greatest(1, count(*))
          from atomic_units a where a.masterplan_id = m.masterplan_id),
        actual_cost_usd = (select coalesce(sum(settled_usd), 0)::float8 from cost_ledger c where c.masterplan_id = m.masterplan_id)
    where masterplan_id = ${of.masterplanId}::uuid`);
  await tx.execute(sql`
    with per_task as (
      select task_id, case when bool_and(status = 'COMPLETED') then 'completed' when bool_or(status = 'FAILED') then 'failed'
        when bool_or(status = 'BLOCKED') then 'blocked' else 'pending' end as status
      from atomic_units where masterplan_id = ${of.masterplanId}::uuid and task_id is not null group by task_id
    )
    update masterplan_tasks t
    set status = p.status::task_status, updated_at = now(), completed_at = case when p.status = 'completed' then now() end
    from per_task p where t.task_id = p.task_id`);
  await tx.execute(sql`
    update masterplans m
    set completed_tasks = c.completed, failed_tasks = c.failed
    from (select count(*) filter (where status = 'completed')::int as completed,
            count(*) filter (where status = 'failed')::int as failed
          from masterplan_tasks where masterplan_id = ${of.masterplanId}::uuid) c
    where m.masterplan_id = ${of.masterplanId}::uuid`);
}

/** As the API shows it and the database stores it. */
export function precisionJson(precision: Precision): Record<string, unknown> {
  const part = (p: Precision['specConformance']) => ({
    weight: p.weight,
    score: p.score,
    ran: p.ran,
    passed: p.passed,
    not_run: p.notRun,
    why: p.why,
  });
  return {
    percent: precision.percent,
    spec_conformance: part(precision.specConformance),
    integration_pass: part(precision.integrationPass),
    validation_pass: part(precision.validationPass),
    provider: precision.provider,
  };
}
