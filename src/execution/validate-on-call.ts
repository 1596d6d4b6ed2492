import { sql } from 'drizzle-orm';
import type { Metrics } from '../adapters/telemetry/metrics.ts';
import type { Db, Tx } from '../db/index.ts';
import {
  asId,
  type AtomId,
  type CheckOutcome,
  type MasterplanId,
  MgeError,
  type ProjectCheck,
  type ValidationLevel,
} from '../domain/index.ts';
import { storeReports, type LevelReport, type Validation } from '../validation/index.ts';
import { loadContract } from './atom-contract.ts';
import { loadTests } from './atom-tests.ts';
import { systemReportOf } from './finalize-execution.ts';
import { loadAtoms, type LoadedAtom } from './load-atoms.ts';
import { assembleFiles } from './project-files.ts';
import type { StageHandler } from './stage-jobs.ts';
import { rowsOf } from './statements/json-rows.ts';
import { folderOf } from './validate-components.ts';
import type { ValidationTarget } from './validation-target.ts';

interface Deps {
  readonly db: Db;
  readonly validation: Pick<Validation, 'validateAtom' | 'validateModule' | 'validateSystem'> &
    Partial<Pick<Validation, 'validateComponent'>>;
  readonly metrics?: Metrics;
}

/** A report as the job keeps it; its checks are rows of `validation_results`. */
export interface StoredLevelReport {
  readonly level: ValidationLevel;
  readonly scope: string;
  readonly atomId: string | null;
  /** Every atom that was looked at is accepted; where not, its draft was. */
  readonly accepted: boolean;
  readonly outcome: CheckOutcome;
  readonly passed: boolean;
  readonly score: number | null;
}

type Made = Pick<StoredLevelReport, 'scope' | 'atomId' | 'accepted'> & { readonly report: LevelReport };

/**
 * Checks that somebody asked for, on the project as it stands: accepted text where there is one, else draft. The rows belong to no
 * execution and change nothing in one.
 */
export async function validateOnCall(
  deps: Deps,
  masterplanId: string,
  { jobId, input, signal, onProgress }: Parameters<StageHandler>[1],
): Promise<Record<string, unknown>> {
  if (input === null) throw new MgeError('INTERNAL', 'the job does not say what to validate');
  const made = await reportsOf(deps, masterplanId, input as ValidationTarget, signal, onProgress);
  signal.throwIfAborted();
  for (const { report } of made)
    for (const check of report.checks) deps.metrics?.validations.inc({ level: report.level, result: check.outcome });
  await store(deps.db, masterplanId, jobId, made);
  const reports: StoredLevelReport[] = made.map(({ scope, atomId, accepted, report }) => {
    const { level, outcome, passed, score } = report;
    return { level, scope, atomId, accepted, outcome, passed, score };
  });
  return { reports };
}

/** A job that is delivered again replaces what its first delivery stored. */
async function store(db: Db, masterplanId: string, jobId: string, made: readonly Made[]): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.execute(sql`select 1 from stage_jobs where job_id = ${jobId}::uuid for update`);
    await tx.execute(sql`
      delete from validation_results where masterplan_id = ${masterplanId}::uuid and execution_id is null
        and error_details->>'job_id' = ${jobId}`);
    await storeReports(
      tx,
      made.map(({ scope, atomId, report }) => ({
        where: {
          masterplanId: asId<MasterplanId>(masterplanId),
          executionId: null,
          atomId: atomId === null ? null : asId<AtomId>(atomId),
          scope,
          attempt: null,
          jobId,
        },
        report,
      })),
    );
  });
}

