/**
 * A whole run against the protocol server: every atom is written by a "model" with 2 to 20 s latency (scaled down 20 times), 13 % of the
 * answers are faulty, 100 atoms in flight. Reports wall time against the ideal schedule of the same calls, the peak of open calls,
 * rejected calls and the budget. JSON on standard output.
 *
 *   tsx bench/models/main.ts [--atoms 800] [--layers 6] [--seed 1]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
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
import { partOf, subjectOf } from '../../test/support/model-answers.ts';
import { fenced, ModelServer, type ModelCall, type ModelReply } from '../../test/support/model-server.ts';
import { insertLayeredPlan } from '../engine/plan.ts';
import { idealMs } from './ideal.ts';

const { values } = parseArgs({
  options: {
    atoms: { type: 'string', default: '800' },
    layers: { type: 'string', default: '6' },
    seed: { type: 'string', default: '1' },
  },
});
const ATOMS = Number(values.atoms);
const CONCURRENCY = 100;
const BUDGET_USD = 50;
const FAULTY = 0.13;
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

function reply(call: ModelCall, random: () => number): ModelReply {
  const code = partOf(call, 'TARGET: draft').replace('value = compute', 'value  = compute').replace('  =', ' =');
  const fault = random() < FAULTY ? faults[Math.floor(random() * faults.length)] : undefined;
  return fault === undefined ? fenced(code) : fault(code, server.calls.length);
}

const dataDir = mkdtempSync(join(tmpdir(), 'mge-bench-'));
const log = createLogger('error');
const server = await ModelServer.start({
  reply,
  seed: Number(values.seed),
  latencyMs: [100, 1_000],
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
const queues = openQueues({ url: services.redisUrl, onError: () => undefined });
const providers = openProviders({
  config,
  redisUrl: services.redisUrl,
  log,
  // Scaled down like the latency.
  retry: { baseMs: 25, capMs: 1_000 },
});
const validation = await createValidation({ sandbox: await detectSandbox(log) });
const refuse = () => Promise.reject(new MgeError('NOT_IMPLEMENTED', 'not in this bench'));
const deps = { db, log, clock: systemClock };
const worker = createWorker({
  ...deps,
  pool,
  queues,
  providers: providers.lookup,
  validation,
  stages: { decompose: refuse, build_graph: refuse },
  slots: CONCURRENCY,
});

const CONTEXT = {
  imports: [],
  defines: [],
  uses: [{ name: 'compute', kind: 'call', line: 2 }],
  types: [],
  preconditions: [],
  postconditions: [],
  completeness_score: 1,
};

/** Every atom comes from a task without code, so that each needs the model from its first attempt on. */
async function emptyDrafts(masterplanId: string): Promise<void> {
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
    JSON.stringify({ provider: 'openai', budget_usd: BUDGET_USD, concurrency: CONCURRENCY }),
  ]);
}

/** Milliseconds that the calls for each atom took, by its name, as the server saw them. */
function callMs(): Map<string, number> {
  const taken = new Map<string, number>();
  for (const call of server.calls) {
    const { name } = subjectOf(call);
    taken.set(name, (taken.get(name) ?? 0) + (call.endedAt ?? call.at) - call.at);
  }
  return taken;
}

try {
  await upgrade(pool);
  const plan = await insertLayeredPlan(pool, ATOMS, Number(values.layers));
  await emptyDrafts(plan.masterplanId);
  await worker.start();
  const started = performance.now();
  await startExecution(deps, { masterplanId: plan.masterplanId, startedBy: 'bench', concurrency: CONCURRENCY });
  const ended = ['completed', 'partial', 'failed', 'paused'];
  let view = await getExecutionStatus(deps, plan.masterplanId);
  while (!ended.includes(view?.status ?? '') && (view?.completionPercent ?? 0) < 100) {
    await new Promise((later) => setTimeout(later, 50));
    view = await getExecutionStatus(deps, plan.masterplanId);
  }
  const wallMs = performance.now() - started;
  const width = Math.ceil(ATOMS / plan.layers);
  const taken = callMs();
  const durations = Array.from({ length: ATOMS }, (_, n) => taken.get(`atom ${n}`) ?? 0);
  const ideal = idealMs(durations, width, CONCURRENCY);
  const { rows } = await pool.query<{ booked: number; status: string }>(
    `select coalesce(sum(coalesce(settled_usd, reserved_usd)), 0)::float8 as booked from cost_ledger where status <> 'released'`,
  );
  const failures = await pool.query(
    `select error_analysis->>'error_type' as type, count(*)::int as attempts from atom_retry_history where not success group by 1 order by 1`,
  );
  const result = {
    atoms: ATOMS,
    status: view?.status,
    accepted: view?.atomsSucceeded,
    failed: view?.atomsFailed,
    wallMs: Math.round(wallMs),
    idealMs: Math.round(ideal),
    ratio: Number((wallMs / ideal).toFixed(3)),
    calls: server.calls.length,
    peakInFlight: server.peak,
    rejectedShare: server.count('rejected') / server.calls.length,
    budgetUsd: BUDGET_USD,
    bookedUsd: rows[0]?.booked,
    /** CPU of worker and server together; on a machine that others use, the wall time counts for little. */
    cpuSeconds: Number(((process.cpuUsage().user + process.cpuUsage().system) / 1e6).toFixed(1)),
    failures: failures.rows,
  };
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
} finally {
  await worker.stop();
  await validation.close();
  providers.close();
  await queues.close();
  await database.close();
  await server.stop();
  await services.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
