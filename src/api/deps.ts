import type { Redis } from 'ioredis';
import type pg from 'pg';
import type { StageDeps } from '../adapters/runtime.ts';
import type { Metrics } from '../adapters/telemetry/metrics.ts';
import type { Config } from '../config/index.ts';
import type { EventFeedOptions } from '../execution/index.ts';
import type { HealthMonitor, MaintenanceWatch } from '../operations/index.ts';
import type { EventStreamLimits, EventStreams } from './events/event-streams.ts';
import type { TokenKeys } from './plugins/authentication.ts';
import type { RateLimit } from './plugins/protection.ts';
import type { Stages } from './stages.ts';

/** What the API is made from. */
export interface ApiDeps extends StageDeps {
  readonly config: Pick<Config, 'http' | 'flags'>;
  readonly version: string;
  readonly pool: pg.Pool;
  /** The API opens a connection of its own that gives up fast; nothing waits for a Redis that is down. */
  readonly redis: {
    readonly url: string;
    /** Prefix of all keys; default `{mge}:`. Keep the braces on a cluster. */ readonly keyPrefix?: string;
  };
  /** Null where no vector store runs: the service is degraded, not down. */
  readonly chromaUrl: string | null;
  readonly auth: TokenKeys;
  readonly stages: Stages;
  readonly metrics: Metrics;
  readonly rateLimit?: RateLimit;
  readonly eventStreams?: Partial<EventStreamLimits> & Pick<EventFeedOptions, 'pollMs' | 'stallMs'>;
  /** Milliseconds that decompose and build wait before they answer 202; default 110000. */
  readonly stageDeadlineMs?: number;
  /** True while the process shuts down: readiness fails and new calls are turned away. */
  readonly draining?: () => boolean;
}

/** What routes work with: the dependencies and what the server made of them. */
export interface ApiServices extends StageDeps {
  readonly version: string;
  readonly metrics: Metrics;
  readonly health: HealthMonitor;
  readonly maintenance: MaintenanceWatch;
  readonly redis: Redis;
  readonly stages: Stages;
  readonly stageDeadlineMs: number;
  readonly events: EventStreams;
  draining(): boolean;
  /**
   * Refuses work that needs the queue while Redis is down, before anything is changed.
   * @throws {MgeError} QUEUE_UNAVAILABLE
   */
  requireQueue(): Promise<void>;
}
