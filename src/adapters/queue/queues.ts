import { Queue, type DefaultJobOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import { connectForCommands, withDeadline, type RedisConnectionOptions } from './connection.ts';
import { whenReady } from './when-ready.ts';

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
  const opened = <T>(name: QueueName, defaultJobOptions: DefaultJobOptions) =>
    new OpenedQueue(connection, () => {
      const queue = new Queue<T>(name, { ...shared, defaultJobOptions });
      queue.on('error', options.onError);
      return queue;
    });
  const atoms = opened<AtomBell>(QUEUE_NAMES.atoms, { removeOnComplete: true, removeOnFail: KEEP_FAILED });
  const stages = opened<StageTicket>(QUEUE_NAMES.stages, {
    attempts: 5,
    backoff: { type: 'exponential', delay: 1_000 },
    removeOnComplete: true,
    removeOnFail: KEEP_FAILED,
  });
  const soon = <T>(work: Promise<T>): Promise<T> => withDeadline(work, options.deadlineMs);

  return {
    url: options.url,
    prefix,
    ringAtoms: async (bells) => {
      if (bells.length > 0)
        await soon(atoms.use((queue) => queue.addBulk(bells.map((data) => ({ name: 'ready', data })))));
    },
    announceStages: async (tickets) => {
      if (tickets.length > 0)
        await soon(stages.use((queue) => queue.addBulk(tickets.map((data) => ({ name: 'stage', data })))));
    },
    givenUpStages: async (limit) => {
      const jobs = await soon(stages.use((queue) => queue.getFailed(0, limit - 1)));
      return jobs.map(({ id = '', data, attemptsMade, failedReason }) => ({
        id,
        ticket: data,
        attempts: attemptsMade,
        reason: failedReason,
      }));
    },
    forgetStage: async (id) => {
      await soon(stages.use((queue) => queue.remove(id)));
    },
    depth: () =>
      soon(
        Promise.all([
          atoms.use((queue) => depthOf(QUEUE_NAMES.atoms, queue)),
          stages.use((queue) => depthOf(QUEUE_NAMES.stages, queue)),
        ]),
      ),
    drain: async () => {
      await soon(Promise.all([atoms.use((queue) => queue.drain(true)), stages.use((queue) => queue.drain(true))]));
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

/**
 * A queue of BullMQ that is made when the connection is ready. One that is made before, and whose first greeting the server refuses (a
 * wrong password that is put right later), would refuse every call for ever.
 */
class OpenedQueue<T> {
  private readonly connection: Redis;
  private readonly make: () => Queue<T>;
  private queue: Queue<T> | null = null;

  constructor(connection: Redis, make: () => Queue<T>) {
    this.connection = connection;
    this.make = make;
  }

  async use<R>(work: (queue: Queue<T>) => Promise<R>): Promise<R> {
    if (!this.queue) {
      await whenReady(this.connection);
      this.queue ??= this.made();
    }
    return work(this.queue);
  }

  async close(): Promise<void> {
    await this.queue?.close();
  }

  private made(): Queue<T> {
    const queue = this.make();
    queue.waitUntilReady().catch(() => {
      if (this.queue === queue) this.queue = null;
      void queue.close().catch(() => undefined);
    });
    return queue;
  }
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
