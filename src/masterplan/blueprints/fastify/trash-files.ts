/** The files of `soft_delete` in the Fastify back end. */
import type { GeneratedFile } from '../generated-file.ts';
import type { ProjectModel } from '../model.ts';
import { keepsDeleted, trashBase } from './bases.ts';
import { filesOf } from './files.ts';
import { trashRepositoryFile, trashServiceFile } from './soft-delete.ts';
import { trashTestFile } from './tests-soft-delete.ts';

/** None where deleted records are gone. */
export function trashFiles(project: ProjectModel): GeneratedFile[] {
  if (!keepsDeleted(project)) return [];
  const file = filesOf('backend-features');
  return [
    file('src/repositories/trash.ts', trashRepositoryFile(project), 'Access to deleted records'),
    file('src/services/trash.ts', trashServiceFile(project, trashBase(project)), 'Deleting and restoring'),
    ...project.entities.map((entity) =>
      file(
        `test/${entity.names.kebab}-trash.test.ts`,
        trashTestFile(project, entity),
        `Tests of the trash of ${entity.names.humanPlural}`,
        'test',
      ),
    ),
  ];
}
