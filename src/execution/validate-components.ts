import { sql } from 'drizzle-orm';
import type { Metrics } from '../adapters/telemetry/metrics.ts';
import type { Db, Tx } from '../db/index.ts';
import { projectFingerprint } from '../db/queries/text-fingerprint.ts';
import { asId, type CheckOutcome, type ExecutionId, type MasterplanId } from '../domain/index.ts';
import { storeReports, type LevelReport, type Validation } from '../validation/index.ts';
import { type AssembledFile, assembleFiles } from './project-files.ts';
import { rowsOf } from './statements/json-rows.ts';
import { lockExecution } from './statements/lock-execution.ts';
import type { FileOutcome } from './validate-files.ts';

export interface ComponentOutcome {
  /** Folder, `.` for the project's own. */
  readonly scope: string;
  readonly outcome: CheckOutcome;
}

interface Where {
  readonly masterplanId: string;
  readonly executionId: string;
}

/** A component is a folder with the files that stand in it. */
export function folderOf(path: string): string {
  const end = path.lastIndexOf('/');
  return end < 0 ? '.' : path.slice(0, end);
}

/** Folders of which every file is accepted and none failed at level 2: what is wrong in one file by itself is told there. */
export function readyComponents(
  files: readonly Pick<AssembledFile, 'path' | 'accepted'>[],
  outcomes: readonly Pick<FileOutcome, 'path' | 'outcome'>[],
): Map<string, string[]> {
  const failed = new Set(outcomes.filter(({ outcome }) => outcome === 'failed').map(({ path }) => path));
  const folders = new Map<string, string[]>();
  for (const { path } of files) folders.set(folderOf(path), [...(folders.get(folderOf(path)) ?? []), path]);
  const unready = new Set(
    files.filter(({ path, accepted }) => !accepted || failed.has(path)).map(({ path }) => folderOf(path)),
  );
  return new Map([...folders].filter(([folder]) => !unready.has(folder)));
}

/** Runs level 3 on the components that are ready and have no result for the project's present text. Their outcomes, by folder. */
export async function validateComponents(
  deps: {
    readonly db: Db;
    readonly validation: Partial<Pick<Validation, 'validateComponent'>>;
    readonly metrics?: Metrics;
  },
  of: Where,
  outcomes: readonly FileOutcome[],
  signal?: AbortSignal,
): Promise<ComponentOutcome[]> {
  const { validation } = deps;
  if (validation.validateComponent === undefined) return [];
  const fingerprint = await projectFingerprint(deps.db, of.masterplanId);
  const files = await assembleFiles(deps.db, of.masterplanId);
  const known = await knownOutcomes(deps.db, of, fingerprint);
  const found: ComponentOutcome[] = [];
  const made: Made[] = [];
  for (const [scope, paths] of readyComponents(files, outcomes)) {
    if (signal?.aborted) break;
    const before = known.get(scope);
    if (before !== undefined) {
      found.push({ scope, outcome: before });
      continue;
    }
    const report = await validation.validateComponent(files, paths);
    for (const check of report.checks) deps.metrics?.validations.inc({ level: 'component', result: check.outcome });
    made.push({ scope, report });
    found.push({ scope, outcome: report.outcome });
  }
  if (made.length > 0) await storeNew(deps.db, of, fingerprint, made);
  return found;
}

interface Made {
  readonly scope: string;
  readonly report: LevelReport;
}

/** Stores all in one transaction: the text is looked at once, however many components there are. */
async function storeNew(db: Db, of: Where, fingerprint: string, made: readonly Made[]): Promise<void> {
  await db.transaction(async (tx) => {
    const execution = await lockExecution(tx, of.executionId);
    // A text that changed meanwhile is checked anew; and another worker may have checked the same.
    if (!execution || (await projectFingerprint(tx, of.masterplanId)) !== fingerprint) return;
    const stored = await knownOutcomes(tx, of, fingerprint);
    const where = {
      masterplanId: asId<MasterplanId>(of.masterplanId),
      executionId: asId<ExecutionId>(of.executionId),
      atomId: null,
      attempt: null,
      fingerprint,
    };
    const reports = made.filter(({ scope }) => !stored.has(scope));
    if (reports.length > 0)
      await storeReports(
        tx,
        reports.map(({ scope, report }) => ({ where: { ...where, scope }, report })),
      );
  });
}

async function knownOutcomes(tx: Tx | Db, of: Where, fingerprint: string): Promise<Map<string, CheckOutcome>> {
  const rows = await rowsOf<{ scope: string; outcome: CheckOutcome }>(
    tx,
    sql`select scope, min(error_details->>'levelOutcome') as outcome from validation_results
        where masterplan_id = ${of.masterplanId}::uuid and level_number = 3 and execution_id = ${of.executionId}::uuid
          and error_details->>'fingerprint' = ${fingerprint}
        group by scope`,
  );
  return new Map(rows.map(({ scope, outcome }) => [scope, outcome]));
}
