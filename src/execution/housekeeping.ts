import { archiveDeadLetter } from '../db/queries/archive-dead-letter.ts';
import { cleanupExpiredLocks } from '../db/queries/cleanup-expired-locks.ts';
import { pruneActivity } from '../db/queries/prune-activity.ts';
import { pruneDeadLetters } from '../db/queries/prune-dead-letters.ts';
import { pruneExecutionEvents } from '../db/queries/prune-execution-events.ts';
import { pruneIdempotentCalls } from '../db/queries/prune-idempotent-calls.ts';
import { pruneOutbox } from '../db/queries/prune-outbox.ts';
import { pruneStageJobs } from '../db/queries/prune-stage-jobs.ts';
import type { WorkerBase } from './deps.ts';

const DAY = 86_400;

/** How long, in seconds, things are kept that nothing depends on any more. Described in docs/operations/retention.md. */
export const RETENTION = {
  /** Delivered events of the outbox. */
  outbox: 3_600,
  /** Live events, from the end of their execution. */
  executionEvents: 30 * DAY,
  /** Ended stage jobs. */
  stageJobs: 30 * DAY,
  /** Archived dead letters and notes of their replays. */
  deadLetters: 180 * DAY,
  /** Who was active: longer than the longest window that is asked for. */
  activity: 45 * DAY,
} as const;

/** Milliseconds between two rounds. */
const EVERY_MS = 60_000;
/** Rows of live events that one statement removes, and statements of one round. */
const BATCH = 5_000;
const BATCHES = 20;

type HousekeepingDeps = Pick<WorkerBase, 'db' | 'log' | 'clock' | 'queues'>;

/** Rows removed, or messages saved, by task. */
export type HousekeepingReport = Readonly<Record<string, number>>;

/**
 * One round: archives jobs that were given up and are still in Redis, and removes what is older than its retention. A task that
 * fails is logged and tried again in the next round; it does not keep the others from running.
 */
export async function keepHouse(deps: HousekeepingDeps): Promise<HousekeepingReport> {
  const { db } = deps;
  const tasks: Readonly<Record<string, () => Promise<number>>> = {
    archived_jobs: () => archiveGivenUpJobs(deps),
    expired_locks: () => cleanupExpiredLocks(db),
    outbox: () => pruneOutbox(db, RETENTION.outbox),
    idempotency_keys: () => pruneIdempotentCalls(db, deps.clock.now()),
    user_activity: () => pruneActivity(db, new Date(deps.clock.now().getTime() - RETENTION.activity * 1000)),
    execution_events: () => pruneEvents(deps),
    stage_jobs: () => pruneStageJobs(db, RETENTION.stageJobs),
    dead_letters: () => db.transaction((tx) => pruneDeadLetters(tx, RETENTION.deadLetters)),
  };
  const report: Record<string, number> = {};
  for (const [name, task] of Object.entries(tasks)) {
    try {
      report[name] = await task();
    } catch (error) {
      deps.log.warn({ err: error, task: name }, 'housekeeping will be tried again');
    }
  }
  if (Object.values(report).some((count) => count > 0)) deps.log.info(report, 'house kept');
  return report;
}

/** Runs `keepHouse` once a minute, however often it is asked. For the one process that leads. */
export class Housekeeper {
  private readonly deps: HousekeepingDeps;
  private nextAt = 0;

  constructor(deps: HousekeepingDeps) {
    this.deps = deps;
  }

  async keepIfDue(): Promise<void> {
    const now = performance.now();
    if (now < this.nextAt) return;
    this.nextAt = now + EVERY_MS;
    await keepHouse(this.deps);
  }
}

async function pruneEvents({ db }: HousekeepingDeps): Promise<number> {
  let total = 0;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const removed = await pruneExecutionEvents(db, RETENTION.executionEvents, BATCH);
    total += removed;
    if (removed < BATCH) break;
  }
  return total;
}

/**
 * Jobs of the stage queue that BullMQ gave up: its worker archives them, unless Postgres was away at that moment. They leave Redis
 * only after they are in the archive.
 */
async function archiveGivenUpJobs({ db, queues }: HousekeepingDeps): Promise<number> {
  const jobs = await queues.givenUpStages(100);
  for (const job of jobs) {
    await archiveDeadLetter(db, stageLetter(job));
    await queues.forgetStage(job.id);
  }
  return jobs.length;
}

/** A stage job that its queue gave up, as a dead letter. The id of the job is in it, because Redis counts anew when it is emptied. */
export function stageLetter(job: {
  readonly id: string;
  readonly ticket: { readonly jobId: string };
  readonly attempts: number;
  readonly reason: string;
}) {
  return {
    msgId: `stages:${job.ticket.jobId}:${job.id}`,
    queueName: 'stages',
    payload: { job_id: job.ticket.jobId },
    reason: job.reason,
    attempts: job.attempts,
  };
}
