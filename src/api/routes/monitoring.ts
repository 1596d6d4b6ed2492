import { activeUsers } from '../../db/queries/active-users.ts';
import type { Api } from '../context.ts';
import type { ApiServices } from '../deps.ts';
import { operation } from '../operation.ts';
import { ref } from '../schemas/common.ts';
import { ActiveUsers, DEFAULT_RECENT, RecentExecutions, RecentPrecision, RecentQuery } from '../schemas/operations.ts';
import { wire } from '../wire.ts';

/** Figures that operators watch after a deployment; for admins only. */
export function registerMonitoringRoutes(app: Api, services: ApiServices): void {
  const executions = operation({
    id: 'listRecentExecutions',
    tag: 'metrics',
    summary: 'The newest runs with their times',
    access: 'admin',
    request: { querystring: RecentQuery },
    responses: { 200: ref(RecentExecutions) },
  });
  app.get('/api/v2/metrics/executions/recent', executions, async (request) => {
    const rows = await services.stages.listRecentExecutions({ limit: request.query.limit ?? DEFAULT_RECENT });
    return { data: rows.map(wire), total: rows.length };
  });

  const precision = operation({
    id: 'listRecentPrecision',
    tag: 'metrics',
    summary: 'Precision per run and overall',
    access: 'admin',
    request: { querystring: RecentQuery },
    responses: { 200: ref(RecentPrecision) },
  });
  app.get('/api/v2/metrics/precision/recent', precision, async (request) => {
    const { overallPercent, runs } = await services.stages.getRecentPrecision(request.query.limit ?? DEFAULT_RECENT);
    return { overall_percent: overallPercent, data: runs.map(wire), total: runs.length };
  });

  const users = operation({
    id: 'getActiveUsers',
    tag: 'metrics',
    summary: 'How many users were active within each window',
    access: 'admin',
    responses: { 200: ref(ActiveUsers) },
  });
  app.get('/api/v2/metrics/users/active', users, async () => {
    const now = services.clock.now();
    return { as_of: now.toISOString(), active_users: await activeUsers(services.db, now) };
  });
}
