/** What features make of the records of a project, and what their services extend. */
import type { ProjectModel } from '../model.ts';
import { has } from '../python-web/feature-parts.ts';

/** Whether the records of a project's entities are kept when they are deleted. */
export function keepsDeleted(project: ProjectModel): boolean {
  return has(project, 'soft_delete');
}

/** Whether changes of a project's records are noted. */
export function isAudited(project: ProjectModel): boolean {
  return has(project, 'audit');
}

/** Whether services are told who makes the changes. */
export function knowsActor(project: ProjectModel): boolean {
  return isAudited(project) && has(project, 'auth');
}

/** Whether something is kept beside records that goes with them. */
export function hasAttachments(project: ProjectModel): boolean {
  return has(project, 'upload');
}

/** Whether services themselves remove what the database would remove along with a record, so that others can follow it. */
export function followsRemovals(project: ProjectModel): boolean {
  return !keepsDeleted(project) && (isAudited(project) || hasAttachments(project));
}

/** Whether something works on records of any kind, so that their services can be looked up. */
export function hasCatalog(project: ProjectModel): boolean {
  return hasAttachments(project) || has(project, 'jobs');
}

/** A class and its module among the services. */
export interface ServiceBase {
  readonly name: string;
  readonly module: string;
}

/** What the service of every entity extends. */
export function serviceBase(project: ProjectModel): ServiceBase {
  return keepsDeleted(project) ? { name: 'TrashService', module: './trash.ts' } : trashBase(project);
}

/** What a service with a trash extends. */
export function trashBase(project: ProjectModel): ServiceBase {
  return isAudited(project)
    ? { name: 'AuditedService', module: './audited.ts' }
    : { name: 'Service', module: './service.ts' };
}
