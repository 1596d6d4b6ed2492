/** Decomposes a masterplan: its tasks' drafts become atoms, in one transaction, again and again with the same result. */
import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import type { StageDeps } from '../adapters/runtime.ts';
import { schema, type Tx } from '../db/index.ts';
import { ACTIVE_EXECUTION_STATES, type MasterplanId, MgeError, type TaskId } from '../domain/index.ts';
import { type AtomRow, rowsOf, sliceOf, type StoredAtom, writeRows } from './atom-rows.ts';
import type { AtomizedFile } from './atomized-file.ts';
import { Breather } from './breather.ts';
import { readDrafts, type TaskDraft } from './drafts.ts';
import type { Atomizer } from './pool.ts';
import { linkNames } from './project-names.ts';
import { linkTests } from './project-tests.ts';
import { type DecomposeSummary, summarize } from './summary.ts';

export interface DecomposeOptions {
  readonly signal?: AbortSignal;
  /** Called with files done and files in all. */
  readonly onProgress?: (done: number, total: number) => void;
}

const isCurrent = (draft: TaskDraft): boolean => draft.decomposedSha256 === draft.sha256;

async function refuseWhileExecuting(tx: Tx, masterplanId: MasterplanId): Promise<void> {
  const { executions } = schema;
  const active = await tx
    .select({ executionId: executions.executionId })
    .from(executions)
    .where(and(eq(executions.masterplanId, masterplanId), inArray(executions.status, [...ACTIVE_EXECUTION_STATES])));
  const [first] = active;
  if (first === undefined) return;
  throw new MgeError(
    'EXECUTION_RUNNING',
    `Masterplan ${masterplanId} is being executed; its atoms cannot change now.`,
    {
      details: { execution_id: first.executionId },
    },
  );
}

async function storedAtoms(tx: Tx, masterplanId: MasterplanId): Promise<Map<TaskId, StoredAtom[]>> {
  const a = schema.atomicUnits;
  const rows = await tx
    .select({
      atomId: a.atomId,
      taskId: a.taskId,
      fileOrdinal: a.fileOrdinal,
      sha256: sql<string>`encode(sha256(coalesce(${a.codeBytes}, convert_to(${a.codeToGenerate}, 'UTF8'))), 'hex')`,
    })
    .from(a)
    .where(eq(a.masterplanId, masterplanId))
    .orderBy(asc(a.atomNumber));
  const byTask = new Map<TaskId, StoredAtom[]>();
  for (const row of rows) {
    if (row.taskId === null) continue;
    const taskId = row.taskId as TaskId;
    const atoms = byTask.get(taskId) ?? [];
    atoms.push({ ...row, taskId } as StoredAtom);
    byTask.set(taskId, atoms);
  }
  return byTask;
}

async function deleteOthers(tx: Tx, masterplanId: MasterplanId, kept: readonly AtomRow[]): Promise<void> {
  const ids = kept.filter((row) => !row.isNew).map((row) => row.atomId);
  const a = schema.atomicUnits;
  const others = sql`${a.atomId} not in (select unnest(${sql.param(ids)}::uuid[]))`;
  await tx.delete(a).where(and(eq(a.masterplanId, masterplanId), others));
}

async function store(
  tx: Tx,
  masterplanId: MasterplanId,
  drafts: readonly TaskDraft[],
  files: readonly AtomizedFile[],
): Promise<number> {
  const stored = await storedAtoms(tx, masterplanId);
  const rows: AtomRow[] = [];
  const breather = new Breather();
  for (const [i, draft] of drafts.entries()) {
    const file = files[i] as AtomizedFile;
    const where = { masterplanId, taskId: draft.taskId, firstNumber: rows.length + 1 };
    for (const row of rowsOf(where, draft.file, file.encoding, file.atoms, stored.get(draft.taskId) ?? []))
      rows.push(row);
    await breather.pause();
  }
  if (stored.size > 0) await deleteOthers(tx, masterplanId, rows);
  await writeRows(tx, rows);
  return rows.length;
}

async function markDecomposed(tx: Tx, drafts: readonly TaskDraft[]): Promise<void> {
  const changed = drafts
    .filter((draft) => !isCurrent(draft))
    .map((draft) => ({ task_id: draft.taskId, sha256: draft.sha256 }));
  await tx.execute(sql`
    update masterplan_tasks t set decomposed_sha256 = rows.sha256
    from json_to_recordset(${JSON.stringify(changed)}::json) as rows (task_id uuid, sha256 text)
    where t.task_id = rows.task_id`);
}

/** A graph of other atoms says nothing about these: it is built again. */
async function updatePlan(tx: Tx, masterplanId: MasterplanId, totalAtoms: number): Promise<void> {
  const { masterplans } = schema;
  await tx
    .update(masterplans)
    .set({ totalAtoms, graphId: null, totalWaves: 0, maxParallelism: 0, updatedAt: sql`now()` })
    .where(eq(masterplans.masterplanId, masterplanId));
}

async function lockPlan(tx: Tx, masterplanId: MasterplanId): Promise<void> {
  await tx.execute(sql`select 1 from masterplans where masterplan_id = ${masterplanId} for update`);
}

/**
 * Cuts the drafts of all tasks into atoms and stores them. Idempotent: with unchanged drafts nothing is written; after a change,
 * atoms whose text is still there keep their rows and ids.
 * @throws {MgeError} NOT_FOUND, PLAN_FAILED, CONFLICT (still planning; tasks without a draft), EXECUTION_RUNNING, LIMIT_EXCEEDED.
 */
export async function decomposeMasterplan(
  deps: StageDeps & { readonly atomizer: Atomizer },
  masterplanId: MasterplanId,
  options: DecomposeOptions = {},
): Promise<DecomposeSummary> {
  const before = await readDrafts(deps.db, masterplanId);
  if (before.every(isCurrent)) {
    const summary = await summarize(deps.db, masterplanId, true);
    if (summary !== null) return summary;
  }
  await refuseWhileExecuting(deps.db, masterplanId);
  const started = deps.clock.now().getTime();
  const cut = await deps.atomizer.atomize(
    before.map((draft) => draft.file),
    options,
  );
  const files = await linkTests(await linkNames(cut), (index, atom) =>
    Buffer.from(sliceOf((before[index] as TaskDraft).file, atom)).toString(),
  );
  const summary = await deps.db.transaction(async (tx) => {
    await lockPlan(tx, masterplanId);
    await refuseWhileExecuting(tx, masterplanId);
    const drafts = await readDrafts(tx, masterplanId);
    if (drafts.length !== before.length || drafts.some((draft, i) => draft.sha256 !== before[i]?.sha256)) {
      throw new MgeError('CONFLICT', `The tasks of masterplan ${masterplanId} changed meanwhile; decompose it again.`);
    }
    const current = drafts.every(isCurrent) ? await summarize(tx, masterplanId, true) : null;
    if (current !== null) return current;
    const totalAtoms = await store(tx, masterplanId, drafts, files);
    await markDecomposed(tx, drafts);
    await updatePlan(tx, masterplanId, totalAtoms);
    return summarize(tx, masterplanId, false);
  });
  if (summary === null) throw new MgeError('INTERNAL', `Masterplan ${masterplanId} was decomposed into nothing.`);
  const durationMs = deps.clock.now().getTime() - started;
  deps.log.info(
    { masterplanId, atoms: summary.totalAtoms, tasks: summary.totalTasks, durationMs },
    'masterplan decomposed',
  );
  return summary;
}
