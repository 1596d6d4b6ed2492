import { sql } from 'drizzle-orm';
import { newId, type Tx } from '../db/index.ts';
import { Overtaken, retryingTransaction } from '../db/retrying-transaction.ts';
import { DEFAULT_REVIEW_FRACTION, MgeError, type ExecutionStatus } from '../domain/index.ts';
import { CONTROL_CHANNEL } from './control-execution.ts';
import { defaultsOf, type ExecutionDeps } from './deps.ts';
import { readExecution, type ExecutionView } from './execution-view.ts';
import { rowsOf } from './statements/json-rows.ts';
import { lockExecution, type LockedExecution } from './statements/lock-execution.ts';
import { recordEvents } from './statements/record-events.ts';
import { reschedule } from './statements/reschedule.ts';
import { settleExecution } from './statements/settle-execution.ts';
import { reopenFailed } from './statements/reopen-atoms.ts';
import { announceReady } from './store-outcomes.ts';

export interface StartInput {
  readonly masterplanId: string;
  /** How many waves to work on before stopping; default all. */
  readonly maxWaves?: number;
  /** Subject of the token that starts it. */
  readonly startedBy: string;
  readonly traceparent?: string;
  /** Atoms in flight at once; default: the masterplan's, else the deployment's. */
  readonly concurrency?: number;
  /** `ready_set` (default) starts an atom when its last dependency is accepted, `barrier` when its wave's turn comes. */
  readonly scheduling?: 'ready_set' | 'barrier';
}

interface PlanRow {
  masterplanId: string;
  graphId: string | null;
  decomposed: boolean;
  provider: string | null;
  config: Record<string, unknown>;
}

interface LatestRow {
  executionId: string;
  graphId: string;
  status: ExecutionStatus;
  waveLimit: number | null;
}

/**
 * Starts the execution of a masterplan, or continues one: `waiting` goes on with the next `maxWaves` waves; `partial` and `failed`
 * try their failed atoms again; `completed` with nothing left to do is given back as it is.
 * @throws {MgeError} NOT_FOUND, NOT_DECOMPOSED, GRAPH_NOT_BUILT, EXECUTION_RUNNING (queued, running or paused)
 */
export async function startExecution(deps: ExecutionDeps, input: StartInput): Promise<ExecutionView> {
  const executionId = await retryingTransaction(deps.db, async (tx) => {
    // The execution first, in the order in which workers and all other calls lock them.
    const before = await latestExecution(tx, input.masterplanId);
    if (before) await lockExecution(tx, before.executionId);
    const plan = await lockPlan(tx, input.masterplanId);
    const latest = await latestExecution(tx, input.masterplanId);
    if (latest?.executionId !== before?.executionId) throw new Overtaken('another execution was started meanwhile');
    if (latest && ['queued', 'running', 'paused'].includes(latest.status)) throw alreadyRunning(latest);
    if (latest && latest.graphId === plan.graphId && latest.status !== 'cancelled') {
      if (latest.status === 'completed' && !(await hasOpenAtoms(tx, input.masterplanId))) return latest.executionId;
      await continueExecution(tx, latest, input);
      return latest.executionId;
    }
    // A graph that was built again belongs to other atoms: what waited on the old one is over.
    if (latest?.status === 'waiting') await abandon(tx, latest.executionId);
    return createExecution(tx, deps, plan, input);
  });
  deps.log.info(
    { executionId, masterplanId: input.masterplanId, maxWaves: input.maxWaves ?? null },
    'execution started',
  );
  const view = await readExecution(deps.db, executionId);
  if (!view) throw new MgeError('NOT_FOUND', `execution ${executionId} was deleted meanwhile`);
  return view;
}

/** The plan, locked against a second start at the same time. */
async function lockPlan(tx: Tx, masterplanId: string): Promise<PlanRow & { graphId: string }> {
  const [plan] = await rowsOf<PlanRow>(
    tx,
    sql`select masterplan_id as "masterplanId", graph_id as "graphId", provider, config,
          exists (select 1 from atomic_units a where a.masterplan_id = m.masterplan_id) as decomposed
        from masterplans m where masterplan_id = ${masterplanId}::uuid and deleted_at is null for no key update`,
  );
  if (!plan) throw new MgeError('NOT_FOUND', `masterplan ${masterplanId} does not exist`);
  if (!plan.decomposed)
    throw new MgeError('NOT_DECOMPOSED', `masterplan ${masterplanId} has no atoms; decompose it first`);
  if (plan.graphId === null)
    throw new MgeError('GRAPH_NOT_BUILT', `masterplan ${masterplanId} has no dependency graph; build it first`);
  return { ...plan, graphId: plan.graphId };
}

async function latestExecution(tx: Tx, masterplanId: string): Promise<LatestRow | null> {
  const [row] = await rowsOf<LatestRow>(
    tx,
    sql`select execution_id as "executionId", graph_id as "graphId", status, wave_limit as "waveLimit"
        from executions where masterplan_id = ${masterplanId}::uuid order by created_at desc, execution_id desc limit 1`,
  );
  return row ?? null;
}

async function hasOpenAtoms(tx: Tx, masterplanId: string): Promise<boolean> {
  const [row] = await rowsOf<{ open: boolean }>(
    tx,
    sql`select exists (select 1 from atomic_units where masterplan_id = ${masterplanId}::uuid and status <> 'COMPLETED') as open`,
  );
  return row?.open === true;
}

