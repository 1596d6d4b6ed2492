/** The files of the features that are FastAPI's own. */
import type { GeneratedFile } from '../generated-file.ts';
import type { FeatureId, ProjectModel } from '../model.ts';
import { featureFile } from '../python-web/feature-files.ts';
import { auditApiTestFile, auditRouterFile } from './audit-routes.ts';
import { accountsRouterFile, accountsTestFile, authRouterFile, authTestFile, securityFile } from './auth-routes.ts';
import { backgroundFile, jobsApiTestFile, jobsRouterFile } from './jobs-routes.ts';
import { limitsFile, limitsTestFile } from './rate-limit.ts';
import { signInFile } from './tests-shared.ts';
import { attachmentsRouterFile, attachmentsTestFile, uploadsFile } from './upload-routes.ts';

function authFiles(project: ProjectModel): GeneratedFile[] {
  return [
    featureFile('app/security.py', securityFile(project), 'Who sends a request'),
    featureFile('app/routers/auth.py', authRouterFile(), 'HTTP interface of signing in'),
    featureFile('tests/signing_in.py', signInFile(), 'Signing in for tests'),
    featureFile('tests/test_auth_api.py', authTestFile(project), 'Tests of signing in'),
  ];
}

function roleFiles(project: ProjectModel): GeneratedFile[] {
  return [
    featureFile('app/routers/accounts.py', accountsRouterFile(), 'HTTP interface of accounts'),
    featureFile('tests/test_accounts_api.py', accountsTestFile(project), 'Tests of accounts and roles'),
  ];
}

function uploadFiles(project: ProjectModel): GeneratedFile[] {
  return [
    featureFile('app/uploads.py', uploadsFile(), 'Uploads and their limit'),
    featureFile('app/routers/attachments.py', attachmentsRouterFile(), 'HTTP interface of attachments'),
    featureFile('tests/test_attachments_api.py', attachmentsTestFile(project), 'Tests of the attachment API'),
  ];
}

function auditFiles(project: ProjectModel): GeneratedFile[] {
  return [
    featureFile('app/routers/audit.py', auditRouterFile(), 'HTTP interface of the audit trail'),
    featureFile('tests/test_audit_api.py', auditApiTestFile(project), 'Tests of the audit API'),
  ];
}

function rateLimitFiles(project: ProjectModel): GeneratedFile[] {
  return [
    featureFile('app/limits.py', limitsFile(), 'Refusing too many requests'),
    featureFile('tests/test_limits.py', limitsTestFile(project), 'Tests of the limit of requests'),
  ];
}

function jobFiles(project: ProjectModel): GeneratedFile[] {
  return [
    featureFile('app/background.py', backgroundFile(), 'The worker of the service'),
    featureFile('app/routers/jobs.py', jobsRouterFile(project), 'HTTP interface of background jobs'),
    featureFile('tests/test_jobs_api.py', jobsApiTestFile(project), 'Tests of the jobs API'),
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

/** The files of the features that are written for FastAPI; the others are in `python-web`. */
export function featureFiles(project: ProjectModel): GeneratedFile[] {
  return project.features.flatMap((id) => FILES[id]?.(project) ?? []);
}
