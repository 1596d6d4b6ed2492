import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { sql } from 'drizzle-orm';
import type pg from 'pg';
import { listenForAtoms, listenForStages, type Listener, type Queues } from '../adapters/queue/index.ts';
import { TroubleLog } from '../adapters/telemetry/trouble-log.ts';
import type { ProviderLookup } from '../adapters/llm/provider.ts';
import { archiveDeadLetter } from '../db/queries/archive-dead-letter.ts';
import { getMaintenance } from '../db/queries/get-maintenance.ts';
import { MgeError } from '../domain/index.ts';
import type { PatternLibrary } from '../masterplan/index.ts';
import type { Validation } from '../validation/index.ts';
import type { AtomBody } from './attempt-outcome.ts';
import { CONTROL_CHANNEL } from './control-execution.ts';
import { defaultsOf, type ExecutionDeps, type WorkerBase } from './deps.ts';
import { AtomEngine } from './engine.ts';
import type { EngineCounts } from './lane.ts';
import { finalizeExecution } from './finalize-execution.ts';
import { Housekeeper, stageLetter } from './housekeeping.ts';
import { Leader } from './leader.ts';
import { NoticeListener } from './listen-for-notices.ts';
import { Periodic } from './periodic.ts';
import { reconcileOnce } from './reconcile.ts';
import { relayOnce } from './relay.ts';
import { createRunner } from './run-attempt.ts';
import { RunningStages, STAGE_CONTROL_CHANNEL } from './stage-cancellation.ts';
import { runStageJob, type StageHandler, type StageKind } from './stage-jobs.ts';
import { rowsOf } from './statements/json-rows.ts';
import { READY_CHANNEL } from './store-outcomes.ts';
import { validateFiles } from './validate-files.ts';
import { validateOnCall } from './validate-on-call.ts';

export interface WorkerTimings {
  /** Milliseconds after which the atoms of a silent worker are taken back; default 30,000. */
  readonly leaseMs: number;
  /** Milliseconds between two looks for ready atoms while slots are free, should every bell be lost; default 500. */
  readonly pollMs: number;
  /** Milliseconds between two runs of the reconciler; default 5,000. */
  readonly reconcileMs: number;
  /** Milliseconds between two looks at the outbox, should every notice be lost; default 1,000. */
  readonly relayMs: number;
  /** Seconds after which another process takes over the relay or the reconciler; default 10. */
  readonly leaderTtlSeconds: number;
  /** Milliseconds that `stop` waits for what runs; default 20,000. */
  readonly drainMs: number;
}

const DEFAULT_TIMINGS: WorkerTimings = {
  leaseMs: 30_000,
  pollMs: 500,
  reconcileMs: 5_000,
  relayMs: 1_000,
  leaderTtlSeconds: 10,
  drainMs: 20_000,
};

export interface WorkerDeps extends ExecutionDeps {
  readonly pool: pg.Pool;
  readonly queues: Queues;
  readonly providers: ProviderLookup;
  readonly validation: Pick<Validation, 'validateAtom' | 'validateModule' | 'validateSystem'> &
    Partial<Pick<Validation, 'validateComponent'>>;
  /** What runs the stages before execution; `finalize` is the engine's own. */
  readonly stages: Readonly<Record<'decompose' | 'build_graph', StageHandler>> & { readonly plan?: StageHandler };
  /** Atoms in flight at once in this process; default: the deployment's concurrency. */
  readonly slots?: number;
  /** Stage jobs at once in this process; default 2. */
  readonly stageSlots?: number;
  readonly timings?: Partial<WorkerTimings>;
  /** Examples for prompts, and where approved atoms are kept as such; without it there are none. */
  readonly patterns?: PatternLibrary;
  /** Replaces the making and checking of atoms: for measuring the engine itself. */
  readonly body?: AtomBody;
}

export interface Worker {
  readonly workerId: string;
  readonly counts: Readonly<EngineCounts>;
  /** False while it claims nothing: in maintenance, and from `stop` on. */
  isTaking(): boolean;
  /** Resolves when bells are heard and the outbox is watched. */
  start(): Promise<void>;
  /** Claims nothing new, lets what runs finish (bounded), hands back the rest, closes its connections to Redis. */
  stop(): Promise<void>;
}

