/** The files of the features that are FastAPI's own. */
import type { GeneratedFile } from '../generated-file.ts';
import type { ProjectModel } from '../model.ts';
import { featureFile } from '../python-web/feature-files.ts';
import { has } from '../python-web/feature-parts.ts';
import { accountsRouterFile, accountsTestFile, authRouterFile, authTestFile, securityFile } from './auth-routes.ts';
import { signInFile } from './tests-shared.ts';

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

/** The files of the features that are written for FastAPI; the others are in `python-web`. */
export function featureFiles(project: ProjectModel): GeneratedFile[] {
  return [...(has(project, 'auth') ? authFiles(project) : []), ...(has(project, 'roles') ? roleFiles(project) : [])];
}
