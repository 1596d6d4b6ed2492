import type pg from 'pg';
import type { Logger } from '../adapters/telemetry/logger.ts';
import { TroubleLog } from '../adapters/telemetry/trouble-log.ts';

/** Milliseconds before a lost connection is made again. */
const RECONNECT_MS = 1_000;

/** Listens on channels of Postgres over one connection of the pool, made again when it is lost. */
export class NoticeListener {
  private readonly pool: pg.Pool;
  private readonly told: TroubleLog;
  private readonly channels: Readonly<Record<string, (payload: string) => void>>;
  private client: pg.PoolClient | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(pool: pg.Pool, log: Logger, channels: Readonly<Record<string, (payload: string) => void>>) {
    this.pool = pool;
    this.told = new TroubleLog({ log, what: 'hearing notices of Postgres' });
    this.channels = channels;
  }

  /** Resolves when the first connection listens, or has failed (it is then tried again). */
  async start(): Promise<void> {
    if (this.stopped) return;
    try {
      const client = await this.pool.connect();
      if (this.isStopped()) return client.release(true);
      this.client = client;
      client.on('notification', ({ channel, payload }) => this.channels[channel]?.(payload ?? ''));
      client.on('error', (error) => this.lost(client, error));
      client.on('end', () => this.lost(client, undefined));
      for (const channel of Object.keys(this.channels)) await client.query(`LISTEN ${channel}`);
      this.told.well();
    } catch (error) {
      this.lost(this.client, error as Error);
    }
  }

  /** A method, because it may change during an await. */
  private isStopped(): boolean {
    return this.stopped;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    const client = this.client;
    this.client = undefined;
    client?.removeAllListeners('end');
    // Not given back to the pool: it would go on listening there.
    client?.release(true);
  }

  private lost(client: pg.PoolClient | undefined, error: Error | undefined): void {
    if (this.stopped || (client !== undefined && client !== this.client)) return;
    if (error) this.told.trouble(error);
    this.client = undefined;
    try {
      client?.release(true);
    } catch {
      // It had been released when its server went away.
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.start(), RECONNECT_MS);
  }
}
