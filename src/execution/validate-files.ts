import { sql } from 'drizzle-orm';
import type { Metrics } from '../adapters/telemetry/metrics.ts';
import type { Db, Tx } from '../db/index.ts';
import { asId, type ExecutionId, type MasterplanId } from '../domain/index.ts';
import { storeReport, type LevelReport, type Validation } from '../validation/index.ts';
import { assembleFiles } from './project-files.ts';
import { rowsOf } from './statements/json-rows.ts';
import { lockExecution } from './statements/lock-execution.ts';
import { recordEvents } from './statements/record-events.ts';

export interface FileOutcome {
  readonly path: string;
  readonly outcome: 'passed' | 'failed' | 'not_run';
}

/** Runs level 2 on those of the files whose atoms are all accepted and that have no level-2 result for their present text. */
export async function validateFiles(
  deps: { readonly db: Db; readonly validation: Pick<Validation, 'validateModule'>; readonly metrics?: Metrics },
  of: { readonly masterplanId: string; readonly executionId: string },
  paths: readonly string[] | undefined,
  signal?: AbortSignal,
): Promise<void> {
  const checked = await checkedSince(deps.db, of.executionId);
  for (const path of await acceptedPaths(deps.db, of.masterplanId, paths)) {
    if (checked.has(path) || signal?.aborted) continue;
    const [file] = await assembleFiles(deps.db, of.masterplanId, [path]);
    if (!file?.accepted || file.bytes.length === 0) continue;
    const report = await deps.validation.validateModule(file);
    for (const check of report.checks) deps.metrics?.validations.inc({ level: 'module', result: check.outcome });
    await storeOnce(deps.db, of, path, report);
  }
}

async function acceptedPaths(tx: Tx, masterplanId: string, paths: readonly string[] | undefined): Promise<string[]> {
  const rows = await rowsOf<{ path: string }>(
    tx,
    sql`select file_path as path from atomic_units
        where masterplan_id = ${masterplanId}::uuid
          and (${paths === undefined} or file_path = any(${sql.param([...(paths ?? [])])}::text[]))
        group by file_path having bool_and(status = 'COMPLETED') order by file_path collate "C"`,
  );
  return rows.map((row) => row.path);
}

/** Files with a level-2 result that is younger than their youngest atom. */
async function checkedSince(tx: Tx, executionId: string): Promise<Set<string>> {
  const rows = await rowsOf<{ path: string }>(
    tx,
    sql`select v.scope as path from (
          select scope, masterplan_id, max(created_at) as at from validation_results
          where execution_id = ${executionId}::uuid and validation_level = 'MODULE' group by scope, masterplan_id) v
        where v.at >= (select max(a.completed_at) from atomic_units a where a.masterplan_id = v.masterplan_id and a.file_path = v.scope)`,
  );
  return new Set(rows.map((row) => row.path));
}

/** Two workers may have checked the same file: the execution's lock lets one of them store it. */
async function storeOnce(
  db: Db,
  of: { readonly masterplanId: string; readonly executionId: string },
  path: string,
  report: LevelReport,
): Promise<void> {
  await db.transaction(async (tx) => {
    const execution = await lockExecution(tx, of.executionId);
    if (!execution || (await checkedSince(tx, of.executionId)).has(path)) return;
    await storeReport(
      tx,
      {
        masterplanId: asId<MasterplanId>(of.masterplanId),
        executionId: asId<ExecutionId>(of.executionId),
        atomId: null,
        scope: path,
        attempt: null,
      },
      report,
    );
    await recordEvents(tx, execution, [
      { type: 'file.validated', data: { file_path: path, outcome: report.outcome, score: report.score } },
    ]);
  });
}

/** The latest level-2 outcome of each file of an execution. */
export async function fileOutcomes(tx: Tx, executionId: string): Promise<FileOutcome[]> {
  return rowsOf<FileOutcome>(
    tx,
    sql`with latest as (
          select scope, max(created_at) as at from validation_results
          where execution_id = ${executionId}::uuid and validation_level = 'MODULE' group by scope
        )
        select v.scope as path,
          case when bool_or(v.outcome = 'failed') then 'failed' when bool_or(v.outcome = 'passed') then 'passed' else 'not_run' end as outcome
        from validation_results v join latest l on l.scope = v.scope and l.at = v.created_at
        where v.execution_id = ${executionId}::uuid and v.validation_level = 'MODULE'
        group by v.scope order by v.scope`,
  );
}
