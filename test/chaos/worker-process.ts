/** A worker in a process of its own, to be killed, frozen and started again. Its settings are the JSON of the first argument. */
import { setTimeout as rest } from 'node:timers/promises';
import { openQueues } from '../../src/adapters/queue/index.ts';
import { systemClock } from '../../src/adapters/runtime.ts';
import { createLogger } from '../../src/adapters/telemetry/logger.ts';
import { openDatabase } from '../../src/db/index.ts';
import { MgeError } from '../../src/domain/index.ts';
import { createWorker } from '../../src/execution/index.ts';
import { scriptedProvider, wordValidation } from '../integration/execution/fakes.ts';

export interface WorkerSettings {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly prefix: string;
  readonly slots: number;
  readonly leaseMs: number;
  /** Milliseconds that checking an atom takes. */
  readonly workMs: number;
  /** Milliseconds by which the clock of this process is wrong; default 0. */
  readonly skewMs?: number;
}

const settings = JSON.parse(process.argv[2] ?? '{}') as WorkerSettings;
if (settings.skewMs) skewClock(settings.skewMs);
const { db, pool } = openDatabase({ url: settings.databaseUrl, max: 8, onIdleError: () => undefined });
const refuse = () => Promise.reject(new MgeError('NOT_IMPLEMENTED', 'not in this test'));

const worker = createWorker({
  db,
  pool,
  log: createLogger('fatal'),
  clock: systemClock,
  queues: openQueues({ url: settings.redisUrl, prefix: settings.prefix, onError: () => undefined }),
  // What has to be asked for is paid for: each call that gets an answer leaves a row.
  providers: () =>
    scriptedProvider(async (request) => {
      await rest(settings.workMs);
      await pool.query('insert into chaos_payments (file_path, pid) values ($1, $2)', [
        request.atom.filePath,
        process.pid,
      ]);
      return `${request.atom.name} = 2\n`;
    }, 0.02),
  validation: {
    ...wordValidation,
    validateAtom: async (input) => {
      // Written before the work: what is run again shows.
      await pool.query('insert into chaos_runs (file_path, pid) values ($1, $2)', [input.path, process.pid]);
      if (Buffer.from(input.candidate).includes('BROKEN')) return wordValidation.validateAtom(input);
      if (Buffer.from(input.candidate).includes('POISON')) process.kill(process.pid, 'SIGKILL');
      await rest(settings.workMs);
      return wordValidation.validateAtom(input);
    },
  },
  stages: { decompose: refuse, build_graph: refuse },
  slots: settings.slots,
  timings: {
    leaseMs: settings.leaseMs,
    pollMs: 200,
    reconcileMs: 300,
    relayMs: 200,
    leaderTtlSeconds: 1,
    drainMs: 5_000,
  },
});
await worker.start();
process.stdout.write('started\n');
setInterval(() => process.stdout.write(`${JSON.stringify(worker.counts)}\n`), 50);
process.once('SIGTERM', () => void worker.stop().then(() => process.exit(0)));

/** Makes every look at the clock of this process wrong, as on a machine without time synchronisation. */
function skewClock(byMs: number): void {
  const Real = Date;
  const now = () => Real.now() + byMs;
  globalThis.Date = new Proxy(Real, {
    get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
    construct: (target, args: [number?]) =>
      args.length === 0 ? new target(now()) : (Reflect.construct(target, args) as Date),
  });
}