/** A worker: runs atoms and stage jobs, and takes part in electing who relays the outbox and who reconciles. */
export function createWorker(deps: WorkerDeps): Worker {
  return new WorkerProcess(deps);
}

class WorkerProcess implements Worker {
  readonly workerId = `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`;
  private readonly deps: WorkerDeps;
  private readonly base: WorkerBase;
  private readonly timings: WorkerTimings;
  private readonly engine: AtomEngine;
  private readonly stopping = new AbortController();
  private readonly loops: Periodic[];
  private readonly leaders: Leader[];
  private readonly notices: NoticeListener;
  private readonly stages = new RunningStages();
  private readonly fileChecks = new Set<Promise<void>>();
  private listeners: Listener[] = [];
  private maintenance = false;
  private relayRestsUntil = 0;

  constructor(deps: WorkerDeps) {
    this.deps = deps;
    this.timings = { ...DEFAULT_TIMINGS, ...deps.timings };
    this.base = { ...deps, workerId: this.workerId };
    const defaults = defaultsOf(deps);
    this.engine = new AtomEngine({
      db: deps.db,
      pool: deps.pool,
      log: deps.log,
      workerId: this.workerId,
      slots: deps.slots ?? defaults.concurrency,
      leaseMs: this.timings.leaseMs,
      body: deps.body ?? createRunner({ ...deps, defaultBudgetUsd: defaults.budgetUsd }),
      ...(deps.metrics ? { metrics: deps.metrics } : {}),
      ...(deps.body ? {} : { onStored: (executionId, files) => this.checkFiles(executionId, files) }),
    });
    const leader = (lock: string) =>
      new Leader({
        db: deps.db,
        log: deps.log,
        lock,
        holder: this.workerId,
        ttlSeconds: this.timings.leaderTtlSeconds,
        ...(deps.metrics ? { metrics: deps.metrics } : {}),
      });
    const relayLeader = leader('mge:relay');
    const reconcileLeader = leader('mge:reconciler');
    this.leaders = [relayLeader, reconcileLeader];
    const relay = this.periodic('relay', this.timings.relayMs, () => this.relay(relayLeader));
    const housekeeper = new Housekeeper(this.base);
    const reconciler = this.periodic('reconciler', this.timings.reconcileMs, async () => {
      if (!(await reconcileLeader.leads())) return;
      await reconcileOnce(this.base);
      await housekeeper.keepIfDue();
    });
    const poll = this.periodic('poll', this.timings.pollMs, () => this.poll());
    this.loops = [relay, reconciler, poll];
    this.notices = new NoticeListener(deps.pool, deps.log, {
      mge_outbox: () => relay.poke(),
      [CONTROL_CHANNEL]: (executionId) => void this.onControl(executionId),
      // With a free slot the bell is heard; without one nothing is fetched, and this execution must get its share all the same.
      [READY_CHANNEL]: (executionId) => void (this.engine.freeSlots() === 0 && this.engine.ring(executionId)),
      [STAGE_CONTROL_CHANNEL]: (masterplanId) => this.stages.check(masterplanId),
    });
  }

  get counts(): Readonly<EngineCounts> {
    return this.engine.counts;
  }

  isTaking(): boolean {
    return this.engine.isTaking();
  }

  async start(): Promise<void> {
    const { deps } = this;
    const { trouble: onError, well: onReady } = new TroubleLog({ log: deps.log, what: 'the queue' });
    this.engine.start();
    await this.notices.start();
    this.listeners = [
      listenForAtoms({
        queues: deps.queues,
        whenFree: () => this.engine.whenFree(),
        onBell: ({ executionId }) => this.engine.ring(executionId),
        onError,
        onReady,
      }),
      listenForStages({
        queues: deps.queues,
        concurrency: deps.stageSlots ?? 2,
        onTicket: ({ jobId }) => runStageJob(deps, this.stageHandlers(), jobId, this.stopping.signal, this.stages),
        onGivenUp: (letter) => void this.archive(letter),
        onError,
        onReady,
      }),
    ];
    for (const loop of this.loops) loop.start();
    deps.log.info({ workerId: this.workerId, slots: deps.slots }, 'worker started');
  }

