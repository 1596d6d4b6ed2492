/** The files of the features that do not depend on the web framework, by path inside the back end. */
import { sessionInfoFile } from './foundation.ts';
import type { GeneratedFile } from '../generated-file.ts';
import type { ProjectModel } from '../model.ts';
import {
  accountModelFile,
  accountRepositoryFile,
  accountSchemaFile,
  accountServiceFile,
  passwordsFile,
  tokensFile,
} from './accounts.ts';
import { auditModelFile, auditRepositoryFile, auditSchemaFile, auditTrailFile } from './audit.ts';
import { followsDeletions, has, hasCatalog } from './feature-parts.ts';
import { jobKindsFile, jobModelFile, jobQueueFile, jobSchemaFile, jobWorkerFile } from './jobs.ts';
import { packageFile } from './packaging.ts';
import { rateLimitFile, rateLimitTestFile } from './rate-limit.ts';
import { catalogFile, dependentsFile, kindsFile } from './record-kinds.ts';
import { accountFactoryFile, accountServiceTestFile, passwordsTestFile, tokensTestFile } from './tests-accounts.ts';
import { entitySeedFile, pickingFile, samplesRefer, seedFile, seedTestFile } from './seed.ts';
import { auditTestFile } from './tests-audit.ts';
import { jobsTestFile } from './tests-jobs.ts';
import { attachmentTestFile, storageTestFile } from './tests-uploads.ts';
import {
  attachmentCleanupFile,
  attachmentModelFile,
  attachmentSchemaFile,
  attachmentServiceFile,
  storageFile,
} from './uploads.ts';

/** A file of the back end that belongs to a feature. */
export function featureFile(path: string, content: string, purpose: string): GeneratedFile {
  const taskType = path.startsWith('tests/') ? 'test' : 'code';
  return { path: `backend/${path}`, content, purpose, milestone: 'backend-features', taskType };
}

function accountFiles(project: ProjectModel): GeneratedFile[] {
  return [
    featureFile('app/models/account.py', accountModelFile(), 'Table of accounts'),
    featureFile('app/schemas/account.py', accountSchemaFile(project), 'Schemas of accounts'),
    featureFile('app/repositories/account.py', accountRepositoryFile(project), 'Repository of accounts'),
    featureFile('app/services/account.py', accountServiceFile(project), 'Rules around accounts'),
    featureFile('app/passwords.py', passwordsFile(), 'Keeping passwords'),
    featureFile('app/tokens.py', tokensFile(), 'Access tokens'),
    featureFile('tests/accounts.py', accountFactoryFile(), 'Accounts for tests'),
    featureFile('tests/test_passwords.py', passwordsTestFile(), 'Tests of passwords'),
    featureFile('tests/test_tokens.py', tokensTestFile(), 'Tests of access tokens'),
    featureFile('tests/test_account_service.py', accountServiceTestFile(project), 'Tests of the account rules'),
  ];
}

function uploadFiles(project: ProjectModel): GeneratedFile[] {
  return [
    featureFile('app/models/attachment.py', attachmentModelFile(), 'Table of attachments'),
    featureFile('app/schemas/attachment.py', attachmentSchemaFile(), 'Schemas of attachments'),
    featureFile('app/storage.py', storageFile(), 'Files on disk'),
    featureFile('app/services/attachment.py', attachmentServiceFile(), 'Rules around attachments'),
    featureFile('app/attachment_cleanup.py', attachmentCleanupFile(), 'Deleting attachments with their records'),
    featureFile('tests/test_storage.py', storageTestFile(), 'Tests of files on disk'),
    featureFile('tests/test_attachments.py', attachmentTestFile(project), 'Tests of the attachment rules'),
  ];
}

function auditFiles(project: ProjectModel): GeneratedFile[] {
  return [
    featureFile('app/models/audit.py', auditModelFile(), 'Table of the audit trail'),
    featureFile('app/schemas/audit.py', auditSchemaFile(), 'Schemas of the audit trail'),
    featureFile('app/repositories/audit.py', auditRepositoryFile(), 'Repository of the audit trail'),
    featureFile('app/audit.py', auditTrailFile(project), 'Noting every change'),
    featureFile('tests/test_audit.py', auditTestFile(project), 'Tests of the audit trail'),
  ];
}

function rateLimitFiles(): GeneratedFile[] {
  return [
    featureFile('app/rate_limit.py', rateLimitFile(), 'Counting requests'),
    featureFile('tests/test_rate_limit.py', rateLimitTestFile(), 'Tests of counting requests'),
  ];
}

function jobFiles(project: ProjectModel): GeneratedFile[] {
  return [
    featureFile('app/models/job.py', jobModelFile(project), 'Table of background jobs'),
    featureFile('app/schemas/job.py', jobSchemaFile(), 'Schemas of background jobs'),
    featureFile('app/jobs/__init__.py', packageFile('Work that is done in the background.'), 'The package of the jobs'),
    featureFile('app/jobs/kinds.py', jobKindsFile(project), 'What jobs do'),
    featureFile('app/jobs/queue.py', jobQueueFile(), 'Queue of background jobs'),
    featureFile('app/jobs/worker.py', jobWorkerFile(), 'Worker of background jobs'),
    featureFile('tests/test_jobs.py', jobsTestFile(project), 'Tests of background jobs'),
  ];
}

function seedFiles(project: ProjectModel): GeneratedFile[] {
  const entities = project.entities.map((entity) =>
    featureFile(
      `app/seeds/${entity.names.snake}.py`,
      entitySeedFile(project, entity),
      `Sample ${entity.names.humanPlural}`,
    ),
  );
  return [
    featureFile('app/seeds/__init__.py', packageFile('Sample records.'), 'The package of the samples'),
    ...(samplesRefer(project)
      ? [featureFile('app/seeds/picking.py', pickingFile(project), 'What samples refer to')]
      : []),
    ...entities,
    featureFile('app/seed.py', seedFile(project), 'Command that stores sample records'),
    featureFile('tests/test_seed.py', seedTestFile(project), 'Tests of the sample records'),
  ];
}

/** Tables, rules and tests of the features of a project. */
export function sharedFeatureFiles(project: ProjectModel): GeneratedFile[] {
  return [
    ...(has(project, 'auth') ? accountFiles(project) : []),
    ...(hasCatalog(project)
      ? [featureFile('app/services/catalog.py', catalogFile(project), 'All kinds of records')]
      : []),
    ...(followsDeletions(project)
      ? [
          featureFile('app/models/kinds.py', kindsFile(), 'Kinds of records by name'),
          featureFile('app/dependents.py', dependentsFile(), 'What depends on deleted records'),
          featureFile('app/session_info.py', sessionInfoFile(), 'What sessions carry along'),
        ]
      : []),
    ...(has(project, 'upload') ? uploadFiles(project) : []),
    ...(has(project, 'audit') ? auditFiles(project) : []),
    ...(has(project, 'rate_limit') ? rateLimitFiles() : []),
    ...(has(project, 'jobs') ? jobFiles(project) : []),
    ...(has(project, 'seed') ? seedFiles(project) : []),
  ];
}
