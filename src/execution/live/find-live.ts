import { sql } from 'drizzle-orm';
import type { Db } from '../../db/index.ts';
import { ACTIVE_EXECUTION_STATES, MgeError, type ExecutionStatus } from '../../domain/index.ts';
import { rowsOf } from '../statements/json-rows.ts';

/** Where a reader of a masterplan's live events begins. */
export interface LivePosition {
  readonly executionId: string;
  /** The last event that the reader has; null when it has none, or one that this database does not know: a snapshot comes first. */
  readonly afterId: number | null;
}

/**
 * The latest execution of a masterplan and where a reader goes on in it; null when it has ended and the reader has had everything.
 * @param afterId the last event that the reader has had, of this execution or an earlier one; null = none.
 * @throws {MgeError} NOT_FOUND when it was never started
 */
export async function findLive(
  deps: { readonly db: Db },
  masterplanId: string,
  afterId: number | null,
): Promise<LivePosition | null> {
  const [row] = await rowsOf<{ executionId: string; status: ExecutionStatus; lastId: string | null }>(
    deps.db,
    sql`select execution_id as "executionId", status,
          (select max(event_id) from execution_events v where v.execution_id = e.execution_id) as "lastId"
        from executions e where masterplan_id = ${masterplanId}::uuid order by created_at desc, execution_id desc limit 1`,
  );
  if (!row)
    throw new MgeError('NOT_FOUND', 'This masterplan has no execution yet; POST /api/v2/execution/start first.');
  if (afterId === null) return { executionId: row.executionId, afterId };
  const lastId = Number(row.lastId ?? 0);
  const isActive = ACTIVE_EXECUTION_STATES.some((state) => state === row.status);
  if (!isActive && afterId >= lastId) return null;
  return { executionId: row.executionId, afterId: afterId > lastId ? null : afterId };
}
