import { sql } from 'drizzle-orm';
import type { Metrics } from '../adapters/telemetry/metrics.ts';
import type { StageDeps } from '../adapters/runtime.ts';
import { getDeadLetter, type DeadLetterRecord } from '../db/queries/get-dead-letter.ts';
import { publishOutbox } from '../db/queries/publish-outbox.ts';
import { recordReplay } from '../db/queries/record-replay.ts';
import { writeAudit } from '../db/queries/write-audit.ts';
import { newId, type Tx } from '../db/index.ts';
import { isUuid, MgeError } from '../domain/index.ts';
import { CONTROL_CHANNEL, lockLatest, revive } from './control-execution.ts';
import { rowsOf } from './statements/json-rows.ts';
import { reopenFailed } from './statements/reopen-atoms.ts';

export interface ReplayInput {
  readonly msgId: string;
  /** Subject of the token. */
  readonly by: string;
}

export type ReplayDeps = StageDeps & { readonly metrics?: Pick<Metrics, 'replayDuplicates'> };

/**
 * Sends a message that was given up once more: a stage job is queued again, an atom gets another set of attempts. The replay log,
 * the new message and the audit entry are one transaction, so that a message is replayed at most once, whoever asks and how often.
 * @throws {MgeError} NOT_FOUND; CONFLICT when it was replayed before, or what it stands for cannot be tried again
 */
export async function replayDeadLetter(deps: ReplayDeps, input: ReplayInput): Promise<DeadLetterRecord> {
  const newMsgId = `replay:${newId<string>()}`;
  const done = await deps.db.transaction(async (tx) => {
    const letter = await required(tx, input.msgId);
    if (!(await recordReplay(tx, letter.msgId, input.by, newMsgId))) return null;
    await sendAgain(tx, letter, input.by);
    await writeAudit(tx, {
      actor: input.by,
      action: 'dead_letter.replay',
      subject: `dead_letter:${letter.msgId}`,
      details: { queue: letter.queueName, new_message_id: newMsgId },
    });
    return required(tx, letter.msgId);
  });
  if (done) {
    deps.log.info({ msgId: input.msgId, by: input.by, newMsgId }, 'dead letter replayed');
    return done;
  }
  deps.metrics?.replayDuplicates.inc();
  const { replay } = await required(deps.db, input.msgId);
  const when = replay ? ` at ${replay.at.toISOString()} by ${replay.by}` : '';
  throw new MgeError('CONFLICT', `message ${input.msgId} was replayed${when}; a message is replayed once`, {
    details: {
      replayed_by: replay?.by ?? null,
      replayed_at: replay?.at.toISOString() ?? null,
      new_message_id: replay?.newMsgId ?? null,
    },
  });
}

async function required(tx: Tx, msgId: string): Promise<DeadLetterRecord> {
  const letter = await getDeadLetter(tx, msgId);
  if (!letter) throw new MgeError('NOT_FOUND', `there is no dead letter ${msgId}`);
  return letter;
}

async function sendAgain(tx: Tx, letter: DeadLetterRecord, by: string): Promise<void> {
  switch (letter.queueName) {
    case 'stages':
      return queueStageAgain(tx, letter);
    case 'atoms':
      return tryAtomAgain(tx, letter, by);
    default:
      throw new MgeError('CONFLICT', `messages of the queue "${letter.queueName}" cannot be replayed by this version`);
  }
}

/** A job that failed stays as history and a new one takes its place; one that still waits or runs is announced again. */
async function queueStageAgain(tx: Tx, letter: DeadLetterRecord): Promise<void> {
  const jobId = idOf(letter, 'job_id');
  const [job] = await rowsOf<{ kind: string; status: string }>(
    tx,
    sql`select kind, status from stage_jobs where job_id = ${jobId}::uuid for update`,
  );
  if (!job) throw new MgeError('CONFLICT', `the stage job ${jobId} of this message does not exist any more`);
  if (job.status === 'completed') throw alreadyDone(job.kind);
  const againId = job.status === 'failed' ? await copyStageJob(tx, jobId) : jobId;
  if (againId === null) throw alreadyDone(job.kind);
  const payload = { kind: job.kind, replay_of: letter.msgId };
  await publishOutbox(tx, { aggregateType: 'stage_job', aggregateId: againId, eventType: 'stage.queued', payload });
}

function alreadyDone(kind: string): MgeError {
  return new MgeError('CONFLICT', `the ${kind} that this message asks for has been done or is under way`);
}

/** Null when another job of the kind is under way for the plan. */
async function copyStageJob(tx: Tx, jobId: string): Promise<string | null> {
  const [made] = await rowsOf<{ jobId: string }>(
    tx,
    sql`insert into stage_jobs (job_id, masterplan_id, kind, input, input_key, status)
        select ${newId()}::uuid, masterplan_id, kind, input, input_key, 'queued' from stage_jobs where job_id = ${jobId}::uuid
        on conflict (masterplan_id, kind, input_key) where status in ('queued','running') do nothing
        returning job_id as "jobId"`,
  );
  return made?.jobId ?? null;
}

async function tryAtomAgain(tx: Tx, letter: DeadLetterRecord, by: string): Promise<void> {
  const execution = await lockLatest(tx, idOf(letter, 'masterplan_id'));
  const atomId = idOf(letter, 'atom_id');
  const isOver = execution.status === 'cancelled';
  if (isOver || (await reopenFailed(tx, execution, [atomId])) === 0)
    throw new MgeError(
      'CONFLICT',
      isOver
        ? `execution ${execution.executionId} was cancelled; start the masterplan again instead`
        : `atom ${atomId} has not failed, or not any more: there is nothing to try again`,
    );
  await revive(tx, execution, [{ type: 'atom.reopened', data: { atom_ids: [atomId], by, replay_of: letter.msgId } }]);
  await tx.execute(sql`select pg_notify(${CONTROL_CHANNEL}, ${execution.executionId})`);
}

function idOf(letter: DeadLetterRecord, field: string): string {
  const value = letter.payload[field];
  if (typeof value === 'string' && isUuid(value)) return value;
  throw new MgeError('CONFLICT', `the payload of message ${letter.msgId} names no ${field}; it cannot be replayed`);
}
