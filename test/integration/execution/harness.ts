/** A masterplan made by hand, a worker around it, and what both did. */
import { eq } from 'drizzle-orm';
import { openQueues, type Queues } from '../../../src/adapters/queue/index.ts';
import type { CodeProvider } from '../../../src/adapters/llm/provider.ts';
import { systemClock } from '../../../src/adapters/runtime.ts';
import { createLogger } from '../../../src/adapters/telemetry/logger.ts';
import { schema } from '../../../src/db/index.ts';
import { asId, MgeError, type MasterplanId } from '../../../src/domain/index.ts';
import {
  createWorker,
  getExecutionStatus,
  getStageJob,
  startExecution,
  type ExecutionView,
  type StageJobView,
  type StartInput,
  type Worker,
  type WorkerDeps,
} from '../../../src/execution/index.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { insertAtom, insertGraph, insertMasterplan, insertTask } from '../../support/factories.ts';
import { testRedis, type TestRedis } from '../../support/redis.ts';
import { waitFor } from '../../support/wait-for.ts';
import { scriptedProvider, wordValidation } from './fakes.ts';

export { scriptedProvider } from './fakes.ts';

export const log = createLogger(process.env['MGE_TEST_LOG'] === 'debug' ? 'debug' : 'fatal');

export interface PlanShape {
  /** Names of atoms by wave. */
  readonly waves: readonly (readonly string[])[];
  /** [dependent, dependency] */
  readonly edges: readonly (readonly [string, string])[];
  /** Draft of an atom; default: one line of Python that defines its name. */
  readonly draft?: (name: string) => string;
  /** File of an atom; default: one file per atom. Atoms of one file are ordered as in `waves`. */
  readonly file?: (name: string) => string;
  readonly config?: Record<string, unknown>;
  /** Effort of the longest chain of dependents; default 0. */
  readonly criticalPath?: (name: string) => number;
}

export interface Plan {
  readonly masterplanId: string;
  /** Atom ids by name. */
  readonly ids: Readonly<Record<string, string>>;
}

export class Harness {
  readonly database: TestDatabase;
  readonly redis: TestRedis;
  private readonly workers: Worker[] = [];
  private readonly opened: Queues[] = [];

  private constructor(database: TestDatabase, redis: TestRedis) {
    this.database = database;
    this.redis = redis;
  }

  /** Over the servers of the test run, unless others are given: the URL of a database server and a Redis. */
  static async open(own: { readonly databaseUrl?: string; readonly redis?: TestRedis } = {}): Promise<Harness> {
    return new Harness(await createTestDatabase(own.databaseUrl), own.redis ?? testRedis());
  }

  get deps() {
    return { db: this.database.db, log, clock: systemClock };
  }

  queues(url = this.redis.url): Queues {
    const queues = openQueues({ url, prefix: this.redis.prefix, onError: () => undefined, deadlineMs: 1_000 });
    this.opened.push(queues);
    return queues;
  }

  async plan(shape: PlanShape): Promise<Plan> {
    const { db } = this.database;
    const plan = await insertMasterplan(db, {
      provider: 'blueprint',
      config: { provider: 'scripted', ...shape.config },
    });
    const fileOf = shape.file ?? ((name: string) => `src/${name}.py`);
    const tasks = new Map<string, string>();
    const counts = new Map<string, number>();
    const ids: Record<string, string> = {};
    for (const name of shape.waves.flat()) {
      const filePath = fileOf(name);
      if (!tasks.has(filePath))
        tasks.set(filePath, (await insertTask(db, { masterplanId: plan.masterplanId, filePath })).taskId);
      const fileOrdinal = counts.get(filePath) ?? 0;
      counts.set(filePath, fileOrdinal + 1);
      const atom = await insertAtom(db, {
        masterplanId: plan.masterplanId,
        taskId: tasks.get(filePath)!,
        name,
        filePath,
        fileOrdinal,
        codeToGenerate: shape.draft?.(name) ?? `${name} = 1\n`,
        criticalPath: shape.criticalPath?.(name) ?? 0,
      });
      ids[name] = atom.atomId;
    }
    await insertGraph(db, {
      masterplanId: plan.masterplanId,
      atomIds: Object.values(ids),
      waves: shape.waves.map((wave) => wave.map((name) => ids[name]!)),
      edges: shape.edges.map(([from, to]) => ({ from: ids[from]!, to: ids[to]! })),
    });
    return { masterplanId: plan.masterplanId, ids };
  }

  /** A started worker with short leases and polls; Redis may be given another way to. */
  async worker(options: Partial<WorkerDeps> & { provider?: CodeProvider } = {}): Promise<Worker> {
    const provider =
      options.provider ??
      scriptedProvider((request) => Buffer.from(request.atom.draft).toString().replace('BROKEN', 'fixed'));
    const worker = createWorker({
      ...this.deps,
      pool: this.database.pool,
      queues: options.queues ?? this.queues(),
      providers: () => provider,
      validation: wordValidation,
      stages: {
        decompose: () => Promise.reject(new MgeError('NOT_IMPLEMENTED', 'not in this test')),
        build_graph: () => Promise.reject(new MgeError('NOT_IMPLEMENTED', 'not in this test')),
      },
      slots: 8,
      ...options,
      timings: {
        leaseMs: 2_000,
        pollMs: 200,
        reconcileMs: 300,
        relayMs: 200,
        leaderTtlSeconds: 1,
        drainMs: 5_000,
        ...options.timings,
      },
    });
    this.workers.push(worker);
    await worker.start();
    return worker;
  }

  start(plan: Plan, input: Partial<StartInput> = {}): Promise<ExecutionView> {
    return startExecution(this.deps, { masterplanId: plan.masterplanId, startedBy: 'test', ...input });
  }

  async status(plan: Plan): Promise<ExecutionView> {
    return (await getExecutionStatus(this.deps, plan.masterplanId))!;
  }

  /** Waits until the execution is in one of the states. */
  until(plan: Plan, ...states: ExecutionView['status'][]): Promise<ExecutionView> {
    return waitFor(
      async () => {
        const view = await this.status(plan);
        return states.includes(view.status) ? view : null;
      },
      { timeoutMs: 30_000, what: `the execution being ${states.join(' or ')}` },
    );
  }

  /** Waits until a stage job has ended. */
  untilJob(jobId: string): Promise<StageJobView> {
    return waitFor(
      async () => {
        const job = await getStageJob(this.deps, jobId);
        return job.status === 'completed' || job.status === 'failed' ? job : null;
      },
      { timeoutMs: 20_000, what: 'the job having ended' },
    );
  }

  /** Status of each atom by name. */
  async states(plan: Plan): Promise<Record<string, string>> {
    const rows = await this.database.db
      .select({ name: schema.atomicUnits.name, status: schema.atomicUnits.status })
      .from(schema.atomicUnits)
      .where(eq(schema.atomicUnits.masterplanId, asId<MasterplanId>(plan.masterplanId)));
    return Object.fromEntries(rows.map((row) => [row.name, row.status]));
  }

  async atom(plan: Plan, name: string) {
    const [row] = await this.database.db
      .select()
      .from(schema.atomicUnits)
      .where(eq(schema.atomicUnits.atomId, plan.ids[name]!));
    return row!;
  }

  async stopWorkers(): Promise<void> {
    await Promise.all(this.workers.splice(0).map((worker) => worker.stop()));
  }

  async close(): Promise<void> {
    await this.stopWorkers();
    await Promise.all(this.opened.map((queues) => queues.close()));
    await this.database.drop();
  }
}
