import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { StageDeps } from '../../adapters/runtime.ts';
import { recordActivity } from '../../db/queries/record-activity.ts';

/** Milliseconds between writes: requests are counted in memory and stored together. */
const FLUSH_MS = 2_000;

/** Notes who made authenticated requests, for the active-users figures; never slows a request down. */
export const activityPlugin = fp<{ deps: StageDeps }>(
  async (app: FastifyInstance, { deps }) => {
    const counts = new Map<string, { requests: number; at: Date }>();
    let timer: NodeJS.Timeout | null = null;

    const flush = async (): Promise<void> => {
      timer = null;
      const batch = [...counts];
      counts.clear();
      for (const [user, { requests, at }] of batch) {
        try {
          await recordActivity(deps.db, user, at, requests);
        } catch (error) {
          deps.log.warn({ err: error }, 'user activity not stored');
          return;
        }
      }
    };
    app.addHook('onResponse', async (request) => {
      if (!request.principal) return;
      const { subject } = request.principal;
      counts.set(subject, { requests: (counts.get(subject)?.requests ?? 0) + 1, at: deps.clock.now() });
      timer ??= setTimeout(() => void flush(), FLUSH_MS).unref();
    });
    app.addHook('onClose', async () => {
      if (timer) clearTimeout(timer);
      await flush();
    });
  },
  { name: 'activity', dependencies: ['authentication'] },
);
