import type { ProviderLookup } from '../adapters/llm/provider.ts';
import type { StageDeps } from '../adapters/runtime.ts';
import { DEFAULT_REVIEW_FRACTION, type MasterplanId, MgeError, type Plan, tasksOf } from '../domain/index.ts';
import { broughtPlan, checkServed, findCircle } from './brought.ts';
import { checkInput, type CreateMasterplanInput, refuse } from './input.ts';
import { readMarkdownPlan, type Requirement, unmetRequirements, withRequirements } from './markdown.ts';
import { testFileOf } from './model/read-plan.ts';
import { pathCollisions, pathProblem } from './paths.ts';
import { getMasterplan } from './read.ts';
import { isStorableJson } from './storable.ts';
import { type ResolvedConfig, storePlan, storeRequest } from './store.ts';
import type { MasterplanView } from './view.ts';

/** What the creation of masterplans needs beside the stage's own. */
export interface PlanningDeps extends StageDeps {
  readonly providers: ProviderLookup;
  readonly defaults: { readonly provider: string; readonly budgetUsd: number; readonly concurrency: number };
}

export interface CreateOptions {
  /** Ends the planning early. */
  readonly signal?: AbortSignal;
}

const DEFAULT_MAX_ATTEMPTS = 4;

function resolveConfig(deps: PlanningDeps, input: CreateMasterplanInput): ResolvedConfig {
  const config = input.config ?? {};
  return {
    provider: config.provider ?? deps.defaults.provider,
    ...(config.model === undefined ? {} : { model: config.model }),
    budget_usd: config.budget_usd ?? deps.defaults.budgetUsd,
    max_attempts: config.max_attempts ?? DEFAULT_MAX_ATTEMPTS,
    concurrency: config.concurrency ?? deps.defaults.concurrency,
    review_fraction: config.review_fraction ?? DEFAULT_REVIEW_FRACTION,
    seed: config.seed ?? 0,
    ...(config.atom_budget_usd === undefined ? {} : { atom_budget_usd: config.atom_budget_usd }),
    ...(config.wave_budget_usd === undefined ? {} : { wave_budget_usd: config.wave_budget_usd }),
    ...(config.deterministic === true ? { deterministic: true } : {}),
  };
}

/** A planner's output is checked like a client's: whatever made it, nothing unsafe or circular is stored. */
export function checkPlan(plan: Plan): void {
  const tasks = tasksOf(plan);
  const keys = new Set(tasks.map((task) => task.key));
  const unsafe = tasks.find((task) => pathProblem(task.filePath) !== null);
  const [collision] = pathCollisions(tasks.map((task) => task.filePath));
  const unknown = tasks.flatMap((task) => task.dependsOn).find((key) => !keys.has(key));
  const circle = findCircle(tasks);
  const problem =
    (tasks.length === 0 && 'it has no tasks') ||
    (keys.size < tasks.length && 'two tasks have the same key') ||
    (unsafe !== undefined && `the path "${unsafe.filePath}" ${pathProblem(unsafe.filePath) ?? ''}`) ||
    (collision !== undefined && `the path "${tasks[collision.index]?.filePath ?? ''}" ${collision.problem}`) ||
    (unknown !== undefined && `a task depends on "${unknown}", which is not in the plan`) ||
    (circle !== null && `its dependencies form a circle: ${circle.join(' -> ')}`);
  if (problem !== false) throw new MgeError('PLAN_FAILED', `The plan cannot be used: ${problem}.`);
}

/**
 * Plans a request and stores the plan (discovery document, masterplan, phases, milestones and tasks) in one transaction.
 * A client's own `tasks` and `files` are the plan where there are any; the provider plans the rest of the cases.
 * @throws {MgeError} VALIDATION_FAILED with a pointer per problem, LIMIT_EXCEEDED, REQUEST_NOT_SERVED, PLAN_FAILED.
 */
export async function createMasterplan(
  deps: PlanningDeps,
  input: CreateMasterplanInput,
  options: CreateOptions = {},
): Promise<MasterplanView> {
  checkInput(input);
  const document = readMarkdownPlan(input.userRequest);
  const config = resolveConfig(deps, input);
  const provider = deps.providers(config.provider, config.model ?? null);
  const signal = options.signal ?? new AbortController().signal;
  const request = { userRequest: input.userRequest, spec: input.spec ?? null, seed: config.seed };
  const resolved = { ...config, provider: provider.name };
  const tasks = [...(input.tasks ?? []), ...document.tasks];
  const brought = broughtPlan({ ...input, ...(tasks.length > 0 ? { tasks } : {}) });
  if (brought === null && provider.plansInJob === true) {
    refuseUnstorable(input.spec);
    return viewOf(deps, await storeRequest(deps, input, resolved, provider.model));
  }
  const plan = provable(brought ?? (await provider.plan(request, signal)), document.requirements, brought !== null);
  checkPlan(plan);
  checkServed(plan, provider.name);
  // Tasks without code are written by the model before they can be cut into atoms.
  const draftsMissing = provider.plansInJob === true && tasksOf(plan).some((task) => task.draft === null);
  const masterplanId = await storePlan(deps, input, plan, resolved, provider.model, { draftsMissing });
  deps.log.info({ masterplanId, provider: provider.name, tasks: tasksOf(plan).length }, 'masterplan stored');
  return viewOf(deps, masterplanId);
}

/** Requirements in the client's words: criteria of a brought plan; a blueprint proves its own, so that it says which it does not know. */
function provable(plan: Plan, requirements: readonly Requirement[], isBrought: boolean): Plan {
  if (isBrought) return withRequirements(plan, requirements, testFileOf);
  const unmet = unmetRequirements(requirements, tasksOf(plan));
  const notes = unmet.map(
    ({ priority, text }) => `${priority.toUpperCase()}: ${text} (no test of the blueprint proves it)`,
  );
  return { ...plan, leftOut: [...plan.leftOut, ...notes] };
}

function refuseUnstorable(spec: unknown): void {
  if (isStorableJson(spec)) return;
  refuse(
    [{ pointer: '/spec', detail: 'must not hold NUL or half of a surrogate pair' }],
    'The request for a masterplan',
  );
}

async function viewOf(deps: PlanningDeps, masterplanId: MasterplanId): Promise<MasterplanView> {
  const view = await getMasterplan(deps, masterplanId);
  if (view === null)
    throw new MgeError('NOT_FOUND', `The masterplan ${masterplanId} was deleted while it was being created.`);
  return view;
}
