import closeWithGrace from 'close-with-grace';
import type { FastifyInstance } from 'fastify';
import { jwtSecret } from '../../adapters/secrets/jwt-secret.ts';
import type { ServiceReport } from '../../adapters/embedded/index.ts';
import { createLogger } from '../../adapters/telemetry/logger.ts';
import { buildServer, buildWorkerServer } from '../../api/index.ts';
import type { Config } from '../../config/index.ts';
import type { Worker } from '../../execution/index.ts';
import { bindStages } from '../bind-stages.ts';
import { composeApplication, type Application } from '../compose.ts';
import type { ExitCode } from '../exit-codes.ts';

/** Milliseconds for everything under way to end after a signal; what is cut off then is taken back by the reconciler. */
const GRACE_MS = 30_000;

const say = (line: string) => process.stdout.write(`${line}\n`);

/** One line of the start-up report. */
export function describeService(report: ServiceReport): string {
  const took = report.ms > 0 ? ` (${(report.ms / 1000).toFixed(1)} s)` : '';
  return `  ${report.name.padEnd(9)} ${report.source.padEnd(11)} ${report.detail}${took}`;
}

async function openServer(app: Application, isDraining: () => boolean): Promise<FastifyInstance> {
  const { config, deps } = app;
  const secret = jwtSecret(config);
  const server = await buildServer({
    ...deps,
    config,
    version: app.version,
    pool: app.database.pool,
    redis: { url: app.services.redisUrl },
    chromaUrl: app.services.chromaUrl,
    auth: secret === null ? { jwksUrl: config.auth.jwksUrl ?? '' } : { secret },
    stages: bindStages(app),
    metrics: app.metrics,
    draining: isDraining,
  });
  await server.listen({ host: config.http.host, port: config.http.port });
  return server;
}

/** Health and metrics of a process that runs workers alone. */
async function openProbes(app: Application, isDraining: () => boolean): Promise<FastifyInstance> {
  const { config } = app;
  const server = await buildWorkerServer({
    ...app.deps,
    version: app.version,
    pool: app.database.pool,
    redis: { url: app.services.redisUrl },
    metrics: app.metrics,
    draining: isDraining,
  });
  await server.listen({ host: config.http.host, port: config.workerPort });
  return server;
}

/** Where a server listens: the port that the system chose when the configuration says 0. */
function addressOf(server: FastifyInstance, config: Config): string {
  const address = server.server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return `http://${config.http.host}:${port}`;
}

/**
 * Runs the API, workers or both until a signal. Start-up says what it does and how long it took. On SIGINT or SIGTERM readiness
 * fails first, then running work ends, then everything closes; a second signal ends the process at once.
 */
export async function runService(config: Config, parts: { api: boolean; worker: boolean }): Promise<ExitCode> {
  const startedAt = performance.now();
  const log = createLogger(config.logLevel);
  const app = await composeApplication(config, log);
  say(`mge ${app.version}, data in ${config.dataDir}`);
  for (const report of app.services.report) say(describeService(report));

  let draining = false;
  let server: FastifyInstance | null = null;
  let probes: FastifyInstance | null = null;
  let worker: Worker | null = null;
  closeWithGrace(
    { delay: GRACE_MS, logger: { error: (error: unknown) => log.error({ err: error }, 'closing failed') } },
    async ({ err }) => {
      if (err) log.fatal({ err }, 'an unexpected error ends the process');
      draining = true;
      await server?.close();
      await worker?.stop();
      await probes?.close();
      await app.close();
    },
  );
  if (parts.worker) {
    worker = app.createWorker();
    await worker.start();
    say(
      `  worker    ${config.concurrency} atoms at once, sandbox: ${app.sandbox.confined ? 'confined' : 'none, generated code is not run'}`,
    );
  }
  if (parts.api) {
    server = await openServer(app, () => draining);
    const base = addressOf(server, config);
    say(`  api       ${base}/api/v2, browsable at ${base}/docs`);
  } else {
    probes = await openProbes(app, () => draining);
    say(`  probes    ${addressOf(probes, config)}/health/ready, /health/live and /metrics`);
  }
  say(`ready after ${((performance.now() - startedAt) / 1000).toFixed(1)} s; stop with Ctrl-C`);
  return new Promise<ExitCode>(() => undefined);
}
