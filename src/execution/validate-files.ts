import { sql } from 'drizzle-orm';
import type { Metrics } from '../adapters/telemetry/metrics.ts';
import type { Db, Tx } from '../db/index.ts';
import { fileFingerprints } from '../db/queries/text-fingerprint.ts';
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
  const present = await fileFingerprints(deps.db, of.masterplanId, paths);
  if (present.size === 0) return;
  const checked = await checkedTexts(deps.db, of, paths);
  for (const [path, fingerprint] of present)
    if (!checked.has(textKey(path, fingerprint))) await validateFile(deps, of, path, signal);
}

/** A text that changed while it was checked is checked again: a result belongs to one text. */
async function validateFile(
  deps: Parameters<typeof validateFiles>[0],
  of: { readonly masterplanId: string; readonly executionId: string },
  path: string,
  signal?: AbortSignal,
): Promise<void> {
  for (let stored = false; !stored && !signal?.aborted;) {
    const fingerprint = (await fileFingerprints(deps.db, of.masterplanId, [path])).get(path);
    const [file] = await assembleFiles(deps.db, of.masterplanId, [path]);
    if (fingerprint === undefined || !file?.accepted || file.bytes.length === 0) return;
    const report = await deps.validation.validateModule(file);
    for (const check of report.checks) deps.metrics?.validations.inc({ level: 'module', result: check.outcome });
    stored = await storeOnce(deps.db, of, { path, fingerprint }, report);
  }
}

const textKey = (path: string, fingerprint: string) => `${fingerprint} ${path}`;

/** Files that have a level-2 result of this execution, each with the text it belongs to. */
async function checkedTexts(
  tx: Tx,
  of: { readonly masterplanId: string; readonly executionId: string },
  paths: readonly string[] | undefined,
): Promise<Set<string>> {
  const rows = await rowsOf<{ path: string; fingerprint: string }>(
    tx,
    sql`select distinct scope as path, error_details->>'fingerprint' as fingerprint from validation_results
        where masterplan_id = ${of.masterplanId}::uuid and level_number = 2 and execution_id = ${of.executionId}::uuid
          and error_details ? 'fingerprint'
          and (${paths === undefined} or scope = any(${sql.param([...(paths ?? [])])}::text[]))`,
  );
  return new Set(rows.map((row) => textKey(row.path, row.fingerprint)));
}

/**
 * Two workers may have checked the same file: the execution's lock lets one of them store it. False when the file has got another
 * text meanwhile: nothing is stored then.
 */
async function storeOnce(
  db: Db,
  of: { readonly masterplanId: string; readonly executionId: string },
  text: { readonly path: string; readonly fingerprint: string },
  report: LevelReport,
): Promise<boolean> {
  const { path, fingerprint } = text;
  return db.transaction(async (tx) => {
    const execution = await lockExecution(tx, of.executionId);
    if (!execution) return true;
    // A statement of its own, after the lock: it sees what was accepted while this one waited.
    if ((await fileFingerprints(tx, of.masterplanId, [path])).get(path) !== fingerprint) return false;
    if ((await checkedTexts(tx, of, [path])).has(textKey(path, fingerprint))) return true;
    await storeReport(
      tx,
      {
        masterplanId: asId<MasterplanId>(of.masterplanId),
        executionId: asId<ExecutionId>(of.executionId),
        atomId: null,
        scope: path,
        attempt: null,
        fingerprint,
      },
      report,
    );
    await recordEvents(tx, execution, [
      { type: 'file.validated', data: { file_path: path, outcome: report.outcome, score: report.score } },
    ]);
    return true;
  });
}

/** The level-2 outcome of each accepted file of an execution, for the text that it has now. */
export async function fileOutcomes(
  tx: Tx,
  of: { readonly masterplanId: string; readonly executionId: string },
): Promise<FileOutcome[]> {
  const present = await fileFingerprints(tx, of.masterplanId);
  const rows = await rowsOf<FileOutcome & { readonly fingerprint: string }>(
    tx,
    sql`select scope as path, error_details->>'fingerprint' as fingerprint,
          min(error_details->>'levelOutcome') as outcome
        from validation_results
        where masterplan_id = ${of.masterplanId}::uuid and level_number = 2 and execution_id = ${of.executionId}::uuid
          and error_details ? 'fingerprint'
        group by 1, 2 order by scope collate "C"`,
  );
  return rows
    .filter((row) => present.get(row.path) === row.fingerprint)
    .map(({ path, outcome }) => ({ path, outcome }));
}
