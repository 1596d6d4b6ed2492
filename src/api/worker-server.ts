import fastify, { LogController } from 'fastify';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type pg from 'pg';
import type { StageDeps } from '../adapters/runtime.ts';
import type { Metrics } from '../adapters/telemetry/metrics.ts';
import {
  createHealthMonitor,
  refreshDatabaseGauges,
  type HealthCheck,
  type HealthMonitor,
  type HealthPart,
} from '../operations/index.ts';
import { connectRedis } from './redis.ts';

export interface WorkerServerDeps extends StageDeps {
  readonly version: string;
  readonly pool: pg.Pool;
  readonly redis: { readonly url: string; readonly keyPrefix?: string };
  readonly metrics: Metrics;
  /** True while the process shuts down. */
  readonly draining: () => boolean;
}

/** What a worker cannot do without. Chroma serves planning and is looked at by the API. */
const PARTS: readonly HealthPart[] = ['database', 'migrations', 'redis'];

/**
 * The small HTTP server of a process that runs workers alone: `/health/live`, `/health/ready` and `/metrics`, as the API has them, for
 * probes and Prometheus. Nothing else is there, and nothing needs a token. Ready to `listen`.
 */
export async function buildWorkerServer(deps: WorkerServerDeps): Promise<FastifyInstance> {
  const { pool, clock, log } = deps;
  const redis = await connectRedis({ url: deps.redis.url, keyPrefix: deps.redis.keyPrefix ?? '{mge}:', log });
  const loggerInstance: FastifyBaseLogger = log;
  const server = fastify({ loggerInstance, logController: new LogController({ disableRequestLogging: true }) });
  server.addHook('onClose', async () => redis.disconnect());
  const health = createHealthMonitor({ pool, redis, chromaUrl: null, clock });
  const refreshGauges = refreshDatabaseGauges(deps);
  const report = (checks: Record<string, HealthCheck>, isHealthy: boolean) => ({
    status: isHealthy ? 'healthy' : 'unhealthy',
    version: deps.version,
    checked_at: clock.now().toISOString(),
    checks,
  });

  server.get('/health/live', async () => {
    const detail = `up for ${Math.floor(process.uptime())} s`;
    return report({ process: { status: 'healthy', detail, duration_ms: 0 } }, true);
  });
  server.get('/health/ready', async (_request, reply) => {
    const checks = await readiness(health, deps.draining());
    const isHealthy = Object.values(checks).every((check) => check.status === 'healthy');
    return reply
      .code(isHealthy ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(report(checks, isHealthy));
  });
  server.get('/metrics', async (_request, reply) => {
    await refreshGauges();
    const { registry } = deps.metrics;
    return reply.header('content-type', registry.contentType).send(await registry.metrics());
  });
  await server.ready();
  return server;
}

async function readiness(health: HealthMonitor, isDraining: boolean): Promise<Record<string, HealthCheck>> {
  const answers = await Promise.all(PARTS.map(async (part) => [part, await health.check(part)] as const));
  const process: HealthCheck = isDraining
    ? { status: 'unhealthy', detail: 'shutting down', duration_ms: 0 }
    : { status: 'healthy', detail: 'taking work', duration_ms: 0 };
  return { ...Object.fromEntries(answers), process };
}
