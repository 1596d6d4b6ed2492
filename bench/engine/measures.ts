import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { systemClock } from '../../src/adapters/runtime.ts';
import { createLogger } from '../../src/adapters/telemetry/logger.ts';
import type { Database } from '../../src/db/index.ts';
import { startExecution } from '../../src/execution/index.ts';
import { insertLayeredPlan } from './plan.ts';
import { seededMs } from './seeded.ts';
import type { BenchWorkerSettings } from './worker-process.ts';

export interface Bench {
  readonly database: Database;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly runs: number;
  readonly say: (text: string) => void;
}

const CONCURRENCY = 100;
const SCRIPT = fileURLToPath(new URL('./worker-process.ts', import.meta.url));

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
const round = (value: number, digits = 3): number => Math.round(value * 10 ** digits) / 10 ** digits;

interface Child {
  readonly process: ChildProcess;
  message(event: string): Promise<Record<string, number>>;
  stop(): Promise<void>;
}

async function spawnWorker(bench: Bench, settings: Partial<BenchWorkerSettings> & { prefix: string }): Promise<Child> {
  const all: BenchWorkerSettings = {
    kind: 'engine',
    databaseUrl: bench.databaseUrl,
    redisUrl: bench.redisUrl,
    slots: CONCURRENCY,
    jobs: 0,
    body: { kind: 'noop' },
    ...settings,
  };
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), SCRIPT, JSON.stringify(all)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const got = new Map<string, Record<string, number>>();
  const waiting = new Map<string, (message: Record<string, number>) => void>();
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const message = JSON.parse(line) as Record<string, number> & { event: string };
      const wake = waiting.get(message.event);
      if (wake) wake(message);
      else got.set(message.event, message);
    }
  });
  const worker: Child = {
    process: child,
    message: (event) => {
      const there = got.get(event);
      return there ? Promise.resolve(there) : new Promise((resolve) => waiting.set(event, resolve));
    },
    stop: async () => {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await exited;
    },
  };
  await worker.message('started');
  return worker;
}

const newPrefix = () => `{bench-${randomBytes(4).toString('hex')}}`;

/** Independent no-op jobs on the bare queue, added beforehand: seconds to work them off. */
async function bareSeconds(bench: Bench, jobs: number): Promise<number> {
  const prefix = newPrefix();
  const connection = new Redis(bench.redisUrl, { maxRetriesPerRequest: null });
  const queue = new Queue('bare', { connection, prefix });
  for (let at = 0; at < jobs; at += 1_000)
    await queue.addBulk(
      Array.from({ length: Math.min(1_000, jobs - at) }, () => ({
        name: 'noop',
        data: {},
        opts: { removeOnComplete: true },
      })),
    );
  const worker = await spawnWorker(bench, { kind: 'bare', prefix, jobs });
  const drained = await worker.message('drained');
  await worker.stop();
  await queue.obliterate({ force: true });
  await queue.close();
  connection.disconnect();
  return drained['seconds'] ?? NaN;
}

interface EngineRun {
  /** From the call that starts the execution to the last accepted atom. */
  readonly seconds: number;
  readonly peakRssMb: number;
  readonly acceptedTwice: number;
  readonly perWorker: readonly number[];
}

