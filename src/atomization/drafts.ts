/** The drafts of a masterplan's tasks: what decomposition starts from. */
import { createHash } from 'node:crypto';
import { asc, eq, sql } from 'drizzle-orm';
import { languageOf } from '../adapters/parser/index.ts';
import { schema, type Tx } from '../db/index.ts';
import { type MasterplanId, MgeError, type SourceFile, type TaskId } from '../domain/index.ts';

/** One task with its draft source. */
export interface TaskDraft {
  readonly taskId: TaskId;
  readonly taskNumber: number;
  readonly file: SourceFile;
  readonly sha256: string;
  /** SHA-256 of the draft that the stored atoms were cut from; null when there are none. */
  readonly decomposedSha256: string | null;
}

interface TaskRow {
  readonly taskId: string;
  readonly taskNumber: number;
  readonly name: string;
  readonly filePath: string | null;
  readonly targetFiles: readonly string[];
  readonly language: string | null;
  readonly text: string | null;
  readonly bytes: Buffer | null;
  readonly decomposedSha256: string | null;
}

const pathOf = (task: TaskRow): string | undefined => task.filePath ?? task.targetFiles[0];

const listed = (tasks: readonly TaskRow[]): string => {
  const shown = tasks.slice(0, 10).map((task) => `${String(task.taskNumber)} "${task.name}"`);
  return shown.join(', ') + (tasks.length > shown.length ? ` and ${String(tasks.length - shown.length)} more` : '');
};

function refuse(tasks: readonly TaskRow[], why: string): void {
  if (tasks.length === 0) return;
  throw new MgeError('CONFLICT', `${why}: task ${listed(tasks)}.`, {
    details: { tasks: tasks.slice(0, 100).map((task) => ({ task_id: task.taskId, name: task.name })) },
  });
}

function sharedPaths(tasks: readonly TaskRow[]): TaskRow[] {
  const counts = new Map<string, number>();
  for (const task of tasks) counts.set(pathOf(task) ?? '', (counts.get(pathOf(task) ?? '') ?? 0) + 1);
  return tasks.filter((task) => (counts.get(pathOf(task) ?? '') ?? 0) > 1);
}

function toDraft(task: TaskRow): TaskDraft {
  const path = pathOf(task) ?? '';
  const bytes = task.bytes ?? Buffer.from(task.text ?? '');
  const language = task.language ?? languageOf(path, bytes.subarray(0, 256));
  return {
    taskId: task.taskId as TaskId,
    taskNumber: task.taskNumber,
    file: { path, language, bytes },
    sha256: createHash('sha256').update(bytes).digest('hex'),
    decomposedSha256: task.decomposedSha256,
  };
}

function planFailed(masterplanId: MasterplanId, error: Readonly<Record<string, unknown>> | null): MgeError {
  const why = typeof error?.['message'] === 'string' ? `: ${error['message']}` : '.';
  return new MgeError('PLAN_FAILED', `Planning of masterplan ${masterplanId} failed${why}`);
}

/**
 * All tasks of a masterplan in plan order, with their drafts.
 * @throws {MgeError} NOT_FOUND, PLAN_FAILED, or CONFLICT: still planning, tasks without a draft or a path, two tasks of one file.
 */
export async function readDrafts(tx: Tx, masterplanId: MasterplanId): Promise<TaskDraft[]> {
  const { masterplans, masterplanTasks: t } = schema;
  const [plan] = await tx
    .select({
      planningStatus: masterplans.planningStatus,
      planningError: masterplans.planningError,
      deletedAt: masterplans.deletedAt,
    })
    .from(masterplans)
    .where(eq(masterplans.masterplanId, masterplanId));
  if (plan === undefined || plan.deletedAt !== null)
    throw new MgeError('NOT_FOUND', `There is no masterplan ${masterplanId}.`);
  if (plan.planningStatus === 'failed') throw planFailed(masterplanId, plan.planningError);
  if (plan.planningStatus === 'planning') {
    throw new MgeError('CONFLICT', `Masterplan ${masterplanId} is still being planned.`, { retryAfterMs: 1_000 });
  }
  const rows: TaskRow[] = await tx
    .select({
      taskId: t.taskId,
      taskNumber: t.taskNumber,
      name: t.name,
      filePath: t.filePath,
      targetFiles: t.targetFiles,
      language: t.language,
      text: t.llmResponse,
      bytes: t.draftBytes,
      decomposedSha256: t.decomposedSha256,
    })
    .from(t)
    .where(eq(t.masterplanId, masterplanId))
    .orderBy(asc(t.taskNumber), sql`${t.taskId}`);
  if (rows.length === 0) throw new MgeError('CONFLICT', `Masterplan ${masterplanId} has no tasks.`);
  refuse(
    rows.filter((task) => task.text === null && task.bytes === null),
    'There is no draft source to decompose',
  );
  refuse(
    rows.filter((task) => pathOf(task) === undefined),
    'There is no file path',
  );
  refuse(sharedPaths(rows), 'One file belongs to several tasks');
  return rows.map(toDraft);
}
