import { sql } from 'drizzle-orm';
import type { Db } from '../../db/index.ts';
import { ACTIVE_EXECUTION_STATES, type ExecutionStatus } from '../../domain/index.ts';
import { readExecution, type ExecutionView } from '../execution-view.ts';
import type { StoredEvent } from '../read-executions.ts';
import { rowsOf } from '../statements/json-rows.ts';

/** What an execution has to say after a position. */
export interface LivePage {
  readonly events: readonly StoredEvent[];
  /** There is nothing after these, and the execution has ended. */
  readonly isOver: boolean;
}

const ACTIVE: ReadonlySet<ExecutionStatus> = new Set(ACTIVE_EXECUTION_STATES);
const TERMINAL_EVENTS: ReadonlySet<string> = new Set(['execution.ended', 'execution.cancelled']);

/** True for the event that is the last one of an execution, unless somebody revives it. */
export function isTerminal(event: Pick<StoredEvent, 'type'>): boolean {
  return TERMINAL_EVENTS.has(event.type);
}

interface LiveRow {
  status: ExecutionStatus;
  eventId: string | null;
  type: string;
  data: Record<string, unknown>;
  ms: number;
}

/** Events after `afterId`, oldest first, and whether that is all there will be; null when the execution does not exist. */
export async function readLive(
  db: Db,
  executionId: string,
  page: { readonly afterId: number; readonly limit: number },
): Promise<LivePage | null> {
  const rows = await rowsOf<LiveRow>(
    db,
    sql`select e.status, v.event_id as "eventId", v.type, v.data, (extract(epoch from v.created_at) * 1000)::float8 as ms
        from executions e
        left join lateral (
          select event_id, type, data, created_at from execution_events
          where execution_id = e.execution_id and event_id > ${page.afterId}::bigint order by event_id limit ${page.limit}
        ) v on true
        where e.execution_id = ${executionId}::uuid order by v.event_id`,
  );
  const [first] = rows;
  if (!first) return null;
  const events = rows.flatMap(({ eventId, type, data, ms }) =>
    eventId === null ? [] : [{ eventId: Number(eventId), executionId, type, data, at: new Date(ms) }],
  );
  return { events, isOver: events.length < page.limit && !ACTIVE.has(first.status) };
}

/** How an execution stands, and the id of the last event that led there. */
export interface Snapshot {
  readonly view: ExecutionView;
  /** Events after this one are not in the view. Of an ended execution, the closing event comes after it. */
  readonly lastEventId: number;
}

/** View and position of one instant; null when the execution does not exist. */
export async function readSnapshot(db: Db, executionId: string): Promise<Snapshot | null> {
  return db.transaction(
    async (tx) => {
      const view = await readExecution(tx, executionId);
      if (!view) return null;
      const [last] = await rowsOf<{ eventId: string; type: string }>(
        tx,
        sql`select event_id as "eventId", type from execution_events
            where execution_id = ${executionId}::uuid order by event_id desc limit 1`,
      );
      if (!last) return { view, lastEventId: 0 };
      const closing = isTerminal(last) && !ACTIVE.has(view.status);
      return { view, lastEventId: Number(last.eventId) - (closing ? 1 : 0) };
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}
