/** `backend/src/services/catalog.ts`: the services of all records, for what works on records of any kind. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { has } from '../python-web/feature-parts.ts';
import { hasAttachments, keepsDeleted } from './bases.ts';

export function catalogFile(project: ProjectModel): string {
  const hasJobs = has(project, 'jobs');
  const members = [
    ...(hasAttachments(project)
      ? ['/** Throws a NotFoundError where there is no such record. */', 'get(id: number): Promise<unknown>;']
      : []),
    ...(hasJobs ? ['list(query: { limit: number }): Promise<{ total: number }>;'] : []),
    ...(hasJobs && keepsDeleted(project) ? ['purge(limit: string): Promise<number>;'] : []),
  ];
  const services = project.entities.map(({ names }) => names);
  return fileText(`
import type { Session } from '../db/database.ts';
${services.map(({ kebab, pascal }) => `import { ${pascal}Service } from './${kebab}.ts';`).join('\n')}

/** What can be done with records of any kind. */
export interface RecordService {
  ${members.join('\n  ')}
}

/** Opens the services of all collections, by their names in paths; what records refer to comes before them. */
export const SERVICES: Readonly<Record<string, (session: Session) => RecordService>> = {
  ${services.map(({ kebabPlural, pascal }) => `'${kebabPlural}': (session) => new ${pascal}Service(session),`).join('\n  ')}
};
`);
}
