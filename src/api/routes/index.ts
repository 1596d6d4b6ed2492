import type { Api } from '../context.ts';
import type { ApiServices } from '../deps.ts';
import { registerHealthRoutes } from './health.ts';
import { registerServiceRoutes } from './service.ts';

/** All routes. Health comes first, so that `/atoms/health` and its like are seen to be fixed paths. */
export function registerRoutes(app: Api, services: ApiServices): void {
  registerHealthRoutes(app, services);
  registerServiceRoutes(app, services);
}
