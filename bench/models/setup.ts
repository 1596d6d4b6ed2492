/** A worker whose model is the protocol server, for benches: embedded servers, scaled latency, seeded faults. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServices } from '../../src/adapters/embedded/index.ts';
import { openQueues } from '../../src/adapters/queue/index.ts';
import { systemClock } from '../../src/adapters/runtime.ts';
import { detectSandbox } from '../../src/adapters/sandbox/index.ts';
import { createLogger } from '../../src/adapters/telemetry/logger.ts';
import { openProviders } from '../../src/cli/model-providers.ts';
import { loadConfig } from '../../src/config/index.ts';
import { openDatabase } from '../../src/db/index.ts';
import { upgrade } from '../../src/db/migrations.ts';
import { MgeError } from '../../src/domain/index.ts';
import { createWorker, getExecutionStatus, startExecution } from '../../src/execution/index.ts';
import { createValidation } from '../../src/validation/index.ts';
import { partOf } from '../../test/support/model-answers.ts';
import { fenced, ModelServer, type ModelCall, type ModelReply } from '../../test/support/model-server.ts';
import { cpuBetween, cpuUse } from './cpu.ts';
import { RunTrace } from './trace.ts';
import { insertLayeredPlan, type LayeredPlan } from '../engine/plan.ts';

/** Turned away beyond this many calls a second; what the answers state is the same per minute. */
const CALLS_PER_SECOND = 300;

const faults: readonly ((code: string, nonce: number) => ModelReply)[] = [
  (code) => ({ text: fenced(code.slice(0, 40)), finish: 'length' }),
  () => ({ text: 'I will not write this.', finish: 'refusal' }),
  () => '',
  () => 'Here is what I would do: write the function as described.',
  (_code, nonce) => fenced(`def broken_${nonce}(:\n    return`),
  (code) => `${fenced(code)}\n\nor\n\n${fenced(`${code}# other\n`)}`,
  () => ({ status: 503 }),
  (code) => ({ breakAfter: code }),
];

export interface ModelBenchOptions {
  readonly seed: number;
  /** Share of answers that are wrong, 0 to 1. */
  readonly faulty: number;
  /** Atoms in flight at once. */
  readonly concurrency: number;
  /** Milliseconds before an answer: from, to. */
  readonly latencyMs: readonly [number, number];
}

export type ModelBench = Awaited<ReturnType<typeof openModelBench>>;

