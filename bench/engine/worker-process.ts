/** One worker process of the benchmark. The first argument is JSON; what a body takes in milliseconds is derived from the seed. */
import { Worker as BareWorker } from 'bullmq';
import { Redis } from 'ioredis';
import { openQueues } from '../../src/adapters/queue/index.ts';
import { systemClock } from '../../src/adapters/runtime.ts';
import { createLogger } from '../../src/adapters/telemetry/logger.ts';
import { openDatabase } from '../../src/db/index.ts';
import { MgeError } from '../../src/domain/index.ts';
import { createWorker, type AtomBody } from '../../src/execution/index.ts';
import { seededMs } from './seeded.ts';

export interface BenchWorkerSettings {
  readonly kind: 'engine' | 'bare';
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly prefix: string;
  readonly slots: number;
  /** For `bare`: how many jobs wait. */
  readonly jobs: number;
  readonly body:
    | { readonly kind: 'noop' }
    | { readonly kind: 'fixed'; readonly ms: number }
    | { readonly kind: 'seeded'; readonly seed: number };
}

const settings = JSON.parse(process.argv[2] ?? '{}') as BenchWorkerSettings;
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const memory = () => ({ rssMb: Math.round(process.memoryUsage.rss() / 1e6) });
let peak = 0;
setInterval(() => (peak = Math.max(peak, memory().rssMb)), 100).unref();

const SHA = '0'.repeat(64);
const RECORD = {
  temperature: 0.7,
  provider: 'bench',
  model: null,
  strategy: 'draft',
  candidateSha256: SHA,
  success: true,
  errorType: null,
  findings: [],
  errorMessage: null,
  candidate: null,
  tokens: 0,
  costUsd: 0,
  durationMs: 0,
};

const delayOf = (atomNumber: number): number => {
  if (settings.body.kind === 'fixed') return settings.body.ms;
  return settings.body.kind === 'seeded' ? seededMs(settings.body.seed, atomNumber) : 0;
};

const body: AtomBody = async (atom) => {
  const ms = delayOf(atom.atomNumber);
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
  const text = { code: 'accepted\n', bytes: null, sha256: SHA, provider: 'bench', model: null, confidence: 1 };
  return { kind: 'accepted', text, record: RECORD, report: null };
};

async function runEngine(): Promise<void> {
  const { db, pool } = openDatabase({ url: settings.databaseUrl, max: 10, onIdleError: () => undefined });
  const refuse = () => Promise.reject(new MgeError('NOT_IMPLEMENTED', 'not in a benchmark'));
  const worker = createWorker({
    db,
    pool,
    log: createLogger('error'),
    clock: systemClock,
    queues: openQueues({ url: settings.redisUrl, prefix: settings.prefix, onError: () => undefined }),
    providers: () => {
      throw new MgeError('NOT_IMPLEMENTED', 'not in a benchmark');
    },
    validation: { validateAtom: refuse, validateModule: refuse, validateSystem: refuse },
    stages: { decompose: refuse, build_graph: refuse },
    slots: settings.slots,
    body,
  });
  await worker.start();
  say({ event: 'started' });
  process.once('SIGTERM', () => {
    say({ event: 'counts', ...worker.counts, peakRssMb: peak });
    void worker.stop().then(() => process.exit(0));
  });
}

/** Bare BullMQ with the same concurrency: one job each, nothing else. The jobs are there already. */
async function runBare(jobs: number): Promise<void> {
  let done = 0;
  let finished = (): void => undefined;
  const all = new Promise<void>((resolve) => (finished = resolve));
  const worker = new BareWorker(
    'bare',
    async () => {
      done += 1;
      if (done === jobs) finished();
    },
    {
      connection: new Redis(settings.redisUrl, { maxRetriesPerRequest: null }),
      prefix: settings.prefix,
      concurrency: settings.slots,
      autorun: false,
    },
  );
  worker.on('error', (error) => process.stderr.write(`${error.message}\n`));
  await worker.waitUntilReady();
  say({ event: 'started' });
  process.once('SIGTERM', () => process.exit(0));
  const started = performance.now();
  void worker.run();
  await all;
  say({ event: 'drained', seconds: (performance.now() - started) / 1000 });
}

await (settings.kind === 'engine' ? runEngine() : runBare(settings.jobs));
