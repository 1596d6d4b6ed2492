import { sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.ts';
import { jsonRows } from './json-rows.ts';

/** Types of live events. A batch of atoms is one event that lists them. */
export const EXECUTION_EVENT_TYPES = [
  'execution.started',
  'execution.continued',
  'execution.paused',
  'execution.resumed',
  'execution.waiting',
  'execution.cancelled',
  'execution.finalizing',
  'execution.ended',
  'budget.warning',
  'atom.started',
  'atom.accepted',
  'atom.rejected',
  'atom.failed',
  'atom.blocked',
  'atom.reopened',
  'atom.kept',
  'wave.completed',
  'file.validated',
  'system.validated',
] as const;
export type ExecutionEventType = (typeof EXECUTION_EVENT_TYPES)[number];

export interface NewEvent {
  readonly type: ExecutionEventType;
  /** Snake case, as clients see it. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Channel on which readers of live events hear, at commit, that an execution has new ones. The payload is its id. */
export const EVENTS_CHANNEL = 'mge_events';

/**
 * Appends to the live events of an execution, in the order given. The execution must be locked: then ids become visible in their
 * order, and a reader that has seen one has missed none before it.
 */
export async function recordEvents(
  tx: Tx,
  of: { readonly masterplanId: string; readonly executionId: string },
  events: readonly NewEvent[],
): Promise<void> {
  if (events.length === 0) return;
  const input = events.map((event, n) => ({ n, type: event.type, data: event.data }));
  await tx.execute(sql`
    with added as (
      insert into execution_events (masterplan_id, execution_id, type, data)
      select ${of.masterplanId}::uuid, ${of.executionId}::uuid, i.type, i.data
      from json_to_recordset(${jsonRows(input)}) as i(n int, type text, data jsonb) order by i.n
    )
    select pg_notify(${EVENTS_CHANNEL}, ${of.executionId})`);
}
