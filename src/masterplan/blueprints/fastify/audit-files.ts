/** The files of `audit` in the Fastify back end. */
import type { GeneratedFile } from '../generated-file.ts';
import type { ProjectModel } from '../model.ts';
import * as audit from './audit.ts';
import { isAudited } from './bases.ts';
import { filesOf } from './files.ts';
import { auditTestFile, trailTestFile } from './tests-audit.ts';

/** None where changes are not noted. */
export function auditFiles(project: ProjectModel): GeneratedFile[] {
  if (!isAudited(project)) return [];
  const file = filesOf('backend-features');
  const forgets = project.entities.some(({ relations }) => relations.some(({ onDelete }) => onDelete === 'set_null'));
  return [
    file('src/db/tables/audit-entry.ts', audit.auditTableFile(), 'Table of the history'),
    file('src/schemas/audit.ts', audit.auditSchemaFile(), 'Schemas of the history'),
    file('src/repositories/audit.ts', audit.auditRepositoryFile(), 'Repository of the history'),
    file('src/services/trail.ts', audit.trailFile(project), 'What is noted of a change'),
    file('src/services/audited.ts', audit.auditedServiceFile(forgets), 'Signing and noting of changes'),
    file('src/routes/audit.ts', audit.auditRoutesFile(), 'HTTP interface of the history'),
    file('test/trail.test.ts', trailTestFile(), 'Tests of what is noted of a change', 'test'),
    file('test/audit.test.ts', auditTestFile(project), 'Tests of the history', 'test'),
  ];
}
