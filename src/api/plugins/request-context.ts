import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Request ids that are taken over from the caller; anything else gets a new one. */
export const REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/** X-Request-Id on every answer, a trace context on every request, one log line per answer. */
export const requestContextPlugin = fp(
  async (app: FastifyInstance) => {
    app.decorateRequest('traceparent', '');
    app.addHook('onRequest', async (request, reply) => {
      const given = request.headers['traceparent'];
      request.traceparent = typeof given === 'string' && TRACEPARENT.test(given) ? given : newTraceparent();
      void reply.header('x-request-id', request.id);
    });
    app.addHook('onResponse', async (request, reply) => {
      const line = {
        method: request.method,
        route: request.routeOptions.url ?? 'none',
        status: reply.statusCode,
        duration_ms: Math.round(reply.elapsedTime),
        subject: request.principal?.subject,
        traceparent: request.traceparent,
      };
      if (request.routeOptions.config.access === 'open' && reply.statusCode < 500)
        request.log.debug(line, 'request served');
      else request.log.info(line, 'request served');
    });
  },
  { name: 'request-context' },
);

function newTraceparent(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
}