  async stop(): Promise<void> {
    this.engine.setTaking(false);
    const closing = this.listeners.map((listener) => listener.close());
    await this.engine.stop(this.timings.drainMs);
    this.stopping.abort();
    await Promise.all([...closing, ...this.loops.map((loop) => loop.stop())]);
    await Promise.allSettled(this.fileChecks);
    await Promise.all(this.leaders.map((leader) => leader.resign()));
    await this.notices.stop();
    this.deps.log.info({ workerId: this.workerId, ...this.engine.counts }, 'worker stopped');
  }

  private stageHandlers(): Readonly<Record<StageKind, StageHandler>> {
    return {
      plan: () => Promise.reject(new MgeError('NOT_IMPLEMENTED', 'this worker has no model to plan with')),
      ...this.deps.stages,
      finalize: (masterplanId, { signal }) => finalizeExecution(this.deps, masterplanId, signal),
      validate: (masterplanId, context) => validateOnCall(this.deps, masterplanId, context),
    };
  }

  /** Delivers what waits, if this process leads. When it does not reach the queue it steps back, for another may. */
  private async relay(leader: Leader): Promise<void> {
    if (performance.now() < this.relayRestsUntil) return;
    while ((await leader.leads()) && !this.stopping.signal.aborted) {
      const { claimed, reachedQueue } = await relayOnce(this.base);
      if (!reachedQueue) {
        this.relayRestsUntil = performance.now() + 2 * this.timings.relayMs;
        return leader.resign();
      }
      if (claimed === 0) return;
    }
  }

  /** The safety net below the bells, and the look at the maintenance switch. */
  private async poll(): Promise<void> {
    const maintenance = (await getMaintenance(this.deps.db)).enabled;
    if (maintenance !== this.maintenance) {
      this.maintenance = maintenance;
      this.engine.setTaking(!maintenance && !this.stopping.signal.aborted);
      this.deps.log.info({ maintenance }, 'maintenance switched');
    }
    if (!this.engine.isTaking()) return;
    const rows = await rowsOf<{ executionId: string }>(
      this.deps.db,
      sql`select e.execution_id as "executionId" from executions e
          where e.status = 'running' and exists (
            select 1 from atom_queue q where q.execution_id = e.execution_id and q.state = 'ready' and q.available_at <= clock_timestamp())
          order by random()`,
    );
    for (const { executionId } of rows) this.engine.ring(executionId);
  }

  private async onControl(executionId: string): Promise<void> {
    try {
      const [row] = await rowsOf<{ status: string }>(
        this.deps.db,
        sql`select status from executions where execution_id = ${executionId}::uuid`,
      );
      if (!row || row.status === 'cancelled') this.engine.abort(executionId);
      else if (row.status === 'running') this.engine.ring(executionId);
    } catch (error) {
      this.deps.log.warn({ err: error, executionId }, 'a change of an execution will be seen later');
    }
  }

  /** Level 2 of files that may be complete now; what is missed here, the closing checks catch. */
  private checkFiles(executionId: string, files: readonly string[]): void {
    if (files.length === 0) return;
    const check = this.runFileChecks(executionId, files).catch((error: unknown) =>
      this.deps.log.warn({ err: error, executionId }, 'files will be checked at the end of the execution'),
    );
    this.fileChecks.add(check);
    void check.finally(() => this.fileChecks.delete(check));
  }

  private async runFileChecks(executionId: string, files: readonly string[]): Promise<void> {
    const [row] = await rowsOf<{ masterplanId: string }>(
      this.deps.db,
      sql`select masterplan_id as "masterplanId" from executions where execution_id = ${executionId}::uuid`,
    );
    if (row)
      await validateFiles(this.deps, { masterplanId: row.masterplanId, executionId }, files, this.stopping.signal);
  }

  private async archive(letter: {
    id: string;
    ticket: { jobId: string };
    attempts: number;
    reason: string;
  }): Promise<void> {
    await archiveDeadLetter(this.deps.db, stageLetter(letter)).catch((error: unknown) =>
      this.deps.log.error({ err: error, ...letter }, 'a dead letter could not be archived'),
    );
  }

  private periodic(name: string, everyMs: number, work: () => Promise<void>): Periodic {
    const { trouble: onError, well: onWell } = new TroubleLog({
      log: this.deps.log,
      what: `the ${name} of the worker`,
    });
    return new Periodic({ everyMs, work, onError, onWell });
  }
}
