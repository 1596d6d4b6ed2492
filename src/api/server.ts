import fastify, { LogController } from 'fastify';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';
import { newId } from '../db/index.ts';
import { getMaintenance } from '../db/queries/get-maintenance.ts';
import { MgeError } from '../domain/index.ts';
import { EventFeed } from '../execution/index.ts';
import { createHealthMonitor, watchMaintenance, type MaintenanceWatch } from '../operations/index.ts';
import type { Api } from './context.ts';
import type { ApiDeps, ApiServices } from './deps.ts';
import { EventStreams } from './events/event-streams.ts';
import { activityPlugin } from './plugins/activity.ts';
import { authenticationPlugin } from './plugins/authentication.ts';
import { bodiesPlugin } from './plugins/bodies.ts';
import { featureFlagsPlugin } from './plugins/feature-flags.ts';
import { idempotencyPlugin } from './plugins/idempotency.ts';
import { maintenancePlugin } from './plugins/maintenance.ts';
import { metricsPlugin } from './plugins/metrics.ts';
import { openApiPlugin } from './plugins/openapi.ts';
import { problemsPlugin, sendProblem } from './plugins/problems.ts';
import { protectionPlugin, rateLimitPlugin } from './plugins/protection.ts';
import { REQUEST_ID, requestContextPlugin } from './plugins/request-context.ts';
import { shutdownPlugin } from './plugins/shutdown.ts';
import { connectRedis } from './redis.ts';
import { answerBrokenRequest } from './broken-requests.ts';
import { RouteTable } from './route-table.ts';
import { registerRoutes } from './routes/index.ts';
import { compileValidator } from './schema-validator.ts';
import { NAMED_SCHEMAS } from './schemas/index.ts';

/** Bytes a body may have; masterplans that bring source may be larger (see their route). */
const BODY_LIMIT = 1_048_576;
const DEFAULT_RATE_LIMIT = { max: 6_000, windowMs: 60_000 };
const DEFAULT_STAGE_DEADLINE_MS = 110_000;
/** Milliseconds a handler may take: the stage deadline and what comes around it. */
const HANDLER_MARGIN_MS = 20_000;

/**
 * Makes the HTTP server, ready to `listen` or `inject`. Closing it closes what it opened (its Redis connection), not what it was given.
 * It starts while Redis or Postgres is down; calls that need them answer 503 until they are back.
 */
export async function buildServer(deps: ApiDeps): Promise<FastifyInstance> {
  return composeServer(
    deps,
    await connectRedis({ url: deps.redis.url, keyPrefix: deps.redis.keyPrefix ?? '{mge}:', log: deps.log }),
  );
}

/** The server around a connection that it closes with itself. */
export async function composeServer(deps: Omit<ApiDeps, 'redis'>, redis: Redis): Promise<FastifyInstance> {
  const stageDeadlineMs = deps.stageDeadlineMs ?? DEFAULT_STAGE_DEADLINE_MS;
  const loggerInstance: FastifyBaseLogger = deps.log;
  const server = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    handlerTimeout: stageDeadlineMs + HANDLER_MARGIN_MS,
    requestTimeout: 120_000,
    return503OnClosing: false,
    genReqId: (request) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : newId<string>();
    },
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply),
    clientErrorHandler: answerBrokenRequest,
  }).setValidatorCompiler(compileValidator);
  const app: Api = server.withTypeProvider<TypeBoxTypeProvider>();

  app.addHook('onClose', async () => redis.disconnect());
  let isClosing = false;
  app.addHook('preClose', async () => {
    isClosing = true;
  });
  const maintenance = watchMaintenance({ read: () => getMaintenance(deps.db), clock: deps.clock, log: deps.log });
  const services: ApiServices = {
    ...deps,
    redis,
    stageDeadlineMs,
    health: createHealthMonitor({ pool: deps.pool, redis, chromaUrl: deps.chromaUrl, clock: deps.clock }),
    maintenance,
    events: openEventStreams(app, deps, maintenance),
    draining: () => isClosing || (deps.draining?.() ?? false),
    requireQueue: async () => {
      try {
        await redis.ping();
      } catch (error) {
        throw new MgeError(
          'QUEUE_UNAVAILABLE',
          'Redis does not answer; nothing was changed. Try again in a few seconds.',
          {
            retryAfterMs: 5_000,
            cause: error,
          },
        );
      }
    },
  };
  await registerPlugins(app, deps, services);
  for (const schema of NAMED_SCHEMAS) app.addSchema(schema);
  registerRoutes(app, services);
  await app.ready();
  return server;
}

/** Streams of live events: told to end before the server waits for open connections, closed with it. */
function openEventStreams(app: Api, deps: Omit<ApiDeps, 'redis'>, maintenance: MaintenanceWatch): EventStreams {
  const feed = new EventFeed({ ...deps.eventStreams, db: deps.db, pool: deps.pool, log: deps.log });
  const limits = deps.eventStreams ?? {};
  const streams = new EventStreams({ ...deps, feed, maintenance, limits });
  app.addHook('preClose', async () => streams.endAll('shutting_down'));
  app.addHook('onClose', async () => feed.close());
  return streams;
}

/** In the order in which a request meets them. */
async function registerPlugins(app: Api, deps: Omit<ApiDeps, 'redis'>, services: ApiServices): Promise<void> {
  const routes = new RouteTable();
  app.addHook('onRoute', ({ url, method }) => routes.add(url, [method].flat()));
  const protection = {
    allowedOrigins: deps.config.http.allowedOrigins,
    rateLimit: deps.rateLimit ?? DEFAULT_RATE_LIMIT,
    redis: services.redis,
  };
  await app.register(problemsPlugin, { routes });
  await app.register(requestContextPlugin);
  await app.register(metricsPlugin, { metrics: deps.metrics });
  await app.register(protectionPlugin, protection);
  await app.register(shutdownPlugin, { draining: () => services.draining() });
  await app.register(maintenancePlugin, { watch: services.maintenance, clock: deps.clock });
  await app.register(featureFlagsPlugin, { flags: deps.config.flags });
  await app.register(authenticationPlugin, { keys: deps.auth });
  await app.register(rateLimitPlugin, protection);
  await app.register(bodiesPlugin);
  await app.register(idempotencyPlugin, { deps });
  await app.register(activityPlugin, { deps });
  await app.register(openApiPlugin, { version: deps.version });
}