/** Starts everything; `close` ends it. */
export async function openModelBench(options: ModelBenchOptions) {
  const dataDir = mkdtempSync(join(tmpdir(), 'mge-bench-'));
  const log = createLogger('error');
  const reply = (call: ModelCall, random: () => number): ModelReply => {
    const code = partOf(call, 'TARGET: draft');
    const fault = random() < options.faulty ? faults[Math.floor(random() * faults.length)] : undefined;
    return fault === undefined ? fenced(code) : fault(code, server.calls.length);
  };
  const server = await ModelServer.start({
    reply,
    seed: options.seed,
    latencyMs: options.latencyMs,
    rateLimit: { calls: CALLS_PER_SECOND, windowMs: 1_000 },
    statesLimits: { requests: CALLS_PER_SECOND * 60, tokens: 1_000_000_000 },
  });
  const config = loadConfig(
    {
      ...process.env,
      MGE_DATA_DIR: dataDir,
      MGE_PROVIDER: 'openai',
      OPENAI_BASE_URL: server.openAiUrl,
      MGE_MODEL: 'small',
      MGE_MODEL_PRICES: '{"small": [1, 4]}',
    },
    process.cwd(),
  );
  const services = await startServices(config, log, { only: ['postgres', 'redis'] });
  const database = openDatabase({ url: services.databaseUrl, max: 20, onIdleError: () => undefined });
  const { db, pool } = database;
  await upgrade(pool);
  const queues = openQueues({ url: services.redisUrl, onError: () => undefined });
  const providers = openProviders({
    config,
    redisUrl: services.redisUrl,
    db,
    log,
    // Scaled down like the latency.
    retry: { baseMs: 25, capMs: 1_000 },
  });
  const validation = await createValidation({ sandbox: await detectSandbox(log) });
  const trace = new RunTrace();
  const refuse = () => Promise.reject(new MgeError('NOT_IMPLEMENTED', 'not in this bench'));
  const deps = { db, log, clock: systemClock };
  const worker = createWorker({
    ...deps,
    pool,
    queues,
    providers: trace.providers(providers.lookup),
    validation: trace.validation(validation),
    stages: { decompose: refuse, build_graph: refuse },
    slots: options.concurrency,
  });
  await worker.start();

  /** A plan of layers whose atoms need the model from their first attempt on. */
  const plan = async (atoms: number, layers: number, budgetUsd: number): Promise<LayeredPlan> => {
    const made = await insertLayeredPlan(pool, atoms, layers);
    await emptyDrafts(pool, made.masterplanId, { budgetUsd, concurrency: options.concurrency });
    return made;
  };
  /** Runs a plan to its end; gives the status, the wall time and the CPU time. */
  const run = async (masterplanId: string) => {
    const before = cpuUse(dataDir);
    const started = performance.now();
    await startExecution(deps, { masterplanId, startedBy: 'bench', concurrency: options.concurrency });
    const final = ['completed', 'partial', 'failed', 'paused'];
    let view = await getExecutionStatus(deps, masterplanId);
    while (!final.includes(view?.status ?? '') && (view?.completionPercent ?? 0) < 100) {
      await new Promise((later) => setTimeout(later, 50));
      view = await getExecutionStatus(deps, masterplanId);
    }
    const ended = performance.now();
    return { view, wallMs: ended - started, began: started, ended, cpu: cpuBetween(before, cpuUse(dataDir)) };
  };
  /** US dollars that are booked for a plan. */
  const booked = async (masterplanId: string): Promise<number> => {
    const { rows } = await pool.query<{ booked: number }>(
      `select coalesce(sum(coalesce(settled_usd, reserved_usd)), 0)::float8 as booked
       from cost_ledger where status <> 'released' and masterplan_id = $1`,
      [masterplanId],
    );
    return rows[0]?.booked ?? 0;
  };
  const close = async () => {
    await worker.stop();
    await validation.close();
    providers.close();
    await queues.close();
    await database.close();
    await server.stop();
    await services.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  return { trace, server, deps, pool, providers, plan, run, booked, close };
}

const CONTEXT = {
  imports: [],
  defines: [],
  uses: [{ name: 'abs', kind: 'call', line: 2 }],
  types: [],
  preconditions: [],
  postconditions: [],
  completeness_score: 1,
};

/** Every atom comes from a task without code. */
async function emptyDrafts(
  pool: { query(text: string, values: unknown[]): Promise<unknown> },
  masterplanId: string,
  config: { budgetUsd: number; concurrency: number },
): Promise<void> {
  await pool.query(
    `with phase as (
       insert into masterplan_phases (phase_id, masterplan_id, phase_type, phase_number, name)
       values (gen_random_uuid(), $1, 'core', 1, 'core') returning phase_id
     ), milestone as (
       insert into masterplan_milestones (milestone_id, phase_id, milestone_number, name)
       select gen_random_uuid(), phase_id, 1, 'all' from phase returning milestone_id
     ), task as (
       insert into masterplan_tasks (task_id, masterplan_id, milestone_id, task_number, name, description)
       select gen_random_uuid(), $1, milestone_id, 1, 'all', 'all' from milestone returning task_id
     )
     update atomic_units set task_id = (select task_id from task), context_json = $2 where masterplan_id = $1`,
    [masterplanId, JSON.stringify(CONTEXT)],
  );
  await pool.query(`update masterplans set config = $2 where masterplan_id = $1`, [
    masterplanId,
    JSON.stringify({ provider: 'openai', budget_usd: config.budgetUsd, concurrency: config.concurrency }),
  ]);
}
