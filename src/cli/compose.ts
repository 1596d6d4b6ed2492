import { startServices, type Services } from '../adapters/embedded/index.ts';
import type { AnswerCache } from '../adapters/llm/answer-cache.ts';
import type { ProviderLookup } from '../adapters/llm/provider.ts';
import { openQueues, type Queues } from '../adapters/queue/index.ts';
import { systemClock, type StageDeps } from '../adapters/runtime.ts';
import { detectSandbox, type Sandbox, sweepLeftovers } from '../adapters/sandbox/index.ts';
import type { Logger } from '../adapters/telemetry/logger.ts';
import { TroubleLog } from '../adapters/telemetry/trouble-log.ts';
import { createMetrics, type Metrics } from '../adapters/telemetry/metrics.ts';
import { createAtomizer, type Atomizer } from '../atomization/index.ts';
import type { Config } from '../config/index.ts';
import { openDatabase, type Database } from '../db/index.ts';
import { createStageHandlers, createWorker, type ExecutionDefaults, type Worker } from '../execution/index.ts';
import { createValidation, RedisResultCache, type Validation } from '../validation/index.ts';
import { migrateAtStart } from './migrate-at-start.ts';
import { openProviders } from './model-providers.ts';
import { openPatterns } from './patterns.ts';
import { programVersion } from './program-version.ts';

/** Connections of one process to Postgres: the worker's batches and the API's requests share them. */
const POOL_SIZE = 20;

/** The program with all its parts: the one place that knows them all. */
export interface Application {
  readonly config: Config;
  readonly version: string;
  readonly services: Services;
  readonly database: Database;
  /** What every stage takes. */
  readonly deps: StageDeps;
  readonly metrics: Metrics;
  readonly queues: Queues;
  readonly providers: ProviderLookup;
  /** Null where nothing calls a model, or it is switched off. */
  readonly answerCache: AnswerCache | null;
  readonly defaults: ExecutionDefaults;
  readonly atomizer: Atomizer;
  readonly sandbox: Sandbox;
  readonly validation: Validation;
  createWorker(): Worker;
  /** Closes everything in the reverse order of opening. */
  close(): Promise<void>;
}

/**
 * Starts what has to be started and wires the parts together.
 * @throws {MgeError} when a server cannot be reached or the database needs an explicit migration.
 */
export async function composeApplication(config: Config, log: Logger): Promise<Application> {
  const opened: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const step of opened.reverse().splice(0))
      await step().catch((error: unknown) => log.warn({ err: error }, 'closing failed'));
  };
  try {
    const services = await startServices(config, log);
    opened.push(() => services.stop());
    const database = openDatabase({
      url: services.databaseUrl,
      max: POOL_SIZE,
      onIdleError: (problem) => log.warn({ problem }, 'an idle database connection broke'),
    });
    opened.push(() => database.close());
    await migrateAtStart(database.pool, config.services.databaseUrl === null, log);

    const version = programVersion();
    const metrics = createMetrics({ version });
    const redis = new TroubleLog({ log, what: 'Redis' });
    const queues = openQueues({ url: services.redisUrl, onError: redis.trouble, onReady: redis.well });
    opened.push(() => queues.close());
    const swept = await sweepLeftovers();
    if (swept > 0) log.info({ folders: swept }, 'removed folders that killed processes left behind');
    const sandbox = await detectSandbox(log, config.sandbox);
    const atomizer = createAtomizer();
    opened.push(() => atomizer.close());
    const results = new RedisResultCache({
      redisUrl: services.redisUrl,
      // Results hold for this version of the program on tools like these.
      scope: async () => JSON.stringify([version, await validation.toolchains()]),
      log,
      metrics,
    });
    opened.push(() => Promise.resolve(results.close()));
    const validation: Validation = await createValidation({ sandbox, results, verdicts: results });
    opened.push(() => validation.close());

    const deps: StageDeps = { db: database.db, log, clock: systemClock };
    const models = openProviders({ config, redisUrl: services.redisUrl, db: database.db, log, metrics });
    opened.push(() => Promise.resolve(models.close()));
    const providers = models.lookup;
    const patterns = openPatterns({ config, chromaUrl: services.chromaUrl, log, metrics });
    opened.push(() => patterns.close());
    const examples = patterns.library === null ? {} : { patterns: patterns.library };
    const defaults: ExecutionDefaults = {
      provider: config.provider.name,
      model: config.provider.model,
      concurrency: config.concurrency,
      maxAttempts: 4,
      budgetUsd: config.budgetUsd,
    };
    providers(defaults.provider); // A provider that is not available is a problem at start, not at the first request.
    return {
      config,
      version,
      services,
      database,
      deps,
      metrics,
      queues,
      providers,
      answerCache: models.cache,
      defaults,
      atomizer,
      sandbox,
      validation,
      close,
      createWorker: () =>
        createWorker({
          ...deps,
          pool: database.pool,
          queues,
          providers,
          validation,
          defaults,
          metrics,
          ...examples,
          stages: createStageHandlers({
            ...deps,
            atomizer,
            providers,
            defaultBudgetUsd: defaults.budgetUsd,
            graph: { checked: config.checkedGraph },
            ...examples,
          }),
        }),
    };
  } catch (error) {
    await close();
    throw error;
  }
}
