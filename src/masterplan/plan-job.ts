/** Planning with a model: a worker makes the plan, then the drafts of its tasks, and can go on where another one stopped. */
import { and, asc, eq } from 'drizzle-orm';
import type { CallMeter, CodeProvider } from '../adapters/llm/provider.ts';
import type { StageDeps } from '../adapters/runtime.ts';
import * as schema from '../db/schema/index.ts';
import { type AcceptanceCriterion, type MasterplanId, MgeError, type PlannedTask } from '../domain/index.ts';
import { checkPlan } from './create.ts';
import { drawDrafts } from './model/draw-drafts.ts';
import type { PatternSource } from './patterns/pattern.ts';
import { checksOf } from './project-checks.ts';
import { draftColumns, storePlanned } from './store.ts';

export interface PlanJobDeps extends StageDeps {
  readonly provider: CodeProvider;
  readonly meter: CallMeter;
  /** Where examples for prompts come from; without it there are none. */
  readonly patterns?: PatternSource;
}

export interface PlanJobOptions {
  readonly signal: AbortSignal;
  /** Called with tasks that have a draft and tasks in all. */
  readonly onProgress: (done: number, total: number) => void;
}

const { masterplans, masterplanTasks, discoveryDocuments } = schema;

/**
 * Makes what a masterplan in `planning` lacks: its tasks, then each task's draft, each stored as soon as it is there. Answers that
 * were paid for before come from the meter. Doing it again changes nothing.
 * @throws {MgeError} PLAN_FAILED and what the meter and the provider throw. The masterplan is `failed` then, unless the failure passes.
 */
export async function runPlanJob(
  deps: PlanJobDeps,
  masterplanId: MasterplanId,
  options: PlanJobOptions,
): Promise<{ tasks: number }> {
  const plan = await readRequest(deps, masterplanId);
  if (plan === null) return { tasks: (await readTasks(deps, masterplanId)).length };
  let tasks = await readTasks(deps, masterplanId);
  if (tasks.length === 0) {
    const made = await deps.provider.plan(
      {
        userRequest: plan.userRequest,
        spec: plan.spec,
        seed: plan.seed,
        deterministic: plan.deterministic,
        masterplanId,
      },
      options.signal,
      deps.meter,
    );
    checkPlan(made);
    await storePlanned(deps, masterplanId, made);
    tasks = await readTasks(deps, masterplanId);
  }
  const project = await readProject(deps, masterplanId);
  const drafted = await drawDrafts({
    provider: deps.provider,
    meter: deps.meter,
    project,
    tasks,
    seed: plan.seed,
    deterministic: plan.deterministic,
    masterplanId,
    ...(deps.patterns === undefined ? {} : { patterns: deps.patterns }),
    signal: options.signal,
    onProgress: options.onProgress,
    store: (task, draft) => storeDraft(deps, task.key, draft),
  });
  await endPlanning(deps, masterplanId, drafted);
  deps.log.info({ masterplanId, provider: deps.provider.name, tasks: drafted.length }, 'masterplan planned');
  return { tasks: drafted.length };
}

/** Marks a masterplan as failed to plan; one that is planned already stays so. */
export async function failPlanning(deps: StageDeps, masterplanId: MasterplanId, error: MgeError): Promise<void> {
  await deps.db
    .update(masterplans)
    .set({
      planningStatus: 'failed',
      planningError: { code: error.code, message: error.message },
      updatedAt: deps.clock.now(),
    })
    .where(and(eq(masterplans.masterplanId, masterplanId), eq(masterplans.planningStatus, 'planning')));
}

/** What was asked for; null when there is nothing left to plan. @throws {MgeError} NOT_FOUND */
async function readRequest(
  deps: StageDeps,
  masterplanId: MasterplanId,
): Promise<{ userRequest: string; spec: unknown; seed: number; deterministic: boolean } | null> {
  const [row] = await deps.db
    .select({
      status: masterplans.planningStatus,
      notes: masterplans.planNotes,
      config: masterplans.config,
      userRequest: discoveryDocuments.userRequest,
    })
    .from(masterplans)
    .innerJoin(discoveryDocuments, eq(discoveryDocuments.discoveryId, masterplans.discoveryId))
    .where(eq(masterplans.masterplanId, masterplanId));
  if (row === undefined) throw new MgeError('NOT_FOUND', `There is no masterplan ${masterplanId}.`);
  if (row.status !== 'planning') return null;
  return {
    userRequest: row.userRequest,
    spec: row.notes['spec'] ?? null,
    seed: Number(row.config['seed'] ?? 0),
    deterministic: row.config['deterministic'] === true,
  };
}

async function readProject(deps: StageDeps, masterplanId: MasterplanId) {
  const [row] = await deps.db
    .select({ name: masterplans.projectName, description: masterplans.description, techStack: masterplans.techStack })
    .from(masterplans)
    .where(eq(masterplans.masterplanId, masterplanId));
  return { name: row?.name ?? '', description: row?.description ?? '', techStack: row?.techStack ?? {} };
}

/** The tasks as planned; their keys are their ids. */
async function readTasks(deps: StageDeps, masterplanId: MasterplanId): Promise<PlannedTask[]> {
  const rows = await deps.db
    .select()
    .from(masterplanTasks)
    .where(eq(masterplanTasks.masterplanId, masterplanId))
    .orderBy(asc(masterplanTasks.taskNumber));
  return rows.map((row) => ({
    key: row.taskId,
    name: row.name,
    description: row.description,
    filePath: row.filePath ?? '',
    language: row.language ?? 'text',
    draft: row.draftBytes ?? (row.llmResponse === null ? null : Buffer.from(row.llmResponse, 'utf8')),
    taskType: row.taskType ?? 'code',
    complexity: row.complexity,
    priority: row.requirementPriority,
    dependsOn: row.dependsOnTasks,
    acceptance: row.acceptanceCriteria as AcceptanceCriterion[],
  }));
}

/** A task that names a model was written by it; what was brought or comes of a blueprint names none. */
async function storeDraft(deps: PlanJobDeps, taskId: string, draft: Uint8Array): Promise<void> {
  await deps.db
    .update(masterplanTasks)
    .set({
      ...draftColumns(draft),
      llmModel: (deps.provider.model ?? deps.provider.name).slice(0, 100),
      updatedAt: deps.clock.now(),
    })
    .where(eq(masterplanTasks.taskId, taskId));
}

/** The plan is ready; which parts can be checked as a whole shows in the drafts. */
async function endPlanning(deps: StageDeps, masterplanId: MasterplanId, tasks: readonly PlannedTask[]): Promise<void> {
  await deps.db.transaction(async (tx) => {
    const [row] = await tx
      .select({ notes: masterplans.planNotes })
      .from(masterplans)
      .where(eq(masterplans.masterplanId, masterplanId))
      .for('update');
    await tx
      .update(masterplans)
      .set({
        planningStatus: 'ready',
        planNotes: { ...row?.notes, checks: checksOf(tasks) },
        updatedAt: deps.clock.now(),
      })
      .where(and(eq(masterplans.masterplanId, masterplanId), eq(masterplans.planningStatus, 'planning')));
  });
}
