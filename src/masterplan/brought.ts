/** Plans and code that the client brings: as good as planned ones. */
import { LANGUAGE_IDS, languageOf } from '../adapters/parser/languages.ts';
import {
  type FieldProblem,
  MgeError,
  type Plan,
  type PlannedMilestone,
  type PlannedTask,
  type TaskComplexity,
} from '../domain/index.ts';
import { type BroughtFile, type BroughtTask, type CreateMasterplanInput, refuse } from './input.ts';
import { pathCollisions, pathProblem } from './paths.ts';
import { checksOf } from './project-checks.ts';
import { isStorable, isWellFormed } from './storable.ts';

/** Tasks and files together. */
export const MAX_BROUGHT_ENTRIES = 2_000;
const MAX_BYTES = 20 * 1024 * 1024;

interface Brought {
  readonly task: PlannedTask;
  /** JSON Pointer of its entry. */
  readonly pointer: string;
  readonly pathMember: 'file_path' | 'path';
}

/** Code lines decide: what a reviewer needs to know before reading it. */
function complexityOf(draft: Uint8Array | null): TaskComplexity {
  if (draft === null) return 'medium';
  const lines = draft.reduce((count, byte) => (byte === 10 ? count + 1 : count), 0);
  if (lines > 300) return 'high';
  return lines > 60 ? 'medium' : 'low';
}

function taskTypeOf(path: string): string {
  if (/(^|\/)(tests?|__tests__|spec)\/|\.(test|spec)\.[a-z]+$|(^|\/)test_[^/]*\.py$|_test\.[a-z]+$/.test(path))
    return 'test';
  if (/\.(md|rst|txt)$/.test(path)) return 'docs';
  return /\.(json|ya?ml|toml|ini|cfg|lock)$/.test(path) ? 'config' : 'code';
}

function fromTask(task: BroughtTask, index: number): Brought {
  const draft = task.code === undefined ? null : Buffer.from(task.code, 'utf8');
  const priority = task.priority ?? 'must';
  return {
    pointer: `/tasks/${index}`,
    pathMember: 'file_path',
    task: {
      key: task.file_path,
      name: task.name,
      description: task.description,
      filePath: task.file_path,
      language: task.language ?? languageOf(task.file_path, draft ?? undefined),
      draft,
      taskType: taskTypeOf(task.file_path),
      complexity: complexityOf(draft),
      priority,
      dependsOn: task.depends_on ?? [],
      acceptance: (task.tests ?? []).map((test) => ({
        text: `${priority.toUpperCase()}: ${test} passes`,
        priority,
        test,
      })),
    },
  };
}

function bytesOf(file: BroughtFile): Uint8Array {
  return Buffer.from(file.content, file.encoding === 'base64' ? 'base64' : 'utf8');
}

function fromFile(file: BroughtFile, index: number): Brought {
  const draft = bytesOf(file);
  return {
    pointer: `/files/${index}`,
    pathMember: 'path',
    task: {
      key: file.path,
      name: file.path.slice(-300),
      description: `Brought by the client: ${file.path}.`,
      filePath: file.path,
      language: languageOf(file.path, draft),
      draft,
      taskType: taskTypeOf(file.path),
      complexity: complexityOf(draft),
      priority: 'must',
      dependsOn: [],
      acceptance: [],
    },
  };
}

function checkLimits(brought: readonly Brought[]): void {
  const bytes = brought.reduce((sum, { task }) => sum + (task.draft?.length ?? 0), 0);
  if (brought.length > MAX_BROUGHT_ENTRIES) throw limit(`${brought.length} tasks and files`, `${MAX_BROUGHT_ENTRIES}`);
  if (bytes > MAX_BYTES) throw limit(`${bytes} bytes of source`, `${MAX_BYTES} bytes`);
}

function limit(found: string, most: string): MgeError {
  return new MgeError(
    'LIMIT_EXCEEDED',
    `The request brings ${found}; at most ${most} are taken. Split it into several masterplans.`,
  );
}

