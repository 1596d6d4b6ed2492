import { sql } from 'drizzle-orm';
import type { Tx } from '../db/index.ts';
import { rowsOf } from './statements/json-rows.ts';

/** Channel on which workers hear that stage jobs of a masterplan were cancelled. The payload is its id. */
export const STAGE_CONTROL_CHANNEL = 'mge_stage_control';

/** The stage jobs that run in this process, so that they can be ended at once. */
export class RunningStages {
  private readonly running = new Map<() => void, string>();

  /**
   * @param check ends the job when its claim is gone.
   * @returns what to call when the job is over.
   */
  add(masterplanId: string, check: () => void): () => void {
    this.running.set(check, masterplanId);
    return () => this.running.delete(check);
  }

  /** Jobs of this masterplan may have been cancelled. */
  check(masterplanId: string): void {
    for (const [check, of] of this.running) if (of === masterplanId) check();
  }
}

/**
 * Ends the queued and running stage jobs of a masterplan, those of `kinds` or all; workers abort what runs. Gives the kinds that were
 * ended.
 */
export async function cancelStageJobs(
  tx: Tx,
  masterplanId: string,
  reason: string,
  kinds?: readonly string[],
): Promise<string[]> {
  const rows = await rowsOf<{ kind: string }>(
    tx,
    sql`update stage_jobs
        set status = 'failed', error = jsonb_build_object('code', 'CANCELLED', 'message', ${reason}::text),
            claim_token = null, lease_until = null, updated_at = now()
        where masterplan_id = ${masterplanId}::uuid and status in ('queued', 'running')
          and (${kinds === undefined} or kind = any(${sql.param([...(kinds ?? [])])}::text[]))
        returning kind`,
  );
  if (rows.length > 0) await tx.execute(sql`select pg_notify(${STAGE_CONTROL_CHANNEL}, ${masterplanId})`);
  return rows.map((row) => row.kind);
}
