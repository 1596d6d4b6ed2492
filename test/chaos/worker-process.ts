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
}

const settings = JSON.parse(process.argv[2] ?? '{}') as WorkerSettings;
const { db, pool } = openDatabase({ url: settings.databaseUrl, max: 8, onIdleError: () => undefined });
const refuse = () => Promise.reject(new MgeError('NOT_IMPLEMENTED', 'not in this test'));

const worker = createWorker({
  db,
  pool,
  log: createLogger('fatal'),
  clock: systemClock,
  queues: openQueues({ url: settings.redisUrl, prefix: settings.prefix, onError: () => undefined }),
  providers: () => scriptedProvider((request) => `${request.atom.name} = 2\n`),
  validation: {
    ...wordValidation,
    validateAtom: async (input) => {
      // Written before the work: what is run again shows.
      await pool.query('insert into chaos_runs (file_path, pid) values ($1, $2)', [input.path, process.pid]);
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
