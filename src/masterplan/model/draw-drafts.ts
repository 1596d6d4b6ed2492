import type { CallMeter, CodeProvider, DraftRequest } from '../../adapters/llm/provider.ts';
import { MgeError, type PlannedTask } from '../../domain/index.ts';
import type { PatternSource } from '../patterns/pattern.ts';
import { testFileOf } from './read-plan.ts';

/** Files that are written at once. */
const AT_ONCE = 8;

export interface DraftRun {
  readonly provider: CodeProvider;
  readonly meter: CallMeter;
  readonly project: DraftRequest['project'];
  /** `dependsOn` holds keys; no circles. */
  readonly tasks: readonly PlannedTask[];
  readonly seed: number;
  readonly deterministic?: boolean;
  readonly masterplanId?: string;
  /** Where examples for prompts come from; without it there are none. */
  readonly patterns?: PatternSource;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
  readonly store: (task: PlannedTask, draft: Uint8Array) => Promise<void>;
}

/**
 * Has the model write every task that has no draft yet, dependencies before dependents, so that each sees the code it uses. The first
 * failure ends the run; what is under way is ended, what is stored stays.
 * @returns all tasks, with their drafts.
 */
export async function drawDrafts(run: DraftRun): Promise<PlannedTask[]> {
  const drafts = new Map<string, Uint8Array>();
  for (const task of run.tasks) if (task.draft !== null) drafts.set(task.key, task.draft);
  const open = new Set(run.tasks.filter((task) => task.draft === null));
  const failed = new AbortController();
  const signal = AbortSignal.any([run.signal, failed.signal]);
  const running = new Map<PlannedTask, Promise<PlannedTask>>();
  const ready = () => [...open].filter((task) => !running.has(task) && task.dependsOn.every((key) => drafts.has(key)));
  run.onProgress(drafts.size, run.tasks.length);
  try {
    while (open.size > 0) {
      for (const task of ready().slice(0, AT_ONCE - running.size))
        running.set(
          task,
          write(run, task, drafts, signal).then(() => task),
        );
      if (running.size === 0)
        throw new MgeError('PLAN_FAILED', 'The tasks without code depend on each other in a circle.');
      const done = await Promise.race(running.values());
      running.delete(done);
      open.delete(done);
      run.onProgress(drafts.size, run.tasks.length);
    }
  } catch (error) {
    failed.abort();
    await Promise.allSettled(running.values());
    throw error;
  }
  return run.tasks.map((task) => ({ ...task, draft: drafts.get(task.key) ?? task.draft }));
}

async function write(
  run: DraftRun,
  task: PlannedTask,
  drafts: Map<string, Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const { provider } = run;
  if (provider.draft === undefined)
    throw new MgeError('REQUEST_NOT_SERVED', `The provider "${provider.name}" writes no files that are not there.`);
  const patterns =
    provider.takesPatterns === true && run.patterns !== undefined
      ? await run.patterns.find({
          text: `${task.name}. ${task.description}`,
          path: task.filePath,
          language: task.language,
        })
      : [];
  const draft = await provider.draft({ ...requestOf(run, task, drafts), patterns }, signal, run.meter);
  drafts.set(task.key, draft);
  await run.store(task, draft);
}

function requestOf(run: DraftRun, task: PlannedTask, drafts: ReadonlyMap<string, Uint8Array>): DraftRequest {
  const used = run.tasks.filter((other) => task.dependsOn.includes(other.key));
  const tests = run.tasks
    .flatMap((other) => other.acceptance.map((criterion) => criterion.test))
    .filter((test) => test !== null && testFileOf(test, run.tasks)?.key === task.key);
  return {
    project: run.project,
    task,
    files: run.tasks.map((other) => ({ path: other.filePath, purpose: other.name })),
    dependencies: used.map((other) => ({
      name: other.name,
      filePath: other.filePath,
      code: Buffer.from(drafts.get(other.key) ?? []).toString('utf8'),
    })),
    tests: [...new Set(tests.filter((test) => test !== null))],
    seed: run.seed,
    ...(run.deterministic === true ? { deterministic: true } : {}),
    ...(run.masterplanId === undefined ? {} : { masterplanId: run.masterplanId }),
  };
}
