import { sql } from 'drizzle-orm';
import type { Tx } from '../client.ts';
import { newId } from '../ids.ts';
import { publishOutbox } from './publish-outbox.ts';

/** Queues a stage of a masterplan and announces it. Gives the id of the job, or null when one of that kind is under way already. */
export async function queueStageJob(
  tx: Tx,
  job: { readonly masterplanId: string; readonly kind: 'plan' | 'decompose' | 'build_graph' },
): Promise<string | null> {
  const { rows } = await tx.execute<{ jobId: string }>(
    sql`insert into stage_jobs (job_id, masterplan_id, kind, status)
        values (${newId()}::uuid, ${job.masterplanId}::uuid, ${job.kind}, 'queued')
        on conflict (masterplan_id, kind) where status in ('queued','running') do nothing returning job_id as "jobId"`,
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
