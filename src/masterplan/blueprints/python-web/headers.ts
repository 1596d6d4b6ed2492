/** HTTP headers that depend on the features of a project. */
import type { ProjectModel } from '../model.ts';
import { has } from './feature-parts.ts';

/** What pages from elsewhere may send. */
export function sentHeaders(project: ProjectModel): string[] {
  return ['Content-Type', ...(has(project, 'auth') ? ['Authorization'] : [])];
}

/** What pages from elsewhere may read beside the usual. */
export function exposedHeaders(project: ProjectModel): string[] {
  return [
    ...(has(project, 'csv') || has(project, 'upload') ? ['Content-Disposition'] : []),
    ...(has(project, 'rate_limit') ? ['Retry-After'] : []),
  ];
}
