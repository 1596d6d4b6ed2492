/** Writing a plan. */
import { and, eq } from 'drizzle-orm';
import type { StageDeps } from '../adapters/runtime.ts';
import { queueStageJob } from '../db/queries/queue-stage-job.ts';
import { newId } from '../db/ids.ts';
import type { Tx } from '../db/client.ts';
import * as schema from '../db/schema/index.ts';
import { type MasterplanId, type Plan, type PlannedTask, tasksOf } from '../domain/index.ts';
import { titleOf } from './brought.ts';
import type { CreateMasterplanInput } from './input.ts';

/** A masterplan's settings with every default filled in, as stored in `masterplans.config`. */
export interface ResolvedConfig {
  readonly provider: string;
  readonly model?: string;
  readonly budget_usd: number;
  readonly atom_budget_usd?: number;
  readonly wave_budget_usd?: number;
  readonly max_attempts: number;
  readonly concurrency: number;
  readonly review_fraction: number;
  readonly seed: number;
  readonly deterministic?: boolean;
}

const ROWS_PER_INSERT = 500;

/** A draft as text where nothing is lost by it, else as bytes. */
export function draftColumns(draft: Uint8Array | null): { llmResponse: string | null; draftBytes: Buffer | null } {
  if (draft === null) return { llmResponse: null, draftBytes: null };
  const bytes = Buffer.from(draft);
  const text = bytes.toString('utf8');
  const lossless = !text.includes('\0') && Buffer.from(text, 'utf8').equals(bytes);
  return lossless ? { llmResponse: text, draftBytes: null } : { llmResponse: null, draftBytes: bytes };
}

interface TaskIds {
  readonly byKey: ReadonlyMap<string, string>;
  readonly blocks: ReadonlyMap<string, readonly string[]>;
}

function assignIds(tasks: readonly PlannedTask[]): TaskIds {
  const byKey = new Map(tasks.map((task) => [task.key, newId<string>()]));
  const blocks = new Map<string, string[]>();
  for (const task of tasks) {
    const id = byKey.get(task.key) ?? '';
    for (const key of task.dependsOn) blocks.set(key, [...(blocks.get(key) ?? []), id]);
  }
  return { byKey, blocks };
}

interface Place {
  readonly masterplanId: MasterplanId;
  readonly phaseId: string;
  readonly milestoneId: string;
  readonly at: Date;
}

function taskRow(
  task: PlannedTask,
  number: number,
  ids: TaskIds,
  place: Place,
): typeof schema.masterplanTasks.$inferInsert {
  return {
    taskId: ids.byKey.get(task.key) ?? newId<string>(),
    masterplanId: place.masterplanId,
    phaseId: place.phaseId,
    milestoneId: place.milestoneId,
    taskNumber: number,
    name: task.name,
    description: task.description,
    complexity: task.complexity,
    taskType: task.taskType,
    dependsOnTasks: task.dependsOn.map((key) => ids.byKey.get(key) ?? ''),
    blocksTasks: [...(ids.blocks.get(task.key) ?? [])],
    targetFiles: [task.filePath],
    ...draftColumns(task.draft),
    filePath: task.filePath,
    language: task.language,
    requirementPriority: task.priority,
    acceptanceCriteria: task.acceptance.map((criterion) => ({ ...criterion })),
    createdAt: place.at,
    updatedAt: place.at,
  };
}

async function insertDiscovery(tx: Tx, input: CreateMasterplanInput, plan: Plan, at: Date): Promise<string> {
  const discoveryId = newId<string>();
  await tx.insert(schema.discoveryDocuments).values({
    discoveryId,
    sessionId: input.sessionId,
    userId: input.userId,
    userRequest: input.userRequest,
    domain: plan.projectName,
    aggregates: plan.understood,
    services: Object.entries(plan.techStack).map(([part, technology]) => `${part}: ${technology}`),
    assumptions: plan.assumed,
    clarificationsNeeded: plan.leftOut,
    createdAt: at,
    updatedAt: at,
  });
  return discoveryId;
}

/** Inserts phases, milestones and tasks; task numbers count from 1 through the whole plan. */
async function insertTasks(tx: Tx, plan: Plan, masterplanId: MasterplanId, at: Date): Promise<void> {
  const ids = assignIds(tasksOf(plan));
  const rows: (typeof schema.masterplanTasks.$inferInsert)[] = [];
  for (const [phaseIndex, phase] of plan.phases.entries()) {
    const phaseId = newId<string>();
    await tx.insert(schema.masterplanPhases).values({
      phaseId,
      masterplanId,
      phaseType: phase.name,
      phaseNumber: phaseIndex + 1,
      name: phase.name,
      description: phase.description,
      createdAt: at,
    });
    for (const [index, milestone] of phase.milestones.entries()) {
      const milestoneId = newId<string>();
      await tx.insert(schema.masterplanMilestones).values({
        milestoneId,
        phaseId,
        milestoneNumber: index + 1,
        name: milestone.name,
        description: milestone.description,
        createdAt: at,
      });
      const place = { masterplanId, phaseId, milestoneId, at };
      for (const task of milestone.tasks) rows.push(taskRow(task, rows.length + 1, ids, place));
    }
  }
  for (let from = 0; from < rows.length; from += ROWS_PER_INSERT) {
    await tx.insert(schema.masterplanTasks).values(rows.slice(from, from + ROWS_PER_INSERT));
  }
}

