import type { Config } from '../../config/index.ts';
import { MgeError } from '../../domain/index.ts';
import type { Logger } from '../telemetry/logger.ts';
import { chromaUrl } from './chroma-server.ts';
import { openDataFolder, type DataFolder } from './data-folder.ts';
import { acquireLease, type Lease } from './keeper-client.ts';
import { databaseUrl } from './postgres-server.ts';
import { redisUrl } from './redis-server.ts';
import type { RedisKind, ServerName } from './server-process.ts';

export interface ServiceReport {
  readonly name: ServerName;
  /**
   * `external`: its URL is configured; `embedded`: started now; `reused`: another process of this program had started it on the same
   * data folder; `unavailable`: it could not be started and the program works without it (Chroma only).
   */
  readonly source: 'external' | 'embedded' | 'reused' | 'unavailable';
  readonly detail: string;
  /** Milliseconds until it answered; 0 for an external one, which is not touched here. */
  readonly ms: number;
}

/** The addresses of the three servers, passwords included. */
export interface Services {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Null when Chroma is embedded and cannot run on this machine; the report says why. */
  readonly chromaUrl: string | null;
  readonly report: readonly ServiceReport[];
  /** Gives the embedded servers back; they stop when no other process uses them. Settles when they have stopped. Safe to call twice. */
  stop(): Promise<void>;
}

export interface StartOptions {
  /** Which servers are needed; default all. A server that is not needed and has no URL is not started, and its URL is empty. */
  readonly only?: readonly ServerName[];
  /** Which Redis; default the first that works. */
  readonly redisKind?: RedisKind;
  /** For tests: no fsync, and the data folder is removed at the end. Default false. */
  readonly ephemeral?: boolean;
}

const UNAVAILABLE = {
  postgres: 'DATABASE_UNAVAILABLE',
  redis: 'QUEUE_UNAVAILABLE',
  chroma: 'VECTORS_UNAVAILABLE',
} as const;
const VARIABLE = { postgres: 'DATABASE_URL', redis: 'REDIS_URL', chroma: 'CHROMA_URL' } as const;

/**
 * Starts a server of our own for every URL that is not configured, all at once, with their data under `config.dataDir`. A second process on the
 * same data folder shares the servers of the first. They outlive neither: when the last process is gone, also by kill -9, they
 * are stopped.
 * @throws {MgeError} DATABASE_UNAVAILABLE or QUEUE_UNAVAILABLE with the reason, when PostgreSQL or Redis cannot be started.
 */
export async function startServices(config: Config, log: Logger, options: StartOptions = {}): Promise<Services> {
  const urls = {
    postgres: config.services.databaseUrl,
    redis: config.services.redisUrl,
    chroma: config.services.chromaUrl,
  };
  const needed = options.only ?? (['postgres', 'redis', 'chroma'] as const);
  const own = needed.filter((name) => urls[name] === null);
  const report: ServiceReport[] = needed
    .filter((name) => urls[name] !== null)
    .map((name) => ({
      name,
      source: 'external',
      detail: `${VARIABLE[name]} ${withoutPassword(urls[name] ?? '')}`,
      ms: 0,
    }));
  if (own.length === 0) return { ...external(urls), report, stop: () => Promise.resolve() };

  const { folder, lease } = await open(config, own, options, log);
  for (const { name, message } of lease.failed) {
    if (name !== 'chroma') {
      await lease.release();
      throw new MgeError(
        UNAVAILABLE[name],
        `the embedded ${name} did not start: ${message}. Or set ${VARIABLE[name]} to a running one.`,
      );
    }
    log.warn({ problem: message }, 'embedded Chroma did not start');
    report.push({ name, source: 'unavailable', detail: message, ms: 0 });
  }
  for (const { name, source, detail, ms, port } of lease.started)
    report.push({ name, source, detail: `${detail}, port ${port}`, ms });
  const port = (name: ServerName) => lease.started.find((server) => server.name === name)?.port;
  const [postgres, redis, chroma] = [port('postgres'), port('redis'), port('chroma')];
  return {
    databaseUrl: urls.postgres ?? (postgres ? databaseUrl(folder, postgres) : ''),
    redisUrl: urls.redis ?? (redis ? redisUrl(folder, redis) : ''),
    chromaUrl: urls.chroma ?? (chroma ? chromaUrl(chroma) : null),
    report,
    stop: () => lease.release(),
  };
}

async function open(
  config: Config,
  own: readonly ServerName[],
  options: StartOptions,
  log: Logger,
): Promise<{ folder: DataFolder; lease: Lease }> {
  if (process.platform === 'win32')
    throw new MgeError(
      'NOT_IMPLEMENTED',
      'There are no embedded servers on Windows; set DATABASE_URL, REDIS_URL and CHROMA_URL, or use WSL.',
    );
  try {
    const folder = openDataFolder(config.dataDir);
    const wish = { servers: own, redisKind: options.redisKind ?? null, ephemeral: options.ephemeral ?? false };
    return { folder, lease: await acquireLease(folder, wish, log) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MgeError('DATABASE_UNAVAILABLE', `the embedded servers did not start in ${config.dataDir}: ${reason}`, {
      cause: error,
    });
  }
}

function external(urls: {
  postgres: string | null;
  redis: string | null;
  chroma: string | null;
}): Pick<Services, 'databaseUrl' | 'redisUrl' | 'chromaUrl'> {
  return { databaseUrl: urls.postgres ?? '', redisUrl: urls.redis ?? '', chromaUrl: urls.chroma };
}

function withoutPassword(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}
