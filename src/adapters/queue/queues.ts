import { Queue } from 'bullmq';
import { connectForCommands, withDeadline, type RedisConnectionOptions } from './connection.ts';

/** Payloads are ids; what they stand for is in Postgres. */
export interface AtomBell {
  readonly executionId: string;
}
export interface StageTicket {
  readonly jobId: string;
}

/** How many finished jobs Redis keeps for people to look at. Failed ones are in the dead-letter archive as well. */
const KEEP_FAILED = { count: 1_000, age: 7 * 24 * 3_600 };

export const QUEUE_NAMES = { atoms: 'atoms', stages: 'stages' } as const;
export type QueueName = (typeof QUEUE_NAMES)[keyof typeof QUEUE_NAMES];

export interface QueuesOptions extends RedisConnectionOptions {
  /** Prefix of every key; default `{mge}`. Keep the braces on a cluster: they keep the keys of one queue in one slot. */
  readonly prefix?: string;
  /** Milliseconds to wait for Redis before a call fails; default 2000. */
  readonly deadlineMs?: number;
}

/** Jobs by state, as Redis counts them. */
export interface QueueDepth {
  readonly queue: QueueName;
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly failed: number;
}

/** A stage job that the queue will not deliver again. */
export interface GivenUpStage {
  readonly id: string;
  readonly ticket: StageTicket;
  readonly attempts: number;
  readonly reason: string;
}

/** The producing side of the queues. */
export interface Queues {
  readonly url: string;
  readonly prefix: string;
  /** Rings for atoms of executions, one job per entry. @throws {MgeError} QUEUE_UNAVAILABLE */
  ringAtoms(bells: readonly AtomBell[]): Promise<void>;
  /** Announces stage jobs. @throws {MgeError} QUEUE_UNAVAILABLE */
  announceStages(tickets: readonly StageTicket[]): Promise<void>;
  /** Stage jobs that failed as often as allowed, newest first. @throws {MgeError} QUEUE_UNAVAILABLE */
  givenUpStages(limit: number): Promise<GivenUpStage[]>;
  /** Removes a job of the stage queue. @throws {MgeError} QUEUE_UNAVAILABLE */
  forgetStage(id: string): Promise<void>;
  /** @throws {MgeError} QUEUE_UNAVAILABLE */
  depth(): Promise<QueueDepth[]>;
  /** Removes every waiting job of both queues; what Postgres holds is untouched. @throws {MgeError} QUEUE_UNAVAILABLE */
  drain(): Promise<void>;
  /** Answers within the deadline: true when Redis does. */
  available(): Promise<boolean>;
  close(): Promise<void>;
}

/** Opens the queues. Returns at once; a server that is away shows at the first call. */
export function openQueues(options: QueuesOptions): Queues {
  const prefix = options.prefix ?? '{mge}';
  const connection = connectForCommands(options);
  const shared = { connection, prefix, skipWaitingForReady: true };
  const atoms = new Queue<AtomBell>(QUEUE_NAMES.atoms, {
    ...shared,
    defaultJobOptions: { removeOnComplete: true, removeOnFail: KEEP_FAILED },
  });
  const stages = new Queue<StageTicket>(QUEUE_NAMES.stages, {
    ...shared,
    defaultJobOptions: {
      attempts: 5,
      backoff: { type: 'exponential', delay: 1_000 },
      removeOnComplete: true,
      removeOnFail: KEEP_FAILED,
    },
  });
  for (const queue of [atoms, stages]) queue.on('error', options.onError);
  const soon = <T>(work: Promise<T>): Promise<T> => withDeadline(work, options.deadlineMs);

  return {
    url: options.url,
    prefix,
    ringAtoms: async (bells) => {
      if (bells.length > 0) await soon(atoms.addBulk(bells.map((data) => ({ name: 'ready', data }))));
    },
    announceStages: async (tickets) => {
      if (tickets.length > 0) await soon(stages.addBulk(tickets.map((data) => ({ name: 'stage', data }))));
    },
    givenUpStages: async (limit) => {
      const jobs = await soon(stages.getFailed(0, limit - 1));
      return jobs.map(({ id = '', data, attemptsMade, failedReason }) => ({
        id,
        ticket: data,
        attempts: attemptsMade,
        reason: failedReason,
      }));
    },
    forgetStage: async (id) => {
      await soon(stages.remove(id));
    },
    depth: () => soon(Promise.all([depthOf(QUEUE_NAMES.atoms, atoms), depthOf(QUEUE_NAMES.stages, stages)])),
    drain: async () => {
      await soon(Promise.all([atoms.drain(true), stages.drain(true)]));
    },
    available: () =>
      soon(connection.ping()).then(
        () => true,
        () => false,
      ),
    close: async () => {
      await Promise.allSettled([withDeadline(atoms.close(), 1_000), withDeadline(stages.close(), 1_000)]);
      connection.disconnect();
    },
  };
}

async function depthOf(name: QueueName, queue: Queue): Promise<QueueDepth> {
  const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'failed');
  return {
    queue: name,
    waiting: counts['waiting'] ?? 0,
    active: counts['active'] ?? 0,
    delayed: counts['delayed'] ?? 0,
    failed: counts['failed'] ?? 0,
  };
}
