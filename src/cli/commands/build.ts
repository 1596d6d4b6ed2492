import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { count, eq } from 'drizzle-orm';
import { createLogger } from '../../adapters/telemetry/logger.ts';
import type { Config } from '../../config/index.ts';
import { schema } from '../../db/index.ts';
import { asId, MgeError, type MasterplanId } from '../../domain/index.ts';
import {
  awaitStage,
  cancelExecution,
  exportArtifact,
  getExecutionStatus,
  startExecution,
  submitStage,
  type ExecutionView,
} from '../../execution/index.ts';
import { createMasterplan, getMasterplan } from '../../masterplan/index.ts';
import { composeApplication, type Application } from '../compose.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { watchExecution, type ExecutionWatch } from '../watch-execution.ts';
import { Display, duration, lineKey, renderLine, renderRun, type RunProgress } from '../progress.ts';
import { checkProjectFolder, writeProject } from '../project-folder.ts';
import { readPrecision, renderSummary, type BuildSummary } from '../summary.ts';

export interface BuildOptions {
  readonly request: string;
  readonly out: string;
  /** Path of a JSON file with the structured specification. */
  readonly spec?: string;
  readonly concurrency?: number;
  /** Overwrite files of an earlier build that were changed since. Default false. */
  readonly force?: boolean;
}

class Interrupted extends Error {}

/** Who owns the plans that the command line makes. */
const LOCAL_USER = 'local';
/** Milliseconds after which the display moves on without news: for the clock in it, and for Ctrl-C. */
const REDRAW_MS = 250;
const STAGE_DEADLINE_MS = 30 * 60_000;
const UNDER_WAY = new Set(['queued', 'running']);

function readSpec(path: string | undefined): { spec?: unknown } {
  if (path === undefined) return {};
  try {
    return { spec: JSON.parse(readFileSync(path, 'utf8')) as unknown };
  } catch (error) {
    throw new MgeError(
      'VALIDATION_FAILED',
      `--spec ${path} is not a JSON file that can be read: ${(error as Error).message}`,
    );
  }
}

/** Runs a durable stage and waits for it, as the API does. */
async function stage(
  app: Application,
  masterplanId: MasterplanId,
  kind: 'decompose' | 'build_graph',
): Promise<Record<string, unknown>> {
  const { jobId } = await submitStage(app.deps, { masterplanId, kind });
  const job = await awaitStage(app.deps, jobId, STAGE_DEADLINE_MS);
  if (job.status === 'completed' && job.result) return job.result;
  throw new MgeError(
    job.error?.code ?? 'INTERNAL',
    job.error?.message ?? `${kind} did not end within ${duration(STAGE_DEADLINE_MS / 1000)}`,
  );
}

function progressOf(view: ExecutionView): RunProgress {
  return { ...view, elapsedSeconds: view.totalTimeSeconds };
}

/** Shows the run until it has ended. Ctrl-C cancels it and leaves no atom half-done. */
async function follow(
  app: Application,
  masterplanId: MasterplanId,
  executionId: string,
  display: Display,
  signal: AbortSignal,
): Promise<ExecutionView> {
  const watch = watchExecution(app, executionId);
  try {
    return await showUntilEnded(app, masterplanId, display, signal, watch);
  } finally {
    await watch.close();
  }
}

async function showUntilEnded(
  app: Application,
  masterplanId: MasterplanId,
  display: Display,
  signal: AbortSignal,
  watch: ExecutionWatch,
): Promise<ExecutionView> {
  for (;;) {
    const view = await getExecutionStatus(app.deps, masterplanId);
    if (!view) throw new MgeError('INTERNAL', `the execution of masterplan ${masterplanId} has disappeared`);
    const progress = progressOf(view);
    display.show(renderRun(progress), renderLine(progress), lineKey(progress));
    if (!UNDER_WAY.has(view.status)) return view;
    if (signal.aborted) {
      await cancelExecution(app.deps, { masterplanId, by: LOCAL_USER, reason: 'the build was interrupted' });
      throw new Interrupted('the build was interrupted; nothing was written');
    }
    await watch.changed(REDRAW_MS);
  }
}

