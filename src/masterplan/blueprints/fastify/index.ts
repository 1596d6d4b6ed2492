/** All files of the Fastify back end, by path inside the project. */
import type { GeneratedFile } from '../generated-file.ts';
import type { EntityModel, ProjectModel } from '../model.ts';
import { has } from '../python-web/feature-parts.ts';
import { accountFiles } from './account-files.ts';
import { auditFiles } from './audit-files.ts';
import { hasCatalog } from './bases.ts';
import { catalogFile } from './catalog.ts';
import { jobFiles } from './job-files.ts';
import { uploadFiles } from './upload-files.ts';
import * as application from './application.ts';
import { listPageFile } from './audit.ts';
import { csvFile, csvImportFile, csvRoutesFile, csvTestFile } from './csv-core.ts';
import { entityCsvRoutesFile, entityCsvTestFile } from './csv-entity.ts';
import { repositoryFile } from './entity-repository.ts';
import { routesFile } from './entity-routes.ts';
import { schemaFile } from './entity-schema.ts';
import { serviceFile } from './entity-service.ts';
import { tableFile } from './entity-table.ts';
import { filesOf } from './files.ts';
import * as foundation from './foundation.ts';
import { journalFile, migrationFile } from './migration.ts';
import { rateLimitFile, rateLimitTestFile } from './rate-limit.ts';
import * as rules from './rules.ts';
import { entitySeedFile, pickFile, seedAllFile, seedCommandFile, seedTestFile } from './seed.ts';
import * as storage from './storage.ts';
import { trashFiles } from './trash-files.ts';
import { listTestFile, recordTestFile } from './tests-api.ts';
import { rulesTestFile } from './tests-rules.ts';
import * as shared from './tests-shared.ts';
import { factoryFile, numbersFile, testServiceFile, vitestConfigFile } from './tests-support.ts';

function skeletonFiles(project: ProjectModel): GeneratedFile[] {
  const file = filesOf('skeleton');
  return [
    file('package.json', application.packageJsonFile(project), 'Packages and scripts of the back end', 'config'),
    file('tsconfig.json', application.nodeTsconfig(['src', 'test']), 'Compiler settings of the back end', 'config'),
    file('tsconfig.build.json', application.buildTsconfig(), 'Compiler settings of the build', 'config'),
    file('vitest.config.ts', vitestConfigFile(), 'Settings of the tests', 'config'),
    file('.prettierrc.json', application.prettierFile(), 'Formatting of the back end', 'config'),
    file('.env.example', application.envExampleFile(project), 'Environment variables with their defaults', 'config'),
  ];
}

function foundationFiles(project: ProjectModel): GeneratedFile[] {
  const file = filesOf('backend-foundation');
  return [
    file('src/settings.ts', foundation.settingsFile(project), 'Settings from the environment'),
    file('src/errors.ts', foundation.errorsFile(project), 'Errors that clients are told of'),
    file('src/error-handler.ts', foundation.errorHandlerFile(project), 'Answers to errors'),
    file('src/trim-texts.ts', foundation.trimTextsFile(project), 'Blanks around texts'),
    file('src/pagination.ts', foundation.paginationFile(), 'Pages of lists'),
    file('src/db/database.ts', storage.databaseFile(), 'The database and its transactions'),
    file('src/db/columns.ts', storage.columnsFile(project), 'What all tables share'),
    file('src/schemas/schema.ts', rules.schemaFile(), 'What all schemas share'),
    file('src/repositories/links.ts', storage.linksFile(project), 'Links of many records with many'),
    file('src/repositories/repository.ts', storage.repositoryFile(), 'What all repositories share'),
    file('src/services/checks.ts', rules.checksFile(), 'Checks that several services make'),
    file('src/services/service.ts', rules.serviceFile(project), 'The rules that hold for every kind of record'),
    file('test/settings.test.ts', shared.settingsTestFile(), 'Tests of the settings', 'test'),
    file('test/error-handler.test.ts', shared.errorHandlerTestFile(), 'Tests of the answers to errors', 'test'),
    file('test/trim-texts.test.ts', shared.trimTextsTestFile(), 'Tests of blanks around texts', 'test'),
    file('test/support/numbers.ts', numbersFile(), 'Numbers that make sample records differ', 'test'),
  ];
}

