import type pg from 'pg';
import type { Logger } from '../../adapters/telemetry/logger.ts';
import type { Db } from '../../db/index.ts';
import { NoticeListener } from '../listen-for-notices.ts';
import { EVENTS_CHANNEL } from '../statements/record-events.ts';
import type { EventSink } from './subscription.ts';
import { Topic, type TopicOptions } from './topic.ts';

export interface EventFeedOptions extends Partial<Pick<TopicOptions, 'pollMs' | 'gapMs' | 'stallMs' | 'pageSize'>> {
  readonly db: Db;
  /** One connection of it listens while anybody follows. */
  readonly pool: pg.Pool;
  readonly log: Logger;
}

/** Defaults: a look a second without notices, 20 a second at most, 30 s for a stuck reader, 100 events a page. */
const DEFAULTS = { pollMs: 1_000, gapMs: 50, stallMs: 30_000, pageSize: 100 };

/**
 * Live events of executions for the readers of one process. However many follow an execution, it is read once per change; the truth
 * is the table, so every process shows the same and none needs another.
 */
export class EventFeed {
  private readonly options: TopicOptions & EventFeedOptions;
  private readonly topics = new Map<string, Topic>();
  private readonly closing = new Set<Promise<void>>();
  private listener: NoticeListener | null = null;

  constructor(options: EventFeedOptions) {
    this.options = { ...DEFAULTS, ...options };
  }

  /** Subscribers of an execution in this process. */
  followers(executionId: string): number {
    return this.topics.get(executionId)?.size ?? 0;
  }

  /**
   * Sends what happens in an execution to `sink`, in order, each event once.
   * @param afterId the last event that the reader has had; null begins with a snapshot.
   * @returns what to call when the reader has gone.
   */
  follow(executionId: string, afterId: number | null, sink: EventSink): () => void {
    this.listen();
    let topic = this.topics.get(executionId);
    if (!topic) {
      const made = new Topic(executionId, this.options, () => this.forget(executionId, made));
      this.topics.set(executionId, made);
      topic = made;
    }
    const subscription = topic.subscribe(sink, afterId);
    return () => subscription.close();
  }

  /** Stops listening and reading. Readers are told nothing: end them first. */
  async close(): Promise<void> {
    for (const [executionId, topic] of this.topics) this.forget(executionId, topic);
    await Promise.all(this.closing);
    await this.listener?.stop();
    this.listener = null;
  }

  private forget(executionId: string, topic: Topic): void {
    if (this.topics.get(executionId) === topic) this.topics.delete(executionId);
    const closed = topic.close();
    this.closing.add(closed);
    void closed.finally(() => this.closing.delete(closed));
  }

  private listen(): void {
    if (this.listener) return;
    const wake = (executionId: string) => this.topics.get(executionId)?.wake();
    this.listener = new NoticeListener(this.options.pool, this.options.log, { [EVENTS_CHANNEL]: wake });
    void this.listener.start();
  }
}