async function summarise(
  app: Application,
  view: ExecutionView,
  base: Pick<BuildSummary, 'project' | 'folder' | 'files' | 'maxParallelism' | 'assumed' | 'leftOut'>,
): Promise<BuildSummary> {
  const { db } = app.deps;
  const one = async (rows: Promise<{ n: number }[]>) => (await rows)[0]?.n ?? 0;
  const attempts = await one(
    db
      .select({ n: count() })
      .from(schema.atomRetryHistory)
      .where(eq(schema.atomRetryHistory.executionId, view.executionId)),
  );
  const reviews = await one(
    db
      .select({ n: count() })
      .from(schema.humanReviewQueue)
      .where(eq(schema.humanReviewQueue.masterplanId, view.masterplanId)),
  );
  return {
    ...base,
    atoms: {
      total: view.atomsTotal,
      succeeded: view.atomsSucceeded,
      failed: view.atomsFailed,
      blocked: view.atomsBlocked,
    },
    waves: view.totalWaves,
    attempts,
    precisionPercent: view.precisionPercent,
    precision: readPrecision(view.precision),
    reviews,
    costUsd: view.totalCostUsd,
    seconds: view.totalTimeSeconds,
    provider: view.provider,
  };
}

async function build(
  app: Application,
  options: BuildOptions,
  display: Display,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { deps } = app;
  const created = await createMasterplan(
    { ...deps, providers: app.providers, defaults: app.defaults },
    { userRequest: options.request, userId: LOCAL_USER, sessionId: 'mge-build', ...readSpec(options.spec) },
  );
  const masterplanId = asId<MasterplanId>(created.masterplanId);
  const inWorker = created.planningStatus === 'planning';
  if (inWorker)
    display.say(`plan       ${created.provider ?? 'the model'} plans and writes the files; this takes minutes`);
  const atoms = inWorker ? await stage(app, masterplanId, 'decompose') : null;
  const plan = (inWorker ? await getMasterplan(deps, masterplanId) : null) ?? created;
  display.say(`plan       ${plan.projectName}: ${plan.totalTasks} files in ${plan.totalPhases} phases`);
  const cut = atoms ?? (await stage(app, masterplanId, 'decompose'));
  display.say(`atoms      ${String(cut['totalAtoms'])}`);
  const graph = await stage(app, masterplanId, 'build_graph');
  display.say(`graph      ${String(graph['totalEdges'])} edges, ${String(graph['totalWaves'])} waves`);

  const started = await startExecution(deps, {
    masterplanId,
    startedBy: LOCAL_USER,
    ...(options.concurrency ? { concurrency: options.concurrency } : {}),
  });
  const view = await follow(app, masterplanId, started.executionId, display, signal);
  display.keep();

  const { files } = await exportArtifact(deps, masterplanId);
  const folder = resolve(options.out);
  writeProject(folder, files, options.force);
  const summary = await summarise(app, view, {
    project: plan.projectName,
    folder: options.out,
    files: files.length,
    maxParallelism: Number(graph['maxParallelism']),
    assumed: plan.assumed,
    leftOut: plan.leftOut,
  });
  for (const line of renderSummary(summary)) display.say(line);
  if (view.status === 'completed') return EXIT.ok;
  display.say(
    `The run ended as ${view.status}: what failed is listed in the review queue, and marked as draft in the manifest.`,
  );
  return EXIT.failed;
}

/** The whole pipeline once: plan, atomize, graph, execute, validate, write. Exit code 1 when any atom or any check of the project failed. */
export async function runBuild(config: Config, options: BuildOptions): Promise<ExitCode> {
  checkProjectFolder(resolve(options.out), options.force);
  const display = new Display(process.stdout);
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const log = createLogger(config.logLevel === 'info' ? 'warn' : config.logLevel);
  const startedAt = performance.now();
  const app = await composeApplication(config, log);
  display.say(`services   ready after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  const worker = app.createWorker();
  try {
    await worker.start();
    return await build(app, options, display, interrupted.signal);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    display.say(error.message);
    return EXIT.interrupted;
  } finally {
    await worker.stop();
    await app.close();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