function alreadyRunning(latest: LatestRow): MgeError {
  return new MgeError(
    'EXECUTION_RUNNING',
    `execution ${latest.executionId} is ${latest.status}; wait for it, or cancel it first`,
    {
      details: { execution_id: latest.executionId, status: latest.status },
    },
  );
}

async function createExecution(
  tx: Tx,
  deps: ExecutionDeps,
  plan: PlanRow & { graphId: string },
  input: StartInput,
): Promise<string> {
  const defaults = defaultsOf(deps);
  const executionId = newId<string>();
  const number = (key: string, fallback: number) =>
    typeof plan.config[key] === 'number' ? plan.config[key] : fallback;
  const text = (key: string) => (typeof plan.config[key] === 'string' ? plan.config[key] : null);
  const maxAttempts = number('max_attempts', defaults.maxAttempts);
  const config = {
    scheduling: input.scheduling ?? 'ready_set',
    review_fraction: number('review_fraction', DEFAULT_REVIEW_FRACTION),
  };
  await tx.execute(sql`
    insert into executions (execution_id, masterplan_id, graph_id, status, wave_limit, provider, model, seed, concurrency, max_attempts,
      config, started_by, traceparent, started_at, running_since)
    values (${executionId}::uuid, ${plan.masterplanId}::uuid, ${plan.graphId}::uuid, 'running', ${input.maxWaves ?? null},
      ${text('provider') ?? plan.provider ?? defaults.provider}, ${text('model') ?? defaults.model}, ${number('seed', 0)},
      ${input.concurrency ?? number('concurrency', defaults.concurrency)}, ${maxAttempts}, ${JSON.stringify(config)}::jsonb,
      ${input.startedBy}, ${input.traceparent ?? null}, now(), now())`);
  await resetAtoms(tx, plan.masterplanId, maxAttempts);
  await tx.execute(sql`
    update masterplans set status = 'in_progress', started_at = coalesce(started_at, now()), completed_at = null, updated_at = now()
    where masterplan_id = ${plan.masterplanId}::uuid`);
  const execution = await lockExecution(tx, executionId);
  if (!execution) throw new MgeError('INTERNAL', 'the execution that was just made is not there');
  await recordEvents(tx, execution, [
    { type: 'execution.started', data: { max_waves: input.maxWaves ?? null, started_by: input.startedBy } },
  ]);
  await begin(tx, execution);
  return executionId;
}

/** A new execution tries again what an earlier one left undone; what was accepted stays. */
async function resetAtoms(tx: Tx, masterplanId: string, maxAttempts: number): Promise<void> {
  await tx.execute(
    sql`delete from atom_queue where atom_id in (select atom_id from atomic_units where masterplan_id = ${masterplanId}::uuid)`,
  );
  await tx.execute(sql`
    update atomic_units
    set status = 'PENDING', max_attempts = attempts + ${maxAttempts}::int, claim_token = null, claimed_by = null, lease_until = null
    where masterplan_id = ${masterplanId}::uuid and status <> 'COMPLETED'
      and (status <> 'PENDING' or max_attempts <> attempts + ${maxAttempts}::int)`);
}

async function continueExecution(tx: Tx, latest: LatestRow, input: StartInput): Promise<void> {
  await tx.execute(sql`
    update executions
    set status = 'running', paused_reason = null, running_since = now(), completed_at = null, updated_at = now(),
        wave_limit = ${await nextLimit(tx, latest, input)}, concurrency = coalesce(${input.concurrency ?? null}::int, concurrency)
    where execution_id = ${latest.executionId}::uuid`);
  const execution = await lockExecution(tx, latest.executionId);
  if (!execution) throw new MgeError('NOT_FOUND', `execution ${latest.executionId} does not exist`);
  if (latest.status !== 'waiting') await reopenFailed(tx, execution);
  await recordEvents(tx, execution, [
    {
      type: 'execution.continued',
      data: { from: latest.status, wave_limit: execution.waveLimit, started_by: input.startedBy },
    },
  ]);
  await begin(tx, execution);
}

/** The next `maxWaves` waves count from the last wave that was worked on. */
async function nextLimit(tx: Tx, latest: LatestRow, input: StartInput): Promise<number | null> {
  if (input.maxWaves === undefined) return null;
  if (latest.status === 'waiting' && latest.waveLimit !== null) return latest.waveLimit + input.maxWaves;
  const [row] = await rowsOf<{ wave: number }>(
    tx,
    sql`select coalesce(min(wave_number), 1)::int as wave from execution_waves
        where graph_id = ${latest.graphId}::uuid and completed_atoms < total_atoms`,
  );
  return (row?.wave ?? 1) - 1 + input.maxWaves;
}

async function begin(tx: Tx, execution: LockedExecution): Promise<void> {
  const queued = await reschedule(tx, execution);
  if (queued > 0) {
    await announceReady(tx, execution.executionId, queued);
    // Workers that listen begin at commit, ahead of the bell.
    await tx.execute(sql`select pg_notify(${CONTROL_CHANNEL}, ${execution.executionId})`);
  } else await settleExecution(tx, execution);
}

async function abandon(tx: Tx, executionId: string): Promise<void> {
  await tx.execute(sql`
    update executions set status = 'cancelled', paused_reason = 'the graph was built again', completed_at = now(), updated_at = now()
    where execution_id = ${executionId}::uuid`);
}
