import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Clock } from '../../adapters/runtime.ts';
import { MgeError } from '../../domain/index.ts';
import type { MaintenanceState, MaintenanceWatch } from '../../operations/index.ts';
import { routedPath } from '../request-path.ts';

/** Seconds after which clients should try again when nobody said how long the maintenance takes. */
const DEFAULT_RETRY_MS = 60_000;
const GUARDED = /^\/api\/v[12](\/|$)/;

/** In maintenance everything under /api/v1 and /api/v2 answers 503, paths that do not exist and HEAD included. */
export const maintenancePlugin = fp<{ watch: MaintenanceWatch; clock: Clock }>(
  async (app: FastifyInstance, { watch, clock }) => {
    app.addHook('onRequest', async (request) => {
      if (request.routeOptions.config?.duringMaintenance || !GUARDED.test(routedPath(request))) return;
      const state = await watch.current();
      if (state.enabled) throw maintenanceError(state, clock.now());
    });
  },
  { name: 'maintenance', dependencies: ['problems'] },
);

function maintenanceError(state: MaintenanceState, now: Date): MgeError {
  const left = state.until === null ? DEFAULT_RETRY_MS : Math.max(1_000, state.until.getTime() - now.getTime());
  return new MgeError('MAINTENANCE', state.message ?? 'The service is in maintenance; please come back later.', {
    retryAfterMs: left,
    details: { since: state.since?.toISOString() ?? null, until: state.until?.toISOString() ?? null },
  });
}
