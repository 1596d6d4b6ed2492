/** The files of `upload` in the Fastify back end. */
import type { GeneratedFile } from '../generated-file.ts';
import type { ProjectModel } from '../model.ts';
import { hasAttachments } from './bases.ts';
import { filesOf } from './files.ts';
import { attachmentsTestFile, fileStoreTestFile, uploadFormTestFile } from './tests-uploads.ts';
import { attachmentRoutesFile, sweeperFile } from './upload-routes.ts';
import * as uploads from './uploads.ts';

/** None where records have no files. */
export function uploadFiles(project: ProjectModel): GeneratedFile[] {
  if (!hasAttachments(project)) return [];
  const file = filesOf('backend-features');
  return [
    file('src/db/tables/attachment.ts', uploads.attachmentTableFile(), 'Table of attachments'),
    file('src/schemas/attachment.ts', uploads.attachmentSchemaFile(), 'Schemas of attachments'),
    file('src/repositories/attachment.ts', uploads.attachmentRepositoryFile(), 'Repository of attachments'),
    file('src/services/attached-files.ts', uploads.attachedFilesFile(), 'What goes with a record that is removed'),
    file('src/files/file-store.ts', uploads.fileStoreFile(), 'Files on disk'),
    file('src/files/upload-form.ts', uploads.uploadFormFile(), 'Reading of forms with a file'),
    file('src/services/attachment.ts', uploads.attachmentServiceFile(), 'Rules around attachments'),
    file('src/files/sweeper.ts', sweeperFile(), 'Removing of files that nothing needs'),
    file('src/routes/attachment.ts', attachmentRoutesFile(), 'HTTP interface of attachments'),
    file('test/file-store.test.ts', fileStoreTestFile(), 'Tests of files on disk', 'test'),
    file('test/upload-form.test.ts', uploadFormTestFile(), 'Tests of forms with a file', 'test'),
    file('test/attachments.test.ts', attachmentsTestFile(project), 'Tests of attachments', 'test'),
  ];
}
