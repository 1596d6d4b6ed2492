import { sql, type SQL } from 'drizzle-orm';
import type { Tx } from '../db/index.ts';
import { retryingTransaction } from '../db/retrying-transaction.ts';
import {
  EXECUTION_TRANSITIONS,
  MgeError,
  statesAllowing,
  type ExecutionEvent,
  type ExecutionStatus,
} from '../domain/index.ts';
import type { ExecutionDeps } from './deps.ts';
import { readExecution, type ExecutionView } from './execution-view.ts';
import { cancelStageJobs } from './stage-cancellation.ts';
import { rowsOf } from './statements/json-rows.ts';
import { lockExecution, type LockedExecution } from './statements/lock-execution.ts';
import { recordEvents, type NewEvent } from './statements/record-events.ts';
import { reopenAtom, reopenFailed } from './statements/reopen-atoms.ts';
import { reschedule } from './statements/reschedule.ts';
import { settleExecution } from './statements/settle-execution.ts';
import { announceReady } from './store-outcomes.ts';

/** Channel on which workers hear that an execution was paused, resumed or cancelled. The payload is its id. */
export const CONTROL_CHANNEL = 'mge_control';

export interface ControlInput {
  readonly masterplanId: string;
  /** Subject of the token. */
  readonly by: string;
  readonly reason?: string;
}

const STOPS_THE_CLOCK = sql`running_since = null,
  active_seconds = active_seconds + coalesce(extract(epoch from clock_timestamp() - running_since), 0)`;

/** Nothing new starts; what runs finishes. Pausing a paused execution changes nothing. @throws {MgeError} NOT_FOUND, CONFLICT */
export async function pauseExecution(deps: ExecutionDeps, input: ControlInput): Promise<ExecutionView> {
  const reason = input.reason ?? `paused by ${input.by}`;
  return change(deps, input, 'paused', async (tx, execution) => {
    if (execution.status === 'paused') return;
    await setStatus(tx, execution, 'paused', sql`paused_reason = ${reason}, ${STOPS_THE_CLOCK}`);
    await recordEvents(tx, execution, [{ type: 'execution.paused', data: { reason, by: input.by } }]);
  });
}

/** Goes on where it was paused. Resuming a running execution changes nothing. @throws {MgeError} NOT_FOUND, CONFLICT */
export async function resumeExecution(deps: ExecutionDeps, input: ControlInput): Promise<ExecutionView> {
  return change(deps, input, 'resumed', async (tx, execution) => {
    if (execution.status === 'running') return;
    await resumeLocked(tx, execution, input.by);
  });
}

/** Lets a paused execution that is locked go on. Its workers must be told: CONTROL_CHANNEL. */
export async function resumeLocked(tx: Tx, execution: LockedExecution, by: string): Promise<void> {
  await setStatus(tx, execution, 'running', sql`paused_reason = null, running_since = now()`);
  await recordEvents(tx, execution, [{ type: 'execution.resumed', data: { by } }]);
  await goOn(tx, { ...execution, status: 'running' });
}

/** Ends the execution: what runs is told to stop and its result is dropped. @throws {MgeError} NOT_FOUND, CONFLICT */
export async function cancelExecution(deps: ExecutionDeps, input: ControlInput): Promise<ExecutionView> {
  const reason = input.reason ?? `cancelled by ${input.by}`;
  return change(deps, input, 'cancelled', async (tx, execution) => {
    if (execution.status === 'cancelled') return;
    await cancelStageJobs(tx, execution.masterplanId, reason, ['finalize']);
    await cancelLocked(tx, execution, { reason, by: input.by });
  });
}

/** Ends an active execution that is locked. Its workers must be told: CONTROL_CHANNEL. */
export async function cancelLocked(
  tx: Tx,
  execution: LockedExecution,
  { reason, by }: { readonly reason: string; readonly by: string },
): Promise<void> {
  await setStatus(tx, execution, 'cancelled', sql`paused_reason = ${reason}, completed_at = now(), ${STOPS_THE_CLOCK}`);
  await tx.execute(sql`
    with dropped as (delete from atom_queue where execution_id = ${execution.executionId}::uuid returning atom_id)
    update atomic_units a set status = 'PENDING', claim_token = null, claimed_by = null, lease_until = null
    from dropped d where a.atom_id = d.atom_id and a.status in ('READY', 'RUNNING')`);
  await tx.execute(sql`
    update masterplans set status = 'cancelled', updated_at = now() where masterplan_id = ${execution.masterplanId}::uuid`);
  await recordEvents(tx, execution, [{ type: 'execution.cancelled', data: { reason, by } }]);
}

/**
 * Gives one atom that failed, or was accepted, another set of attempts.
 * @throws {MgeError} NOT_FOUND, CONFLICT when it is in flight, its execution was cancelled, or its text is a reviewer's
 */
export async function retryAtom(
  deps: ExecutionDeps,
  input: ControlInput & { readonly atomId: string },
): Promise<ExecutionView> {
  return change(deps, input, 'retried', async (tx, execution) => {
    await refuseReviewersText(tx, input.atomId);
    if (!(await reopenAtom(tx, execution, input.atomId, execution.maxAttempts)))
      throw new MgeError(
        'CONFLICT',
        `atom ${input.atomId} is not in a state that can be tried again: it must have ended`,
      );
    await revive(tx, execution, [{ type: 'atom.reopened', data: { atom_ids: [input.atomId], by: input.by } }]);
  });
}

