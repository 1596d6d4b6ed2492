import { sql } from 'drizzle-orm';
import { MgeError, type AtomStatus, type ExecutionStatus } from '../domain/index.ts';
import type { ExecutionDeps } from './deps.ts';
import { readExecution, type ExecutionView } from './execution-view.ts';
import { rowsOf } from './statements/json-rows.ts';

type ReadDeps = Pick<ExecutionDeps, 'db'>;

/** The latest execution of a masterplan; null when it was never started. */
export async function getExecutionStatus(deps: ReadDeps, masterplanId: string): Promise<ExecutionView | null> {
  const [row] = await rowsOf<{ executionId: string }>(
    deps.db,
    sql`select execution_id as "executionId" from executions where masterplan_id = ${masterplanId}::uuid
        order by created_at desc, execution_id desc limit 1`,
  );
  return row ? readExecution(deps.db, row.executionId) : null;
}

export interface AtomResult {
  readonly atomId: string;
  readonly atomNumber: number;
  readonly name: string;
  readonly filePath: string;
  readonly lineStart: number;
  readonly lineEnd: number;
  readonly symbolPath: string;
  readonly waveNumber: number | null;
  readonly status: AtomStatus;
  readonly attempts: number;
  readonly confidence: number | null;
  readonly provider: string | null;
  readonly model: string | null;
  readonly acceptedBy: string | null;
  readonly acceptedSha256: string | null;
  readonly needsReview: boolean;
  readonly errorMessage: string | null;
}

export interface ExecutionResults {
  readonly execution: ExecutionView;
  /** One page of atoms in plan order. */
  readonly atoms: readonly AtomResult[];
  /** Where the next page begins; null at the end. */
  readonly nextCursor: string | null;
}

/** The latest execution with one page of its atoms. @throws {MgeError} NOT_FOUND when it was never started */
export async function getExecutionResults(
  deps: ReadDeps,
  masterplanId: string,
  page: { readonly limit: number; readonly cursor?: string | undefined; readonly status?: AtomStatus | undefined },
): Promise<ExecutionResults> {
  const execution = await getExecutionStatus(deps, masterplanId);
  if (!execution) throw new MgeError('NOT_FOUND', `masterplan ${masterplanId} has no execution; start one first`);
  const after = page.cursor === undefined ? 0 : Number(page.cursor);
  if (!Number.isSafeInteger(after) || after < 0)
    throw new MgeError('VALIDATION_FAILED', 'the cursor is not one that this service gave', {
      fields: [{ pointer: '?cursor', detail: 'unknown cursor' }],
    });
  const atoms = await rowsOf<AtomResult>(
    deps.db,
    sql`select atom_id as "atomId", atom_number as "atomNumber", name, file_path as "filePath", line_start as "lineStart",
          line_end as "lineEnd", symbol_path as "symbolPath", wave_number as "waveNumber", lower(status::text) as status, attempts,
          confidence_score as confidence, accepted_provider as provider, accepted_model as model, accepted_by as "acceptedBy",
          accepted_sha256 as "acceptedSha256", needs_review as "needsReview", error_message as "errorMessage"
        from atomic_units
        where masterplan_id = ${masterplanId}::uuid and atom_number > ${after}::int
          and (${page.status === undefined} or status::text = ${(page.status ?? '').toUpperCase()})
        order by atom_number limit ${page.limit + 1}`,
  );
  const more = atoms.length > page.limit;
  const shown = atoms.slice(0, page.limit);
  return { execution, atoms: shown, nextCursor: more ? String(shown.at(-1)?.atomNumber ?? after) : null };
}

export interface RecentExecution {
  readonly executionId: string;
  readonly masterplanId: string;
  readonly userId: string;
  readonly projectName: string;
  readonly status: ExecutionStatus;
  readonly provider: string;
  readonly atomsTotal: number;
  readonly atomsSucceeded: number;
  readonly precisionPercent: number | null;
  readonly totalCostUsd: number;
  /** Seconds in `running`, without pauses. */
  readonly totalTimeSeconds: number;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
}

/** The latest executions of all users, newest first. */
export async function listRecentExecutions(
  deps: ReadDeps,
  options: { readonly limit: number; readonly endedOnly?: boolean },
): Promise<RecentExecution[]> {
  const rows = await rowsOf<
    Omit<RecentExecution, 'startedAt' | 'completedAt'> & { startedMs: number | null; completedMs: number | null }
  >(
    deps.db,
    sql`select e.execution_id as "executionId", e.masterplan_id as "masterplanId", m.user_id as "userId",
          m.project_name as "projectName", e.status, e.provider, e.precision_percent as "precisionPercent",
          coalesce(w.total, 0)::int as "atomsTotal", coalesce(w.completed, 0)::int as "atomsSucceeded",
          (e.active_seconds + coalesce(extract(epoch from clock_timestamp() - e.running_since), 0))::float8 as "totalTimeSeconds",
          (select coalesce(sum(coalesce(settled_usd, reserved_usd)), 0)::float8 from cost_ledger c
            where c.execution_id = e.execution_id and c.status <> 'released') as "totalCostUsd",
          (extract(epoch from e.started_at) * 1000)::float8 as "startedMs",
          (extract(epoch from e.completed_at) * 1000)::float8 as "completedMs"
        from executions e
        join masterplans m using (masterplan_id)
        left join lateral (select sum(total_atoms) as total, sum(completed_atoms) as completed
          from execution_waves where graph_id = e.graph_id) w on true
        where ${options.endedOnly !== true} or e.completed_at is not null
        order by e.created_at desc, e.execution_id desc limit ${options.limit}`,
  );
  return rows.map(({ startedMs, completedMs, ...row }) => ({
    ...row,
    startedAt: startedMs === null ? null : new Date(startedMs),
    completedAt: completedMs === null ? null : new Date(completedMs),
  }));
}

export interface RecentPrecision {
  /** 0 to 100: mean over the runs that have one; null when none has. */
  readonly overallPercent: number | null;
  readonly runs: readonly Pick<
    RecentExecution,
    'executionId' | 'masterplanId' | 'status' | 'provider' | 'precisionPercent' | 'completedAt'
  >[];
}

/** Precision of the latest executions that have ended. */
export async function getRecentPrecision(deps: ReadDeps, limit: number): Promise<RecentPrecision> {
  const runs = await listRecentExecutions(deps, { limit, endedOnly: true });
  const known = runs.flatMap((run) => (run.precisionPercent === null ? [] : [run.precisionPercent]));
  const overall =
    known.length === 0 ? null : Math.round((known.reduce((sum, p) => sum + p, 0) / known.length) * 100) / 100;
  return { overallPercent: overall, runs };
}

export interface StoredEvent {
  readonly eventId: number;
  readonly executionId: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly at: Date;
}

/** Live events of an execution after `afterId`, oldest first. */
export async function listExecutionEvents(
  deps: ReadDeps,
  executionId: string,
  options: { readonly afterId: number; readonly limit: number },
): Promise<StoredEvent[]> {
  const rows = await rowsOf<{ eventId: string; type: string; data: Record<string, unknown>; ms: number }>(
    deps.db,
    sql`select event_id as "eventId", type, data, (extract(epoch from created_at) * 1000)::float8 as ms
        from execution_events where execution_id = ${executionId}::uuid and event_id > ${options.afterId}::bigint
        order by event_id limit ${options.limit}`,
  );
  return rows.map((row) => ({
    eventId: Number(row.eventId),
    executionId,
    type: row.type,
    data: row.data,
    at: new Date(row.ms),
  }));
}