async function engineRun(
  bench: Bench,
  plan: { readonly masterplanId: string; readonly atoms: number },
  options: {
    readonly workers?: number;
    readonly body?: BenchWorkerSettings['body'];
    readonly scheduling?: 'ready_set' | 'barrier';
  } = {},
): Promise<EngineRun> {
  const prefix = newPrefix();
  const workers = await Promise.all(
    Array.from({ length: options.workers ?? 1 }, () =>
      spawnWorker(bench, { prefix, ...(options.body ? { body: options.body } : {}), slots: CONCURRENCY }),
    ),
  );
  const { db, pool } = bench.database;
  const deps = { db, log: createLogger('error'), clock: systemClock };
  const { executionId } = await startExecution(deps, {
    masterplanId: plan.masterplanId,
    startedBy: 'bench',
    concurrency: CONCURRENCY * (options.workers ?? 1),
    ...(options.scheduling ? { scheduling: options.scheduling } : {}),
  });
  for (;;) {
    const { rows } = await pool.query<{ done: number }>(
      `select coalesce(sum(completed_atoms), 0)::int as done from execution_waves w join executions e using (graph_id) where e.execution_id = $1`,
      [executionId],
    );
    if ((rows[0]?.done ?? 0) >= plan.atoms) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { rows } = await pool.query<{ seconds: number }>(
    `select extract(epoch from max(a.completed_at) - min(e.started_at))::float8 as seconds
     from atomic_units a join executions e using (masterplan_id) where e.execution_id = $1`,
    [executionId],
  );
  const counted = workers.map((worker) => worker.message('counts'));
  await Promise.all(workers.map((worker) => worker.stop()));
  const counts = await Promise.all(counted);
  const accepted = counts.map((c) => c['accepted'] ?? 0);
  await pool.query('delete from stage_jobs');
  return {
    seconds: rows[0]?.seconds ?? NaN,
    peakRssMb: Math.max(...counts.map((c) => c['peakRssMb'] ?? 0)),
    acceptedTwice: accepted.reduce((sum, n) => sum + n, 0) - plan.atoms,
    perWorker: accepted,
  };
}

async function forget(bench: Bench, masterplanId: string): Promise<void> {
  await bench.database.pool.query('delete from masterplans where masterplan_id = $1', [masterplanId]);
  await bench.database.pool.query('vacuum');
}

const layersFor = (atoms: number): number => (atoms <= 1_000 ? 10 : 100);

export async function measureThroughput(bench: Bench, sizes: readonly number[]) {
  const results = [];
  for (const atoms of sizes) {
    const bare: number[] = [];
    const engine: EngineRun[] = [];
    for (let run = 0; run < bench.runs; run += 1) {
      bare.push(await bareSeconds(bench, atoms));
      const plan = await insertLayeredPlan(bench.database.pool, atoms, layersFor(atoms));
      engine.push(await engineRun(bench, plan));
      await forget(bench, plan.masterplanId);
      bench.say(
        `${atoms} atoms: bare ${round(atoms / (bare.at(-1) ?? NaN), 0)}/s, engine ${round(atoms / (engine.at(-1)?.seconds ?? NaN), 0)}/s`,
      );
    }
    const bareRate = atoms / median(bare);
    const engineRate = atoms / median(engine.map((e) => e.seconds));
    results.push({
      atoms,
      layers: layersFor(atoms),
      barePerSecond: round(bareRate, 0),
      enginePerSecond: round(engineRate, 0),
      ratio: round(engineRate / bareRate),
      microsecondsPerAtom: round(1e6 / engineRate, 1),
      peakWorkerRssMb: Math.max(...engine.map((e) => e.peakRssMb)),
      acceptedTwice: Math.max(...engine.map((e) => e.acceptedTwice)),
    });
  }
  return results;
}

/** 10 layers of 80 atoms that take 50 ms each, concurrency 100: ideal 500 ms. */
export async function measureEfficiency(bench: Bench) {
  const seconds: number[] = [];
  for (let run = 0; run < Math.max(3, bench.runs); run += 1) {
    const plan = await insertLayeredPlan(bench.database.pool, 800, 10);
    seconds.push((await engineRun(bench, plan, { body: { kind: 'fixed', ms: 50 } })).seconds);
    await forget(bench, plan.masterplanId);
    bench.say(`efficiency: ${round((seconds.at(-1) ?? NaN) * 1000, 0)} ms`);
  }
  return { idealMs: 500, measuredMs: round(median(seconds) * 1000, 1), efficiency: round(0.5 / median(seconds)) };
}

/** 800 atoms of 10 to 500 ms: wall time over the larger of critical path and work / concurrency, both ways of scheduling. */
export async function measureUneven(bench: Bench) {
  const [atoms, layers, seed] = [800, 10, 7];
  const width = atoms / layers;
  const ms = Array.from({ length: atoms }, (_, n) => seededMs(seed, n + 1));
  const finish: number[] = [];
  for (let n = 0; n < atoms; n += 1) {
    const layer = Math.floor(n / width);
    const before = layer === 0 ? [] : [0, 1].map((k) => finish[(layer - 1) * width + (((n % width) + k) % width)] ?? 0);
    finish.push((ms[n] ?? 0) + Math.max(0, ...before));
  }
  const bound = Math.max(Math.max(...finish), ms.reduce((sum, x) => sum + x, 0) / CONCURRENCY) / 1000;
  const times = { ready_set: [] as number[], barrier: [] as number[] };
  for (let run = 0; run < Math.max(3, bench.runs); run += 1)
    for (const scheduling of ['ready_set', 'barrier'] as const) {
      const plan = await insertLayeredPlan(bench.database.pool, atoms, layers);
      times[scheduling].push((await engineRun(bench, plan, { body: { kind: 'seeded', seed }, scheduling })).seconds);
      await forget(bench, plan.masterplanId);
      bench.say(`uneven, ${scheduling}: ${round(times[scheduling].at(-1) ?? NaN)} s of at least ${round(bound)} s`);
    }
  return {
    boundSeconds: round(bound),
    readySet: { seconds: round(median(times.ready_set)), ratio: round(median(times.ready_set) / bound) },
    barrier: { seconds: round(median(times.barrier)), ratio: round(median(times.barrier) / bound) },
  };
}

/** One, two and four worker processes on the same plan. */
export async function measureScale(bench: Bench, atoms: number) {
  const results = [];
  for (const workers of [1, 2, 4]) {
    const runs: EngineRun[] = [];
    for (let run = 0; run < bench.runs; run += 1) {
      const plan = await insertLayeredPlan(bench.database.pool, atoms, layersFor(atoms));
      runs.push(await engineRun(bench, plan, { workers }));
      await forget(bench, plan.masterplanId);
      bench.say(
        `${workers} workers: ${round(atoms / (runs.at(-1)?.seconds ?? NaN), 0)}/s, shares ${runs.at(-1)?.perWorker.join(' ')}`,
      );
    }
    results.push({
      workers,
      perSecond: round(atoms / median(runs.map((r) => r.seconds)), 0),
      acceptedTwice: Math.max(...runs.map((r) => r.acceptedTwice)),
      shares: runs[0]?.perWorker ?? [],
    });
  }
  return results;
}