function entityFiles(project: ProjectModel, entity: EntityModel): GeneratedFile[] {
  const { names } = entity;
  const file = filesOf(`api:${names.pascal}`);
  const rulesTest = rulesTestFile(project, entity);
  const test = (path: string, content: string, purpose: string) => file(`test/${path}`, content, purpose, 'test');
  return [
    file(`src/db/tables/${names.kebab}.ts`, tableFile(project, entity), `Table of ${names.humanPlural}`),
    file(`src/schemas/${names.kebab}.ts`, schemaFile(project, entity), `Schemas of ${names.humanPlural}`),
    file(`src/repositories/${names.kebab}.ts`, repositoryFile(project, entity), `Repository of ${names.humanPlural}`),
    file(`src/services/${names.kebab}.ts`, serviceFile(project, entity), `Rules around ${names.humanPlural}`),
    file(`src/routes/${names.kebab}.ts`, routesFile(project, entity), `HTTP interface of ${names.humanPlural}`),
    test(`support/${names.kebab}-factory.ts`, factoryFile(project, entity), `Sample ${names.humanPlural} for tests`),
    test(`${names.kebab}-records.test.ts`, recordTestFile(project, entity), `Tests of single ${names.humanPlural}`),
    test(`${names.kebab}-list.test.ts`, listTestFile(project, entity), `Tests of lists of ${names.humanPlural}`),
    ...(rulesTest === null
      ? []
      : [test(`${names.kebab}-rules.test.ts`, rulesTest, `Tests of the rules of ${names.humanPlural}`)]),
  ];
}

function applicationFiles(project: ProjectModel): GeneratedFile[] {
  const file = filesOf('backend-application');
  return [
    file('drizzle/0000_tables.sql', migrationFile(project), 'Statements that make the tables', 'config'),
    file('drizzle/meta/_journal.json', journalFile(), 'The order of the migrations', 'config'),
    file('src/routes/health.ts', foundation.healthRoutesFile(), 'Whether the service is up'),
    file('src/app.ts', application.appFile(project), 'The service'),
    file('src/main.ts', foundation.mainFile(project), 'Start of the service'),
    file('test/support/test-service.ts', testServiceFile(project), 'The service in memory, for tests', 'test'),
    file('test/app.test.ts', shared.appTestFile(), 'Tests of the service as a whole', 'test'),
    file('test/database.test.ts', shared.databaseTestFile(), 'Tests of transactions', 'test'),
  ];
}

function featureFiles(project: ProjectModel): GeneratedFile[] {
  const file = filesOf('backend-features');
  const limit = [
    file('src/rate-limit.ts', rateLimitFile(), 'The limit of requests'),
    file('test/rate-limit.test.ts', rateLimitTestFile(project), 'Tests of the limit of requests', 'test'),
  ];
  const csv = [
    file('src/csv.ts', csvFile(), 'Reading and writing of CSV'),
    file('src/csv-import.ts', csvImportFile(), 'Checking and storing the lines of a file'),
    file('src/routes/csv-files.ts', csvRoutesFile(project), 'Export and import of one kind of record'),
    file('test/csv.test.ts', csvTestFile(), 'Tests of CSV', 'test'),
    ...project.entities.flatMap((entity) => [
      file(
        `src/routes/${entity.names.kebab}-csv.ts`,
        entityCsvRoutesFile(project, entity),
        `CSV files of ${entity.names.humanPlural}`,
      ),
      file(
        `test/${entity.names.kebab}-csv.test.ts`,
        entityCsvTestFile(project, entity),
        `Tests of CSV files of ${entity.names.humanPlural}`,
        'test',
      ),
    ]),
  ];
  const seed = [
    ...project.entities.map((entity) =>
      file(`src/seed/${entity.names.kebab}.ts`, entitySeedFile(project, entity), `Sample ${entity.names.humanPlural}`),
    ),
    ...(project.entities.some(({ relations }) => relations.some(({ required }) => required))
      ? [file('src/seed/pick.ts', pickFile(), 'Records that sample records refer to')]
      : []),
    file('src/seed/all.ts', seedAllFile(project), 'Sample records of all kinds'),
    file('src/seed.ts', seedCommandFile(), 'The command that stores sample records'),
    file('test/seed.test.ts', seedTestFile(project), 'Tests of the sample records', 'test'),
  ];
  const pages = [file('src/services/list-page.ts', listPageFile(), 'Pages of what has no service of its own')];
  return [
    ...(has(project, 'audit') || has(project, 'jobs') ? pages : []),
    ...(hasCatalog(project)
      ? [file('src/services/catalog.ts', catalogFile(project), 'The services of all records')]
      : []),
    ...(project.features.includes('rate_limit') ? limit : []),
    ...(project.features.includes('csv') ? csv : []),
    ...(project.features.includes('seed') ? seed : []),
  ];
}

export function fastifyFiles(project: ProjectModel): GeneratedFile[] {
  return [
    ...skeletonFiles(project),
    ...foundationFiles(project),
    ...accountFiles(project),
    ...auditFiles(project),
    ...jobFiles(project),
    ...uploadFiles(project),
    ...trashFiles(project),
    ...project.entities.flatMap((entity) => entityFiles(project, entity)),
    ...featureFiles(project),
    ...applicationFiles(project),
  ];
}
