/** What the image of a back end is told where the compose file runs it. */
import type { ProjectModel } from '../model.ts';
import { has } from '../python-web/feature-parts.ts';
import { backendOf } from './backends.ts';
import { COMPOSE_DATABASE_URL } from './postgres.ts';

/** Environment variables of the service, as lines of YAML. */
export function composeEnvironment(project: ProjectModel): string[] {
  const { compose } = backendOf(project);
  const behindProxy = project.stack.frontend !== null && has(project, 'rate_limit');
  return [
    `DATABASE_URL: ${has(project, 'postgres') ? COMPOSE_DATABASE_URL : compose.databaseUrl(project.slug)}`,
    ...(has(project, 'auth') ? ['SECRET_KEY: ${SECRET_KEY:-}'] : []),
    ...(has(project, 'upload') ? ['UPLOAD_DIR: /data/uploads'] : []),
    ...(behindProxy ? compose.proxied : []),
  ];
}

/** Megabytes that the web server of the front end lets through: what the back end takes, and the form around it. */
export function largestBody(project: ProjectModel): number {
  if (has(project, 'upload')) return 11;
  return has(project, 'csv') ? 6 : 1;
}