function base64Problems(files: readonly BroughtFile[]): FieldProblem[] {
  return files.flatMap((file, index) => {
    if (file.encoding !== 'base64') {
      return isWellFormed(file.content)
        ? []
        : [{ pointer: `/files/${index}/content`, detail: 'holds half of a surrogate pair; send it as base64' }];
    }
    const text = file.content.replace(/\s+/g, '');
    const valid = /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0;
    return valid ? [] : [{ pointer: `/files/${index}/content`, detail: 'is not base64' }];
  });
}

/** `depends_on` names tasks, so that a name which two of them share would say nothing. */
function nameProblems(tasks: readonly BroughtTask[]): FieldProblem[] {
  const first = new Map<string, number>();
  return tasks.flatMap(({ name }, index) => {
    const before = first.get(name);
    if (before === undefined) {
      first.set(name, index);
      return [];
    }
    return [{ pointer: `/tasks/${index}/name`, detail: `is the name of /tasks/${before} too; give each task its own` }];
  });
}

function textProblems(tasks: readonly BroughtTask[]): FieldProblem[] {
  return tasks.flatMap((task, index) => {
    const at = `/tasks/${index}`;
    const problems: FieldProblem[] = [];
    if (task.name.trim() === '' || task.name.length > 300 || !isStorable(task.name)) {
      problems.push({ pointer: `${at}/name`, detail: 'must have 1 to 300 characters' });
    }
    if (!isStorable(task.description))
      problems.push({ pointer: `${at}/description`, detail: 'must not hold NUL or half of a surrogate pair' });
    if (task.code !== undefined && !isWellFormed(task.code)) {
      problems.push({
        pointer: `${at}/code`,
        detail: 'holds half of a surrogate pair; bring the file as base64 in "files"',
      });
    }
    if (task.language !== undefined && !LANGUAGE_IDS.includes(task.language)) {
      problems.push({ pointer: `${at}/language`, detail: `is not known; known are ${LANGUAGE_IDS.join(', ')}` });
    }
    return problems;
  });
}

function pathProblems(brought: readonly Brought[]): FieldProblem[] {
  const unsafe = brought.flatMap(({ task, pointer, pathMember }) => {
    const problem = pathProblem(task.filePath);
    return problem === null ? [] : [{ pointer: `${pointer}/${pathMember}`, detail: problem }];
  });
  const collisions = pathCollisions(brought.map(({ task }) => task.filePath)).flatMap(({ index, problem }) => {
    const entry = brought[index];
    return entry === undefined ? [] : [{ pointer: `${entry.pointer}/${entry.pathMember}`, detail: problem }];
  });
  return [...unsafe, ...collisions];
}

interface Resolved {
  readonly brought: readonly Brought[];
  readonly problems: readonly FieldProblem[];
}

/** Turns `depends_on` (file paths or task names) into task keys. */
function resolveDependencies(brought: readonly Brought[]): Resolved {
  const keys = new Set(brought.map(({ task }) => task.key));
  const byName = new Map<string, string[]>();
  for (const { task } of brought) byName.set(task.name, [...(byName.get(task.name) ?? []), task.key]);
  const problems: FieldProblem[] = [];
  const resolved = brought.map((entry) => {
    const dependsOn = entry.task.dependsOn.flatMap((name, index) => {
      const named = keys.has(name) ? [name] : (byName.get(name) ?? []);
      if (named.length === 1 && named[0] !== entry.task.key) return named;
      const detail =
        named.length === 0
          ? `names no task or file: "${name}"`
          : named.length > 1
            ? `"${name}" names several tasks: use the file path`
            : 'a task cannot depend on itself';
      problems.push({ pointer: `${entry.pointer}/depends_on/${index}`, detail });
      return [];
    });
    return { ...entry, task: { ...entry.task, dependsOn: [...new Set(dependsOn)] } };
  });
  return { brought: resolved, problems };
}

/** The keys of one circle of dependencies, in order, or null where there is none. */
export function findCircle(tasks: readonly PlannedTask[]): string[] | null {
  const byKey = new Map(tasks.map((task) => [task.key, task]));
  const finished = new Set<string>();
  for (const task of tasks) {
    const circle = walk(task.key, byKey, finished);
    if (circle !== null) return circle;
  }
  return null;
}

