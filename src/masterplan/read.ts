/** Reading and deleting stored masterplans. Deleted ones are as if they were not there. */
import { and, asc, desc, eq, getTableColumns, inArray, isNull, notExists, sql } from 'drizzle-orm';
import type { StageDeps } from '../adapters/runtime.ts';
import * as schema from '../db/schema/index.ts';
import {
  ACTIVE_EXECUTION_STATES,
  type AcceptanceCriterion,
  asId,
  type GraphId,
  isUuid,
  type MasterplanId,
  MgeError,
  type ProjectCheck,
} from '../domain/index.ts';
import type { MasterplanView, TaskView } from './view.ts';

const { masterplans, masterplanTasks, masterplanPhases, masterplanMilestones, discoveryDocuments, executions } = schema;

interface Row {
  readonly plan: typeof masterplans.$inferSelect;
  readonly userRequest: string;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];
}

function toView({ plan, userRequest }: Row): MasterplanView {
  const notes = plan.planNotes;
  return {
    masterplanId: asId(plan.masterplanId),
    discoveryId: plan.discoveryId,
    userId: plan.userId,
    sessionId: plan.sessionId,
    userRequest,
    projectName: plan.projectName,
    description: plan.description,
    status: plan.status,
    planningStatus: plan.planningStatus,
    provider: plan.provider,
    model: plan.llmModel,
    techStack: plan.techStack,
    totalPhases: plan.totalPhases,
    totalMilestones: plan.totalMilestones,
    totalTasks: plan.totalTasks,
    totalAtoms: plan.totalAtoms,
    totalWaves: plan.totalWaves,
    maxParallelism: plan.maxParallelism,
    graphId: plan.graphId === null ? null : asId<GraphId>(plan.graphId),
    precisionPercent: plan.precisionPercent,
    understood: texts(notes['understood']),
    assumed: texts(notes['assumed']),
    leftOut: texts(notes['left_out']),
    checks: (notes['checks'] ?? []) as ProjectCheck[],
    config: plan.config,
    createdAt: plan.createdAt,
    updatedAt: plan.updatedAt,
  };
}

function selectPlans(deps: StageDeps) {
  return deps.db
    .select({ plan: getTableColumns(masterplans), userRequest: discoveryDocuments.userRequest })
    .from(masterplans)
    .innerJoin(discoveryDocuments, eq(discoveryDocuments.discoveryId, masterplans.discoveryId));
}

/** The masterplan of an id; null when there is none, or it was deleted. */
export async function getMasterplan(deps: StageDeps, id: MasterplanId): Promise<MasterplanView | null> {
  const [row] = await selectPlans(deps).where(and(eq(masterplans.masterplanId, id), isNull(masterplans.deletedAt)));
  return row === undefined ? null : toView(row);
}

export interface ListQuery {
  /** Only masterplans of this user; all where it is missing. */
  readonly userId?: string;
  /** 1 to 100. */
  readonly limit: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
}

const MAX_LIMIT = 100;

function checkQuery({ limit, cursor }: ListQuery): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new MgeError('VALIDATION_FAILED', `"limit" must be a whole number from 1 to ${MAX_LIMIT}.`, {
      fields: [{ pointer: '?limit', detail: `must be a whole number from 1 to ${MAX_LIMIT}` }],
    });
  }
  if (cursor !== undefined && !isUuid(cursor)) {
    throw new MgeError('VALIDATION_FAILED', 'The cursor is not one of this list: start again without it.', {
      fields: [{ pointer: '?cursor', detail: 'is not a cursor of this list' }],
    });
  }
}

/** Masterplans, newest first, in pages. */
export async function listMasterplans(
  deps: StageDeps,
  query: ListQuery,
): Promise<{ items: MasterplanView[]; nextCursor: string | null }> {
  checkQuery(query);
  const after =
    query.cursor === undefined
      ? undefined
      : sql`(${masterplans.createdAt}, ${masterplans.masterplanId}) < (select c.created_at, c.masterplan_id from masterplans c where c.masterplan_id = ${query.cursor})`;
  const rows = await selectPlans(deps)
    .where(
      and(
        isNull(masterplans.deletedAt),
        query.userId === undefined ? undefined : eq(masterplans.userId, query.userId),
        after,
      ),
    )
    .orderBy(desc(masterplans.createdAt), desc(masterplans.masterplanId))
    .limit(query.limit + 1);
  const items = rows.slice(0, query.limit).map(toView);
  return { items, nextCursor: rows.length > query.limit ? (items.at(-1)?.masterplanId ?? null) : null };
}

/** The tasks of a masterplan in plan order; an unknown masterplan has none. */
export async function listTasks(deps: StageDeps, id: MasterplanId): Promise<TaskView[]> {
  const { llmResponse, draftBytes, ...columns } = getTableColumns(masterplanTasks);
  const rows = await deps.db
    .select({
      ...columns,
      phase: masterplanPhases.name,
      milestone: masterplanMilestones.name,
      draftSize: sql<number | null>`coalesce(octet_length(${draftBytes}), octet_length(${llmResponse}))`,
    })
    .from(masterplanTasks)
    .innerJoin(masterplanMilestones, eq(masterplanMilestones.milestoneId, masterplanTasks.milestoneId))
    .innerJoin(masterplanPhases, eq(masterplanPhases.phaseId, masterplanMilestones.phaseId))
    .where(eq(masterplanTasks.masterplanId, id))
    .orderBy(asc(masterplanTasks.taskNumber), asc(masterplanTasks.taskId));
  return rows.map((row) => ({
    taskId: asId(row.taskId),
    masterplanId: asId(row.masterplanId),
    taskNumber: row.taskNumber,
    phase: row.phase,
    milestone: row.milestone,
    name: row.name,
    description: row.description,
    filePath: row.filePath,
    targetFiles: row.targetFiles,
    language: row.language,
    taskType: row.taskType,
    complexity: row.complexity,
    priority: row.requirementPriority,
    status: row.status,
    dependsOn: row.dependsOnTasks.filter(isUuid).map((task) => asId(task)),
    acceptance: row.acceptanceCriteria as AcceptanceCriterion[],
    hasDraft: row.draftSize !== null,
    draftBytes: row.draftSize ?? 0,
  }));
}

/**
 * Deletes a masterplan: it is no longer read or listed; its rows stay for the audit.
 * @throws {MgeError} NOT_FOUND; EXECUTION_RUNNING while an execution of it is active.
 */
export async function deleteMasterplan(deps: StageDeps, id: MasterplanId): Promise<void> {
  const now = deps.clock.now();
  const active = deps.db
    .select({ one: sql`1` })
    .from(executions)
    .where(and(eq(executions.masterplanId, id), inArray(executions.status, [...ACTIVE_EXECUTION_STATES])));
  const deleted = await deps.db
    .update(masterplans)
    .set({ deletedAt: now, updatedAt: now })
    .where(and(eq(masterplans.masterplanId, id), isNull(masterplans.deletedAt), notExists(active)))
    .returning({ id: masterplans.masterplanId });
  if (deleted.length > 0) return;
  if ((await getMasterplan(deps, id)) === null) throw new MgeError('NOT_FOUND', `There is no masterplan ${id}.`);
  throw new MgeError('EXECUTION_RUNNING', `The masterplan ${id} has an active execution: cancel it first.`);
}
