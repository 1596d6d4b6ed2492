import closeWithGrace from 'close-with-grace';
import type { FastifyInstance } from 'fastify';
import { jwtSecret } from '../../adapters/secrets/jwt-secret.ts';
import type { ServiceReport } from '../../adapters/embedded/index.ts';
import { createLogger, type Logger } from '../../adapters/telemetry/logger.ts';
import { buildServer, buildWorkerServer } from '../../api/index.ts';
import { ConfigError, type Config } from '../../config/index.ts';
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

/** @throws {ConfigError} when the address cannot be listened on; the server is closed then. */
async function listen(server: FastifyInstance, host: string, port: number): Promise<void> {
  try {
    await server.listen({ host, port });
  } catch (error) {
    await server.close();
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'another program listens there' : message;
    throw new ConfigError([`HOST ${host} and PORT ${port} cannot be listened on: ${why}; set PORT to a free one`]);
  }
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
  await listen(server, config.http.host, config.http.port);
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
  await listen(server, config.http.host, config.workerPort);
  return server;
}

/** Where a server listens: the port that the system chose when the configuration says 0. */
function addressOf(server: FastifyInstance, config: Config): string {
  const address = server.server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return `http://${config.http.host}:${port}`;
}

export interface ServiceParts {
  readonly api: boolean;
  readonly worker: boolean;
}

/**
 * Runs the API, workers or both until a signal. Start-up says what it does and how long it took. On SIGINT or SIGTERM readiness
 * fails first, then running work ends, then everything closes; a second signal ends the process at once.
 */
export async function runService(config: Config, parts: ServiceParts): Promise<ExitCode> {
  const log = createLogger(config.logLevel);
  const app = await composeApplication(config, log);
  try {
    await openParts(app, parts, log);
  } catch (error) {
    await app.close();
    throw error;
  }
  return new Promise<ExitCode>(() => undefined);
}

async function openParts(app: Application, parts: ServiceParts, log: Logger): Promise<void> {
  const { config } = app;
  say(`mge ${app.version}, data in ${config.dataDir}`);
  for (const report of app.services.report) say(describeService(report));

  let draining = false;
  let server: FastifyInstance | null = null;
  let probes: FastifyInstance | null = null;
  let worker: Worker | null = null;
  const listeners = closeWithGrace(
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
  try {
    // The ports first: a process that cannot listen must not have taken work.
    if (parts.api) server = await openServer(app, () => draining);
    else probes = await openProbes(app, () => draining);
    if (parts.worker) {
      worker = app.createWorker();
      await worker.start();
      const confinement = app.sandbox.confined ? 'confined' : 'none, generated code is not run';
      say(`  worker    ${config.concurrency} atoms at once, sandbox: ${confinement}`);
    }
    if (server) say(`  api       ${addressOf(server, config)}/api/v2, browsable at ${addressOf(server, config)}/docs`);
    if (probes) say(`  probes    ${addressOf(probes, config)}/health/ready, /health/live and /metrics`);
  } catch (error) {
    // The command ends with a code of its own, which the listeners would replace.
    listeners.uninstall();
    throw error;
  }
  say(`ready after ${process.uptime().toFixed(1)} s; stop with Ctrl-C`);
}
