/** The files of `auth` and `roles` in the Fastify back end. */
import type { GeneratedFile } from '../generated-file.ts';
import type { ProjectModel } from '../model.ts';
import { has } from '../python-web/feature-parts.ts';
import * as accounts from './accounts.ts';
import * as credentials from './credentials.ts';
import { filesOf } from './files.ts';
import * as tests from './tests-accounts.ts';

/** None where the project has no accounts. */
export function accountFiles(project: ProjectModel): GeneratedFile[] {
  if (!has(project, 'auth')) return [];
  const file = filesOf('backend-features');
  const roles = [
    file('src/routes/account.ts', accounts.accountRoutesFile(), 'HTTP interface of accounts'),
    file('test/accounts.test.ts', tests.accountsTestFile(project), 'Tests of accounts and their roles', 'test'),
  ];
  return [
    file('src/db/tables/account.ts', accounts.accountTableFile(), 'Table of accounts'),
    file('src/schemas/account.ts', accounts.accountSchemaFile(project), 'Schemas of accounts'),
    file('src/repositories/account.ts', accounts.accountRepositoryFile(project), 'Repository of accounts'),
    file('src/auth/passwords.ts', credentials.passwordsFile(), 'What is stored of passwords'),
    file('src/auth/tokens.ts', credentials.tokensFile(), 'Access tokens'),
    file('src/auth/guard.ts', accounts.guardFile(project), 'Who sends a request, and what they may do'),
    file('src/services/account.ts', accounts.accountServiceFile(project), 'Rules around accounts'),
    file('src/routes/auth.ts', accounts.authRoutesFile(), 'HTTP interface of signing in'),
    file('test/support/accounts.ts', tests.testAccountsFile(), 'Accounts for tests', 'test'),
    file('test/passwords.test.ts', credentials.passwordsTestFile(), 'Tests of passwords', 'test'),
    file('test/tokens.test.ts', credentials.tokensTestFile(), 'Tests of access tokens', 'test'),
    file('test/auth.test.ts', tests.authTestFile(project), 'Tests of signing in', 'test'),
    ...(has(project, 'roles') ? roles : []),
  ];
}
