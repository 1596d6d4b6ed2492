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
import { reopenAtom } from './statements/reopen-atoms.ts';

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

/** A stage that runs or waits already stays as it is; its announcement is sent again. */
async function queueStageAgain(tx: Tx, letter: DeadLetterRecord): Promise<void> {
  const jobId = idOf(letter, 'job_id');
  const [job] = await rowsOf<{ kind: string; status: string; isSuperseded: boolean }>(
    tx,
    sql`select kind, status, exists (
            select 1 from stage_jobs o where o.masterplan_id = j.masterplan_id and o.kind = j.kind and o.job_id <> j.job_id
              and o.status in ('queued', 'running')) as "isSuperseded"
        from stage_jobs j where job_id = ${jobId}::uuid for update`,
  );
  if (!job) throw new MgeError('CONFLICT', `the stage job ${jobId} of this message does not exist any more`);
  if (job.status === 'completed' || job.isSuperseded)
    throw new MgeError('CONFLICT', `the ${job.kind} that this message asks for has been done or is under way`);
  await tx.execute(sql`
    update stage_jobs set status = 'queued', attempts = 0, error = null, result = null, updated_at = now()
    where job_id = ${jobId}::uuid and status = 'failed'`);
  const payload = { kind: job.kind, replay_of: letter.msgId };
  await publishOutbox(tx, { aggregateType: 'stage_job', aggregateId: jobId, eventType: 'stage.queued', payload });
}

async function tryAtomAgain(tx: Tx, letter: DeadLetterRecord, by: string): Promise<void> {
  const execution = await lockLatest(tx, idOf(letter, 'masterplan_id'));
  const atomId = idOf(letter, 'atom_id');
  const isOver = execution.status === 'cancelled';
  if (isOver || !(await reopenAtom(tx, execution, atomId, execution.maxAttempts)))
    throw new MgeError(
      'CONFLICT',
      isOver
        ? `execution ${execution.executionId} was cancelled; start the masterplan again instead`
        : `atom ${atomId} is not in a state that can be tried again: it must have ended`,
    );
  await revive(tx, execution, [{ type: 'atom.reopened', data: { atom_ids: [atomId], by, replay_of: letter.msgId } }]);
  await tx.execute(sql`select pg_notify(${CONTROL_CHANNEL}, ${execution.executionId})`);
}

function idOf(letter: DeadLetterRecord, field: string): string {
  const value = letter.payload[field];
  if (typeof value === 'string' && isUuid(value)) return value;
  throw new MgeError('CONFLICT', `the payload of message ${letter.msgId} names no ${field}; it cannot be replayed`);
}