async function reportsOf(
  deps: Deps,
  masterplanId: string,
  target: ValidationTarget,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<Made[]> {
  switch (target.level) {
    case 'atomic':
      return atomReports(deps, masterplanId, target.atomIds, signal, onProgress);
    case 'module':
      return [await moduleReport(deps, masterplanId, target.filePath)];
    case 'component':
      return [await componentReport(deps, masterplanId, target)];
    case 'system':
      return [await systemReport(deps, masterplanId, signal)];
  }
}

/** Atoms at a time: enough to keep the checking threads busy. */
const ATOMS_AT_ONCE = 4;

async function atomReports(
  deps: Deps,
  masterplanId: string,
  atomIds: readonly string[],
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<Made[]> {
  const atoms = await loadAtoms(deps.db, masterplanId, atomIds);
  const accepted = await acceptedAtoms(deps.db, atomIds);
  const made: Made[] = [];
  for (let i = 0; i < atomIds.length && !signal.aborted; i += ATOMS_AT_ONCE) {
    const some = atomIds.slice(i, i + ATOMS_AT_ONCE).flatMap((id) => atoms.get(id) ?? []);
    const reports = await Promise.all(some.map((atom) => atomReport(deps, atom)));
    some.forEach(({ atomId, filePath }, index) => {
      const report = reports[index];
      if (report) made.push({ scope: filePath, atomId, accepted: accepted.has(atomId), report });
    });
    onProgress(Math.min(i + ATOMS_AT_ONCE, atomIds.length), atomIds.length);
  }
  return made;
}

async function acceptedAtoms(tx: Tx, atomIds: readonly string[]): Promise<Set<string>> {
  const rows = await rowsOf<{ atomId: string }>(
    tx,
    sql`select atom_id as "atomId" from atomic_units
        where atom_id = any(${sql.param([...atomIds])}::uuid[]) and status = 'COMPLETED'`,
  );
  return new Set(rows.map(({ atomId }) => atomId));
}

/** As an attempt is checked, with the text that stands as the candidate. */
async function atomReport({ db, validation }: Deps, atom: LoadedAtom): Promise<LevelReport> {
  const [contract, tests] = await Promise.all([loadContract(db, atom), loadTests(db, atom)]);
  const { name, role, loc, complexity, isAtomic, filePath: path, language, before, after } = atom;
  return validation.validateAtom({
    path,
    language,
    before,
    candidate: atom.current,
    after,
    ...(atom.hasDraft ? { draft: atom.draft } : {}),
    atom: { name, role, loc, complexity, isAtomic },
    ...(contract === null ? {} : { contract }),
    ...(tests.length === 0 ? {} : { tests }),
  });
}

async function moduleReport({ db, validation }: Deps, masterplanId: string, path: string): Promise<Made> {
  const [file] = await assembleFiles(db, masterplanId, [path]);
  if (file === undefined) throw new MgeError('NOT_FOUND', `the masterplan has no file ${path}`);
  return { scope: path, atomId: null, accepted: file.accepted, report: await validation.validateModule(file) };
}

async function componentReport(
  { db, validation }: Deps,
  masterplanId: string,
  target: Extract<ValidationTarget, { level: 'component' }>,
): Promise<Made> {
  if (validation.validateComponent === undefined)
    throw new MgeError('NOT_IMPLEMENTED', 'this worker has no checks of components');
  const files = await assembleFiles(db, masterplanId);
  const inMilestone = 'milestoneId' in target ? await pathsOfMilestone(db, masterplanId, target.milestoneId) : null;
  const scope = 'milestoneId' in target ? `milestone:${target.milestoneId}` : target.folder;
  const chosen = files.filter(({ path }) => (inMilestone === null ? folderOf(path) === scope : inMilestone.has(path)));
  if (chosen.length === 0) throw new MgeError('NOT_FOUND', `no file of the masterplan belongs to ${scope}`);
  const report = await validation.validateComponent(
    files,
    chosen.map(({ path }) => path),
  );
  return { scope, atomId: null, accepted: chosen.every(({ accepted }) => accepted), report };
}

async function pathsOfMilestone(tx: Tx, masterplanId: string, milestoneId: string): Promise<Set<string>> {
  const rows = await rowsOf<{ path: string }>(
    tx,
    sql`select distinct a.file_path as path from atomic_units a join masterplan_tasks t using (task_id)
        where a.masterplan_id = ${masterplanId}::uuid and t.milestone_id = ${milestoneId}::uuid`,
  );
  return new Set(rows.map(({ path }) => path));
}

async function systemReport(deps: Deps, masterplanId: string, signal: AbortSignal): Promise<Made> {
  const files = await assembleFiles(deps.db, masterplanId);
  const [plan] = await rowsOf<{ checks: ProjectCheck[] }>(
    deps.db,
    sql`select coalesce(plan_notes->'checks', '[]') as checks from masterplans where masterplan_id = ${masterplanId}::uuid`,
  );
  const report = await systemReportOf(deps, masterplanId, plan?.checks ?? [], files, signal);
  return { scope: '.', atomId: null, accepted: files.every(({ accepted }) => accepted), report };
}