/** Stores a checked plan in one transaction: all of it is there, or nothing. */
export async function storePlan(
  deps: StageDeps,
  input: CreateMasterplanInput,
  plan: Plan,
  config: ResolvedConfig,
  model: string | null,
  options: { readonly draftsMissing?: boolean } = {},
): Promise<MasterplanId> {
  const masterplanId = newId<MasterplanId>();
  const at = deps.clock.now();
  await deps.db.transaction(async (tx) => {
    await insertMasterplan(
      tx,
      { masterplanId, input, plan, config, model, at },
      {
        planningStatus: options.draftsMissing === true ? 'planning' : 'ready',
      },
    );
    await insertTasks(tx, plan, masterplanId, at);
    if (options.draftsMissing === true) await queueStageJob(tx, { masterplanId, kind: 'plan' });
  });
  return masterplanId;
}

interface NewMasterplan {
  readonly masterplanId: MasterplanId;
  readonly input: CreateMasterplanInput;
  readonly plan: Plan;
  readonly config: ResolvedConfig;
  readonly model: string | null;
  readonly at: Date;
}

/** The request and the masterplan's own row; `columns` wins over what the plan says. */
async function insertMasterplan(
  tx: Tx,
  { masterplanId, input, plan, config, model, at }: NewMasterplan,
  columns: Partial<typeof schema.masterplans.$inferInsert>,
): Promise<void> {
  const discoveryId = await insertDiscovery(tx, input, plan, at);
  await tx.insert(schema.masterplans).values({
    masterplanId,
    discoveryId,
    sessionId: input.sessionId,
    userId: input.userId,
    ...planColumns(plan),
    llmModel: model,
    provider: config.provider,
    config: { ...config },
    createdAt: at,
    updatedAt: at,
    ...columns,
  });
}

/** What of a plan stands in the masterplan's own row. */
function planColumns(plan: Plan) {
  return {
    projectName: plan.projectName.slice(0, 200),
    description: plan.description,
    techStack: { ...plan.techStack },
    architectureStyle: plan.architectureStyle,
    totalPhases: plan.phases.length,
    totalMilestones: plan.phases.reduce((sum, phase) => sum + phase.milestones.length, 0),
    totalTasks: tasksOf(plan).length,
    planNotes: { understood: plan.understood, assumed: plan.assumed, left_out: plan.leftOut, checks: plan.checks },
  };
}

/** Stores a request whose plan a worker will make, and queues that work, in one transaction. */
export async function storeRequest(
  deps: StageDeps,
  input: CreateMasterplanInput,
  config: ResolvedConfig,
  model: string | null,
): Promise<MasterplanId> {
  const empty: Plan = {
    projectName: titleOf(input.userRequest),
    description: input.userRequest.slice(0, 2_000),
    architectureStyle: 'not planned yet',
    techStack: {},
    phases: [],
    checks: [],
    understood: [],
    assumed: [],
    leftOut: [],
  };
  const masterplanId = newId<MasterplanId>();
  const at = deps.clock.now();
  await deps.db.transaction(async (tx) => {
    await insertMasterplan(
      tx,
      { masterplanId, input, plan: empty, config, model, at },
      {
        planningStatus: 'planning',
        planNotes: { spec: input.spec ?? null },
      },
    );
    await queueStageJob(tx, { masterplanId, kind: 'plan' });
  });
  return masterplanId;
}

/** Stores the plan of a request that was stored before: its tasks have no drafts yet. */
export async function storePlanned(deps: StageDeps, masterplanId: MasterplanId, plan: Plan): Promise<void> {
  const at = deps.clock.now();
  await deps.db.transaction(async (tx) => {
    const [row] = await tx
      .update(schema.masterplans)
      .set({ ...planColumns(plan), updatedAt: at })
      .where(and(eq(schema.masterplans.masterplanId, masterplanId), eq(schema.masterplans.planningStatus, 'planning')))
      .returning({ discoveryId: schema.masterplans.discoveryId });
    if (row === undefined) return;
    await tx
      .update(schema.discoveryDocuments)
      .set({
        domain: plan.projectName,
        aggregates: plan.understood,
        services: Object.entries(plan.techStack).map(([part, technology]) => `${part}: ${technology}`),
        assumptions: plan.assumed,
        clarificationsNeeded: plan.leftOut,
        updatedAt: at,
      })
      .where(eq(schema.discoveryDocuments.discoveryId, row.discoveryId));
    await insertTasks(tx, plan, masterplanId, at);
  });
}
