/** All files that the features of a project add to the front end. */
import type { GeneratedFile } from '../../generated-file.ts';
import type { ProjectModel } from '../../model.ts';
import { attachmentFiles } from './attachments.ts';
import { auditFiles } from './audit.ts';
import { authFiles } from './auth.ts';
import { csvFiles, fileMovingFiles } from './csv.ts';
import { jobFiles } from './jobs.ts';
import { rolesFiles } from './roles.ts';
import { trashFiles } from './trash.ts';

export function featureFiles(project: ProjectModel): GeneratedFile[] {
  return [authFiles, rolesFiles, fileMovingFiles, csvFiles, trashFiles, attachmentFiles, auditFiles, jobFiles].flatMap(
    (files) => files(project),
  );
}
