import { sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.ts';
import { jsonRows, rowsOf } from './json-rows.ts';
import type { LockedExecution } from './lock-execution.ts';

/** An atom that goes back to the ready set. */
export interface Returned {
  readonly atomId: string;
  readonly token: string;
  /** Milliseconds before it may be claimed again. */
  readonly delayMs: number;
  /** True counts an attempt (it failed); false does not (the provider was away, the worker stopped, the budget is used up). */
  readonly countsAttempt: boolean;
  /** True adds to the count of claims that a provider could not serve; false starts it anew. */
  readonly postponed: boolean;
  /** True takes the claim back as if it had never been: counts of deliveries and postponements are what they were. */
  readonly untried: boolean;
  readonly message: string | null;
}

/** Puts atoms back; gives the ids of those whose token still held. The execution must be locked. */
export async function returnAtoms(tx: Tx, execution: LockedExecution, batch: readonly Returned[]): Promise<string[]> {
  const input = batch.map((r) => ({
    atom_id: r.atomId,
    token: r.token,
    delay: r.delayMs / 1000,
    counts: r.countsAttempt,
    postponed: r.postponed,
    untried: r.untried,
    message: r.message,
  }));
  const rows = await rowsOf<{ atomId: string }>(
    tx,
    sql`with input as (
          select * from json_to_recordset(${jsonRows(input)})
            as i(atom_id uuid, token uuid, delay float8, counts boolean, postponed boolean, untried boolean, message text)
        ), returned as (
          update atom_queue q
          set state = 'ready', claim_token = null, claimed_by = null, lease_until = null,
              deliveries = case when i.untried then greatest(0, q.deliveries - 1) else 0 end,
              postponements = case when i.untried then q.postponements when i.postponed then q.postponements + 1 else 0 end,
              available_at = clock_timestamp() + make_interval(secs => i.delay)
          from input i
          where q.atom_id = i.atom_id and q.claim_token = i.token and q.state = 'running'
            and q.execution_id = ${execution.executionId}::uuid
          returning q.atom_id
        )
        update atomic_units a
        set status = 'READY', claim_token = null, claimed_by = null, lease_until = null, updated_at = now(),
            attempts = a.attempts + case when i.counts then 1 else 0 end,
            error_message = coalesce(i.message, a.error_message)
        from returned r join input i on i.atom_id = r.atom_id
        where a.atom_id = r.atom_id
        returning a.atom_id as "atomId"`,
  );
  return rows.map((row) => row.atomId);
}