/** A person's text is not thrown away by a retry: who may review it says what is to be different. */
async function refuseReviewersText(tx: Tx, atomId: string): Promise<void> {
  const [row] = await rowsOf<{ reviewId: string | null }>(
    tx,
    sql`select r.review_id as "reviewId" from atomic_units a left join human_review_queue r on r.atom_id = a.atom_id
        where a.atom_id = ${atomId}::uuid and a.status = 'COMPLETED' and a.accepted_provider = 'reviewer'`,
  );
  if (!row) return;
  throw new MgeError(
    'CONFLICT',
    `the text of atom ${atomId} is a reviewer's; a retry would replace it. Ask for another text in its review instead: ` +
      `regenerate${row.reviewId === null ? '' : ` of review ${row.reviewId}`}, naming the version you saw`,
    { details: { atom_id: atomId, review_id: row.reviewId } },
  );
}

/** Tries every failed atom again. @throws {MgeError} NOT_FOUND, CONFLICT when none has failed */
export async function retryFailed(deps: ExecutionDeps, input: ControlInput): Promise<ExecutionView> {
  return change(deps, input, 'retried', async (tx, execution) => {
    const count = await reopenFailed(tx, execution);
    if (count === 0) throw new MgeError('CONFLICT', 'no atom of this execution has failed');
    await revive(tx, execution, [{ type: 'atom.reopened', data: { count, by: input.by } }]);
  });
}

/** Lets an execution go on after some of its atoms were reopened or accepted by a person; it must be locked. */
export async function revive(tx: Tx, execution: LockedExecution, events: readonly NewEvent[]): Promise<void> {
  await recordEvents(tx, execution, events);
  const ended = EXECUTION_TRANSITIONS[execution.status].retried !== undefined;
  if (ended)
    await setStatus(tx, execution, 'running', sql`paused_reason = null, completed_at = null, running_since = now()`);
  if (ended || execution.status === 'running') await goOn(tx, { ...execution, status: 'running' });
  else await reschedule(tx, execution);
}

async function goOn(tx: Tx, execution: LockedExecution): Promise<void> {
  await reschedule(tx, execution);
  const [row] = await rowsOf<{ ready: number }>(
    tx,
    sql`select count(*)::int as ready from atom_queue where execution_id = ${execution.executionId}::uuid and state = 'ready'`,
  );
  if (row && row.ready > 0) await announceReady(tx, execution.executionId, row.ready);
  else await settleExecution(tx, execution);
}

async function setStatus(tx: Tx, execution: LockedExecution, status: ExecutionStatus, also: SQL): Promise<void> {
  await tx.execute(sql`
    update executions set status = ${status}, updated_at = now(), ${also} where execution_id = ${execution.executionId}::uuid`);
}

/** Locks the latest execution of the plan, checks that the event fits its state, changes it and tells the workers. */
async function change(
  deps: ExecutionDeps,
  input: ControlInput,
  event: ExecutionEvent,
  apply: (tx: Tx, execution: LockedExecution) => Promise<void>,
): Promise<ExecutionView> {
  const executionId = await retryingTransaction(deps.db, async (tx) => {
    const execution = await lockLatest(tx, input.masterplanId);
    if (!allows(execution.status, event)) throw refused(execution, event);
    await apply(tx, execution);
    await tx.execute(sql`select pg_notify(${CONTROL_CHANNEL}, ${execution.executionId})`);
    return execution.executionId;
  });
  deps.log.info({ executionId, event, by: input.by }, 'execution changed');
  const view = await readExecution(deps.db, executionId);
  if (!view) throw new MgeError('NOT_FOUND', `execution ${executionId} was deleted meanwhile`);
  return view;
}

/** The latest execution of a plan, locked. @throws {MgeError} NOT_FOUND */
export async function lockLatest(tx: Tx, masterplanId: string): Promise<LockedExecution> {
  const [row] = await rowsOf<{ executionId: string }>(
    tx,
    sql`select execution_id as "executionId" from executions where masterplan_id = ${masterplanId}::uuid
        order by created_at desc, execution_id desc limit 1`,
  );
  const execution = row ? await lockExecution(tx, row.executionId) : null;
  if (!execution) throw new MgeError('NOT_FOUND', `masterplan ${masterplanId} has no execution; start one first`);
  return execution;
}

/** A state is allowed when the table says so, or when the event led to it already (asking twice is no error). */
function allows(status: ExecutionStatus, event: ExecutionEvent): boolean {
  if (statesAllowing(EXECUTION_TRANSITIONS, event).includes(status)) return true;
  const already: Partial<Record<ExecutionEvent, ExecutionStatus>> = {
    paused: 'paused',
    resumed: 'running',
    cancelled: 'cancelled',
  };
  // Atoms can be tried again while the rest still runs.
  return already[event] === status || (event === 'retried' && ['running', 'paused', 'waiting'].includes(status));
}

function refused(execution: LockedExecution, event: ExecutionEvent): MgeError {
  return new MgeError('CONFLICT', `execution ${execution.executionId} is ${execution.status}; it cannot be ${event}`, {
    details: { execution_id: execution.executionId, status: execution.status },
  });
}