function walk(start: string, byKey: ReadonlyMap<string, PlannedTask>, finished: Set<string>): string[] | null {
  const path: { key: string; next: number }[] = [{ key: start, next: 0 }];
  const onPath = new Set([start]);
  for (let top = path.at(-1); top !== undefined && !finished.has(start); top = path.at(-1)) {
    const next = byKey.get(top.key)?.dependsOn[top.next];
    top.next += 1;
    if (next === undefined) {
      finished.add(top.key);
      onPath.delete(top.key);
      path.pop();
    } else if (onPath.has(next)) {
      return [...path.slice(path.findIndex((step) => step.key === next)).map((step) => step.key), next];
    } else if (!finished.has(next)) {
      path.push({ key: next, next: 0 });
      onPath.add(next);
    }
  }
  return null;
}

function checkCircle(brought: readonly Brought[]): void {
  const circle = findCircle(brought.map(({ task }) => task));
  const first = brought.find(({ task }) => task.key === circle?.[0]);
  if (circle === null || first === undefined) return;
  refuse([{ pointer: `${first.pointer}/depends_on`, detail: `forms a circle: ${circle.join(' -> ')}` }], 'The plan');
}

function milestonesOf(tasks: readonly PlannedTask[]): PlannedMilestone[] {
  const folders = new Map<string, PlannedTask[]>();
  for (const task of tasks) {
    const folder = task.filePath.includes('/') ? task.filePath.slice(0, task.filePath.indexOf('/')) : '.';
    folders.set(folder, [...(folders.get(folder) ?? []), task]);
  }
  return [...folders].map(([folder, own]) => ({
    name: (folder === '.' ? 'Project root' : folder).slice(0, 200),
    description: folder === '.' ? 'Files at the root of the project' : `Files below ${folder}/`,
    tasks: own,
  }));
}

/** The first line of a request, as a title. */
export function titleOf(request: string): string {
  const line = request.trim().split(/\r?\n/)[0] ?? '';
  return line.length > 80 ? `${line.slice(0, 79).trimEnd()}…` : line;
}

/** The plan that the client brings, or null where it brings none.
 * @throws {MgeError} VALIDATION_FAILED with a pointer per problem, LIMIT_EXCEEDED for more than the service takes.
 */
export function broughtPlan(input: CreateMasterplanInput): Plan | null {
  const { tasks = [], files = [] } = input;
  if (tasks.length + files.length === 0) return null;
  const entries = [...tasks.map(fromTask), ...files.map(fromFile)];
  checkLimits(entries);
  const { brought, problems } = resolveDependencies(entries);
  refuse(
    [...textProblems(tasks), ...nameProblems(tasks), ...base64Problems(files), ...pathProblems(entries), ...problems],
    'The plan',
  );
  checkCircle(brought);
  const planned = brought.map(({ task }) => task);
  const open = planned.filter((task) => task.draft === null).length;
  return {
    projectName: titleOf(input.userRequest),
    description: input.userRequest.slice(0, 2_000),
    architectureStyle: 'as brought',
    techStack: {},
    phases: [
      { name: 'core', description: 'The tasks and files that the client brought', milestones: milestonesOf(planned) },
    ],
    checks: checksOf(planned),
    understood: [`${tasks.length} task(s) and ${files.length} file(s) brought by the client`],
    assumed: [],
    leftOut: open === 0 ? [] : [`${open} task(s) come without code: the provider writes them`],
  };
}

/**
 * Refuses a brought plan that the provider cannot finish: the blueprint provider writes nothing that is not in its blueprints.
 * @throws {MgeError} REQUEST_NOT_SERVED naming the tasks without code.
 */
export function checkServed(plan: Plan, provider: string): void {
  if (provider !== 'blueprint') return;
  const open = plan.phases
    .flatMap((phase) => phase.milestones.flatMap((milestone) => milestone.tasks))
    .filter((task) => task.draft === null);
  if (open.length === 0) return;
  const names = open.slice(0, 10).map((task) => `"${task.name}" (${task.filePath})`);
  const more = open.length > names.length ? ` and ${open.length - names.length} more` : '';
  throw new MgeError(
    'REQUEST_NOT_SERVED',
    `The blueprint provider cannot write these tasks, which come without code: ${names.join(', ')}${more}. Bring their code, or choose a provider with a model.`,
    { details: { tasks_without_code: open.map((task) => task.filePath) } },
  );
}
