import { sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.ts';
import type { ExecutionStatus } from '../../domain/index.ts';
import { rowsOf } from './json-rows.ts';

/** The row of an execution, locked until the transaction ends. */
export interface LockedExecution {
  readonly executionId: string;
  readonly masterplanId: string;
  readonly graphId: string;
  readonly status: ExecutionStatus;
  readonly pausedReason: string | null;
  readonly waveLimit: number | null;
  readonly concurrency: number;
  readonly maxAttempts: number;
  /** Atoms are released wave by wave instead of one by one. */
  readonly barrier: boolean;
}

/** Reads an execution as `LockedExecution`; the id and the lock follow. */
export const LOCK_EXECUTION = `select execution_id as "executionId", masterplan_id as "masterplanId", graph_id as "graphId", status,
  paused_reason as "pausedReason", wave_limit as "waveLimit", concurrency, max_attempts as "maxAttempts",
  coalesce(config->>'scheduling', '') = 'barrier' as barrier
  from executions where execution_id =`;

/**
 * Locks one execution. Every change to its atoms begins here: one writer at a time per execution makes counters exact and
 * deadlocks impossible; batches make it cheap. Null when there is no such execution.
 */
export async function lockExecution(tx: Tx, executionId: string): Promise<LockedExecution | null> {
  const [row] = await rowsOf<LockedExecution>(
    tx,
    sql`${sql.raw(LOCK_EXECUTION)} ${executionId}::uuid for no key update`,
  );
  return row ?? null;
}
