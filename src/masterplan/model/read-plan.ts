/** From a model's answer to a plan, or to everything that is wrong with it. Pure. */
import { Compile } from 'typebox/compile';
import { fencedBlocks } from '../../adapters/llm/fenced-blocks.ts';
import type { FinishReason } from '../../adapters/llm/model-client.ts';
import { type Plan, type PlannedTask, tasksOf } from '../../domain/index.ts';
import { findCircle } from '../brought.ts';
import { type Requirement, unmetRequirements } from '../markdown.ts';
import { pathCollisions, pathProblem } from '../paths.ts';
import { isStorableJson } from '../storable.ts';
import { WirePlan, type WireTask } from './plan-schema.ts';

export type ReadPlan = { readonly plan: Plan } | { readonly errors: readonly string[] };

/** Tasks that a plan may have. */
const MAX_TASKS = 400;
const MAX_ERRORS = 40;

const compiled = Compile(WirePlan);

/** Never throws: what cannot be used comes back as the list of errors that the model is shown. */
export function readPlan(text: string, finish: FinishReason, requirements: readonly Requirement[] = []): ReadPlan {
  if (finish === 'refusal') return { errors: ['the answer was a refusal'] };
  if (finish === 'length' || finish === 'cut_off')
    return { errors: ['the answer was cut off before its end: plan fewer files or shorter descriptions'] };
  const json = jsonOf(text);
  if ('errors' in json) return json;
  if (!compiled.Check(json.value)) return { errors: schemaErrors(json.value) };
  const plan = planOf(json.value);
  const errors = [...planErrors(plan), ...requirementErrors(plan, requirements)];
  return errors.length > 0 ? { errors: errors.slice(0, MAX_ERRORS) } : { plan };
}

/** The JSON object in an answer, with or without a fence around it. */
export function jsonOf(text: string): { value: unknown } | { errors: string[] } {
  const { blocks } = fencedBlocks(text);
  const block = blocks.find((one) => one.text.trimStart().startsWith('{'));
  const whole = block?.text ?? text;
  const from = whole.indexOf('{');
  const to = whole.lastIndexOf('}');
  if (from < 0 || to < from) return { errors: ['the answer holds no JSON object'] };
  try {
    return { value: JSON.parse(whole.slice(from, to + 1)) as unknown };
  } catch (error) {
    return { errors: [`the answer is not JSON: ${(error as Error).message}`] };
  }
}

function schemaErrors(value: unknown): string[] {
  const errors = [...compiled.Errors(value)].map((error) => `${error.instancePath || '/'} ${error.message}`);
  return [...new Set(errors)].slice(0, MAX_ERRORS);
}

function planOf(wire: WirePlan): Plan {
  return {
    projectName: wire.project_name.trim().slice(0, 200) || 'Project',
    description: wire.description,
    architectureStyle: wire.architecture_style.slice(0, 100),
    techStack: Object.fromEntries(wire.tech_stack.map(({ part, technology }) => [part, technology])),
    phases: wire.phases.map((phase) => ({
      name: phase.name,
      description: phase.description,
      milestones: phase.milestones.map((milestone) => ({
        name: milestone.name.slice(0, 200),
        description: milestone.description,
        tasks: milestone.tasks.map(taskOf),
      })),
    })),
    checks: [],
    understood: wire.understood,
    assumed: wire.assumed,
    leftOut: wire.left_out,
  };
}

function taskOf(task: WireTask): PlannedTask {
  return {
    key: task.key,
    name: task.name.slice(0, 300),
    description: task.description,
    filePath: task.file_path,
    language: task.language,
    draft: null,
    taskType: task.task_type,
    complexity: task.complexity,
    priority: task.priority,
    dependsOn: [...new Set(task.depends_on)],
    acceptance: task.acceptance.map((criterion) => ({ ...criterion })),
  };
}

function planErrors(plan: Plan): string[] {
  const tasks = tasksOf(plan);
  if (tasks.length === 0) return ['the plan has no tasks'];
  if (tasks.length > MAX_TASKS) return [`the plan has ${tasks.length} tasks; at most ${MAX_TASKS} are taken`];
  const errors = [...keyErrors(tasks), ...pathErrors(tasks), ...dependencyErrors(tasks), ...acceptanceErrors(tasks)];
  if (!isStorableJson(plan)) errors.push('the plan holds NUL characters or halves of surrogate pairs');
  return errors;
}

function requirementErrors(plan: Plan, requirements: readonly Requirement[]): string[] {
  return unmetRequirements(requirements, tasksOf(plan)).map(
    ({ priority, text }) => `no acceptance criterion repeats the requirement ${priority.toUpperCase()}: ${text}`,
  );
}

function keyErrors(tasks: readonly PlannedTask[]): string[] {
  const seen = new Set<string>();
  return tasks.flatMap((task) => {
    if (task.key.trim() === '') return [`a task ("${task.name}") has an empty key`];
    if (task.name.trim() === '') return [`task "${task.key}" has no name`];
    if (seen.has(task.key)) return [`two tasks have the key "${task.key}"`];
    seen.add(task.key);
    return [];
  });
}

function pathErrors(tasks: readonly PlannedTask[]): string[] {
  const unsafe = tasks.flatMap((task) => {
    const problem = pathProblem(task.filePath);
    return problem === null ? [] : [`task "${task.key}": file_path "${task.filePath}" ${problem}`];
  });
  const collisions = pathCollisions(tasks.map((task) => task.filePath)).map(
    ({ index, problem }) => `task "${tasks[index]?.key ?? ''}": file_path "${tasks[index]?.filePath ?? ''}" ${problem}`,
  );
  return [...unsafe, ...collisions];
}

function dependencyErrors(tasks: readonly PlannedTask[]): string[] {
  const keys = new Set(tasks.map((task) => task.key));
  const unknown = tasks.flatMap((task) =>
    task.dependsOn
      .filter((key) => !keys.has(key))
      .map((key) => `task "${task.key}": depends_on names "${key}", which is no task's key`),
  );
  if (unknown.length > 0) return unknown;
  const circle = findCircle(tasks);
  return circle === null ? [] : [`the dependencies form a circle: ${circle.join(' -> ')}`];
}

function acceptanceErrors(tasks: readonly PlannedTask[]): string[] {
  const errors = tasks.flatMap((task) => {
    if (task.acceptance.length === 0) return [`task "${task.key}" has no acceptance criterion`];
    return task.acceptance.flatMap(({ test }) =>
      test === null || testFileOf(test, tasks) !== null
        ? []
        : [`task "${task.key}": the test "${test}" is in no test file of the plan`],
    );
  });
  const proven = tasks.some((task) => task.acceptance.some((one) => one.priority === 'must' && one.test !== null));
  if (!proven) errors.push('no "must" criterion of the plan names a test');
  return errors;
}

/** The task whose file holds the test of that name, as its runner reports it; null where there is none. */
export function testFileOf(test: string, tasks: readonly PlannedTask[]): PlannedTask | null {
  const file = test.split(/::| > /, 1)[0]?.trim() ?? '';
  if (file === '' || file === test.trim()) return null;
  return tasks.find((task) => task.filePath === file || task.filePath.endsWith(`/${file}`)) ?? null;
}

/** The part of a test's name that must stand in its file. */
export function testNameOf(test: string): string {
  const last = test.split(/::| > /).at(-1) ?? '';
  return last.replace(/\[.*\]$/, '').trim();
}
