import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { MgeError } from '../../domain/index.ts';

/** While the process drains, calls that need a token are turned away; health says so, and answers under way are finished. */
export const shutdownPlugin = fp<{ draining: () => boolean }>(
  async (app: FastifyInstance, { draining }) => {
    app.addHook('onRequest', async (request, reply) => {
      if (!draining()) return;
      void reply.header('connection', 'close');
      if (request.routeOptions.config?.access === 'open') return;
      throw new MgeError('SHUTTING_DOWN', 'This instance is shutting down; send the request again.', {
        retryAfterMs: 1_000,
      });
    });
  },
  { name: 'shutdown', dependencies: ['problems'] },
);
