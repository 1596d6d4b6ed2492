import { createHash } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { Tx } from '../client.ts';
import { newId } from '../ids.ts';
import { publishOutbox } from './publish-outbox.ts';

/** A stage to queue. */
export interface StageToQueue {
  readonly masterplanId: string;
  readonly kind: 'plan' | 'decompose' | 'build_graph' | 'validate';
  /** What it is about, where that is not the whole masterplan. */
  readonly input?: object;
}

/** Names the input of a stage job: jobs of one kind and input are the same work. */
export function stageInputKey(input: object | undefined): string {
  return input === undefined ? '' : createHash('sha256').update(JSON.stringify(input)).digest('hex');
}

/**
 * Queues a stage of a masterplan and announces it. Gives the id of the job, or null when one of that kind and input is under way
 * already.
 */
export async function queueStageJob(tx: Tx, job: StageToQueue): Promise<string | null> {
  const { rows } = await tx.execute<{ jobId: string }>(
    sql`insert into stage_jobs (job_id, masterplan_id, kind, input, input_key, status)
        values (${newId()}::uuid, ${job.masterplanId}::uuid, ${job.kind},
          ${job.input === undefined ? null : JSON.stringify(job.input)}::jsonb, ${stageInputKey(job.input)}, 'queued')
        on conflict (masterplan_id, kind, input_key) where status in ('queued','running') do nothing returning job_id as "jobId"`,
  );
  const jobId = rows[0]?.jobId;
  if (jobId === undefined) return null;
  await publishOutbox(tx, {
    aggregateType: 'stage_job',
    aggregateId: jobId,
    eventType: 'stage.queued',
    payload: { kind: job.kind },
  });
  return jobId;
}
