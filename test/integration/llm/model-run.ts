/** A worker with a model provider whose API is the protocol server. */
import { createAtomizer } from '../../../src/atomization/index.ts';
import { openProviders, type Providers } from '../../../src/cli/model-providers.ts';
import { loadConfig, type Environment } from '../../../src/config/index.ts';
import { asId, type MasterplanId } from '../../../src/domain/index.ts';
import {
  awaitStage,
  createStageHandlers,
  submitStage,
  type StageJobView,
  type WorkerDeps,
} from '../../../src/execution/index.ts';
import { createMasterplan, type CreateMasterplanInput } from '../../../src/masterplan/index.ts';
import { ModelServer, type ModelServerOptions } from '../../support/model-server.ts';
import { type Harness, log } from '../execution/harness.ts';

export const API_KEY = 'test-key-that-must-not-show';

/** Dear enough for budgets to be felt: US dollars per million tokens. */
export const PRICES = JSON.stringify({ small: [100, 400], strong: [200, 800] });

export function modelEnvironment(server: ModelServer, more: Environment = {}): Environment {
  return {
    MGE_PROVIDER: 'openai',
    OPENAI_BASE_URL: server.openAiUrl,
    OPENAI_API_KEY: API_KEY,
    ANTHROPIC_BASE_URL: server.origin,
    ANTHROPIC_API_KEY: API_KEY,
    MGE_MODEL: 'small',
    MGE_MODEL_ESCALATE: 'strong',
    MGE_MODEL_PRICES: PRICES,
    ...more,
  };
}

export class ModelRun {
  readonly harness: Harness;
  readonly server: ModelServer;
  readonly providers: Providers;
  private readonly atomizer = createAtomizer({ threads: 1 });

  private constructor(harness: Harness, server: ModelServer, providers: Providers) {
    this.harness = harness;
    this.server = server;
    this.providers = providers;
  }

  static async open(harness: Harness, options: ModelServerOptions, more: Environment = {}): Promise<ModelRun> {
    const server = await ModelServer.start(options);
    const config = loadConfig(modelEnvironment(server, more), '/');
    const { url, prefix } = harness.redis;
    const retry = { retries: 2, baseMs: 10, capMs: 20 };
    return new ModelRun(harness, server, openProviders({ config, redisUrl: url, prefix, log, retry }));
  }

  worker(options: Partial<WorkerDeps> = {}) {
    const { harness, atomizer } = this;
    const providers = this.providers.lookup;
    const stages = createStageHandlers({ ...harness.deps, atomizer, providers });
    return harness.worker({ providers, stages, ...options });
  }

  create(input: Partial<CreateMasterplanInput> = {}, provider = 'openai') {
    const defaults = { provider, budgetUsd: 200, concurrency: 8 };
    return createMasterplan(
      { ...this.harness.deps, providers: this.providers.lookup, defaults },
      { userRequest: 'A small calculator library in Python', userId: 'u', sessionId: 's', ...input },
    );
  }

  async stage(masterplanId: MasterplanId, kind: 'decompose' | 'build_graph'): Promise<StageJobView> {
    const { jobId } = await submitStage(this.harness.deps, { masterplanId, kind });
    return awaitStage(this.harness.deps, jobId, 20_000);
  }

  /** Entries of the ledger of a masterplan. */
  async ledger(masterplanId: string) {
    const { rows } = await this.harness.database.pool.query<{
      operation: string;
      status: string;
      reserved: number;
      settled: number | null;
      model: string;
    }>(
      `select operation, status, reserved_usd::float8 as reserved, settled_usd::float8 as settled, model
       from cost_ledger where masterplan_id = $1 order by created_at`,
      [masterplanId],
    );
    return rows;
  }

  async setBudget(masterplanId: string, usd: number): Promise<void> {
    await this.harness.database.pool.query(
      `update masterplans set config = config || jsonb_build_object('budget_usd', $2::float8) where masterplan_id = $1`,
      [masterplanId, usd],
    );
  }

  async close(): Promise<void> {
    await this.harness.stopWorkers();
    this.providers.close();
    await this.atomizer.close();
    await this.server.stop();
  }
}

export const planId = (masterplanId: string) => asId<MasterplanId>(masterplanId);
