import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import underPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Redis } from 'ioredis';
import { MgeError } from '../../domain/index.ts';
import { OverloadWatch } from '../overload.ts';

export interface RateLimit {
  /** Calls per subject and window; default 6000. */
  readonly max: number;
  /** Milliseconds; default 60000. */
  readonly windowMs: number;
}

export interface ProtectionOptions {
  readonly allowedOrigins: readonly string[];
  readonly rateLimit: RateLimit;
  /** Shared by all replicas. When it does not answer, calls are let through. */
  readonly redis: Redis;
}

/** Milliseconds between two looks at the event loop, and its mean lag between them that is too much when it lasts. */
const SAMPLE_MS = 1_000;
const MAX_EVENT_LOOP_DELAY_MS = 2_000;

/** Security headers, CORS, shedding of load and a rate limit per subject. */
export const protectionPlugin = fp<ProtectionOptions>(
  async (app: FastifyInstance, options) => {
    await app.register(helmet, {
      // What ends TLS says that TLS is there: this process speaks plain HTTP, where the header means nothing, and some clients obey it.
      strictTransportSecurity: false,
      contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    });
    await app.register(cors, {
      origin: options.allowedOrigins.length > 0 ? [...options.allowedOrigins] : false,
      exposedHeaders: [
        'Location',
        'Link',
        'Retry-After',
        'X-Request-Id',
        'Idempotency-Replayed',
        'RateLimit-Remaining',
      ],
      maxAge: 600,
    });
    // Only measures: whether calls are turned away is decided over several of its samples.
    await app.register(underPressure, { sampleInterval: SAMPLE_MS });
    const watch = new OverloadWatch(MAX_EVENT_LOOP_DELAY_MS);
    const timer = setInterval(() => watch.look(app.memoryUsage().eventLoopDelay), SAMPLE_MS).unref();
    app.addHook('onClose', async () => clearInterval(timer));
    app.addHook('onRequest', async (request) => {
      // Health and metrics must say what is going on, above all now.
      if (!watch.isOverloaded || request.routeOptions.config?.access === 'open') return;
      throw new MgeError('OVERLOADED', 'The service is overloaded; try again in a few seconds.', {
        retryAfterMs: 10_000,
      });
    });
  },
  { name: 'protection', dependencies: ['problems'] },
);

/** Registered after authentication, so that the subject is known when calls are counted. */
export const rateLimitPlugin = fp<ProtectionOptions>(
  async (app: FastifyInstance, options) => {
    await app.register(rateLimit, {
      max: options.rateLimit.max,
      timeWindow: options.rateLimit.windowMs,
      redis: options.redis,
      nameSpace: 'rate-limit:',
      skipOnError: true,
      enableDraftSpec: true,
      keyGenerator: (request) => (request.principal ? `subject:${request.principal.subject}` : `ip:${request.ip}`),
      allowList: (request) => request.routeOptions.config.access === 'open',
      errorResponseBuilder: (_request, { max, ttl }) =>
        new MgeError(
          'RATE_LIMITED',
          `More than ${max} calls within ${Math.round(options.rateLimit.windowMs / 1000)} s; wait as Retry-After says.`,
          {
            retryAfterMs: ttl,
          },
        ),
    });
  },
  { name: 'rate-limit', dependencies: ['authentication'] },
);
