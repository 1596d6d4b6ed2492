import type { FastifyInstance, FastifyReply } from 'fastify';
import fp from 'fastify-plugin';
import type { FlowStatus, Metrics } from '../../adapters/telemetry/metrics.ts';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Counts and times every answer by route pattern, and flow operations by how they ended. */
export const metricsPlugin = fp<{ metrics: Metrics }>(
  async (app: FastifyInstance, { metrics }) => {
    app.addHook('onResponse', async (request, reply) => {
      const labels = {
        method: METHODS.has(request.method) ? request.method : 'OTHER',
        route: request.routeOptions.url ?? 'none',
        status: String(reply.statusCode),
      };
      metrics.httpRequests.inc(labels);
      const { flow, streams } = request.routeOptions.config;
      if (!streams || reply.statusCode >= 300) metrics.httpDuration.observe(labels, reply.elapsedTime / 1000);
      if (flow) metrics.flowOperations.inc({ operation: flow, status: flowStatus(reply) });
    });
  },
  { name: 'metrics' },
);

function flowStatus({ statusCode }: FastifyReply): FlowStatus {
  if (statusCode < 400) return 'completed';
  return statusCode < 500 ? 'refused' : 'failed';
}
