/** The files of the features that are written for Flask; the others are in `python-web`. */
import { auditApiTestFile } from '../fastapi/audit-routes.ts';
import { accountsTestFile, authTestFile } from '../fastapi/auth-routes.ts';
import { jobsApiTestFile } from '../fastapi/jobs-routes.ts';
import { limitsTestFile } from '../fastapi/rate-limit.ts';
import { attachmentsTestFile } from '../fastapi/upload-routes.ts';
import type { GeneratedFile } from '../generated-file.ts';
import type { FeatureId, ProjectModel } from '../model.ts';
import { featureFile } from '../python-web/feature-files.ts';
import { auditRoutesFile } from './audit-routes.ts';
import { accountsRoutesFile, authRoutesFile, securityFile, signInFile } from './auth-routes.ts';
import { backgroundFile, jobsRoutesFile, workerTest } from './jobs-routes.ts';
import { limitsFile, proxyTests } from './rate-limit.ts';
import { withFlaskClient } from './test-client.ts';
import { attachmentsRoutesFile, uploadsFile } from './upload-routes.ts';

function testFile(path: string, content: string, purpose: string): GeneratedFile {
  return featureFile(path, withFlaskClient(content), purpose);
}

function authFiles(project: ProjectModel): GeneratedFile[] {
  return [
    featureFile('app/security.py', securityFile(project), 'Who sends a request'),
    featureFile('app/routes/auth.py', authRoutesFile(), 'HTTP interface of signing in'),
    featureFile('tests/signing_in.py', signInFile(), 'Signing in for tests'),
    testFile('tests/test_auth_api.py', authTestFile(project), 'Tests of signing in'),
  ];
}

function roleFiles(project: ProjectModel): GeneratedFile[] {
  return [
    featureFile('app/routes/accounts.py', accountsRoutesFile(), 'HTTP interface of accounts'),
    testFile('tests/test_accounts_api.py', accountsTestFile(project), 'Tests of accounts and roles'),
  ];
}

function uploadFiles(project: ProjectModel): GeneratedFile[] {
  return [
    featureFile('app/uploads.py', uploadsFile(), 'Uploads and their limit'),
    featureFile('app/routes/attachments.py', attachmentsRoutesFile(), 'HTTP interface of attachments'),
    testFile('tests/test_attachments_api.py', attachmentsTestFile(project), 'Tests of the attachment API'),
  ];
}

function auditFiles(project: ProjectModel): GeneratedFile[] {
  return [
    featureFile('app/routes/audit.py', auditRoutesFile(), 'HTTP interface of the audit trail'),
    testFile('tests/test_audit_api.py', auditApiTestFile(project), 'Tests of the audit API'),
  ];
}

function rateLimitFiles(project: ProjectModel): GeneratedFile[] {
  return [
    featureFile('app/limits.py', limitsFile(), 'Refusing too many requests'),
    testFile('tests/test_limits.py', limitsTestFile(project) + proxyTests(project), 'Tests of the limit of requests'),
  ];
}

function jobFiles(project: ProjectModel): GeneratedFile[] {
  return [
    featureFile('app/background.py', backgroundFile(), 'The worker of the service'),
    featureFile('app/routes/jobs.py', jobsRoutesFile(project), 'HTTP interface of background jobs'),
    testFile('tests/test_jobs_api.py', jobsApiTestFile(project, workerTest()), 'Tests of the jobs API'),
  ];
}

const FILES: Partial<Record<FeatureId, (project: ProjectModel) => GeneratedFile[]>> = {
  auth: authFiles,
  roles: roleFiles,
  upload: uploadFiles,
  audit: auditFiles,
  rate_limit: rateLimitFiles,
  jobs: jobFiles,
};

/** All files that the features of a project add for Flask. */
export function featureFiles(project: ProjectModel): GeneratedFile[] {
  return project.features.flatMap((id) => FILES[id]?.(project) ?? []);
}
