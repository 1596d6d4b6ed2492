/** All files of the FastAPI backend, by path inside the project. */
import type { ProjectModel } from '../model.ts';
import { TEXT_LENGTHS } from '../model.ts';
import type { GeneratedFile } from '../generated-file.ts';
import {
  devRequirementsFile,
  envExampleFile,
  healthRouterFile,
  mainFile,
  makefileFile,
  requirementsFile,
} from './application.ts';
import { dependenciesFile, errorHandlersFile } from './foundation.ts';
import { routerFile } from './router.ts';
import { apiTestFile } from './tests-api.ts';
import { conftestFile, healthTestFile } from './tests-shared.ts';
import { modelBaseFile, repositoryBaseFile, schemaBaseFile, serviceBaseFile } from '../python-web/bases.ts';
import { entityModelFile, modelsPackageFile } from '../python-web/entity-model.ts';
import { entitySchemaFile } from '../python-web/entity-schema.ts';
import { databaseFile, errorsFile, paginationFile, settingsFile } from '../python-web/foundation.ts';
import { packageFile, pyprojectFile } from '../python-web/packaging.ts';
import { repositoryFile } from '../python-web/repository.ts';
import { serviceFile } from '../python-web/service.ts';
import { repositoryTestFile } from '../python-web/tests-repository.ts';
import { serviceTestFile } from '../python-web/tests-service.ts';
import { databaseTestFile, factoriesFile, settingsTestFile } from '../python-web/tests-shared.ts';

function textLengths(project: ProjectModel): number[] {
  const texts = project.entities
    .flatMap((entity) => entity.fields)
    .filter((field) => field.type === 'text' || field.type === 'longtext');
  return [...new Set([TEXT_LENGTHS.text, ...texts.map((field) => field.maxLength)])].sort((a, b) => a - b);
}

function file(
  path: string,
  content: string,
  purpose: string,
  milestone: GeneratedFile['milestone'],
  taskType: string,
): GeneratedFile {
  return { path: `backend/${path}`, content, purpose, milestone, taskType };
}

function skeletonFiles(project: ProjectModel): GeneratedFile[] {
  return [
    file('pyproject.toml', pyprojectFile(project), 'Python project and tool settings', 'skeleton', 'config'),
    file('requirements.txt', requirementsFile(), 'Packages that the backend runs on', 'skeleton', 'config'),
    file('requirements-dev.txt', devRequirementsFile(), 'Packages for tests and linting', 'skeleton', 'config'),
    file('.env.example', envExampleFile(project), 'Environment variables with their defaults', 'skeleton', 'config'),
    file('Makefile', makefileFile(), 'Everyday commands of the backend', 'skeleton', 'config'),
    file('app/__init__.py', packageFile(`The API of ${project.title}.`), 'The backend package', 'skeleton', 'code'),
    file('tests/__init__.py', packageFile('Tests of the API.'), 'The package of the backend tests', 'skeleton', 'code'),
  ];
}

function foundationFiles(project: ProjectModel): GeneratedFile[] {
  const code = (path: string, content: string, purpose: string) =>
    file(path, content, purpose, 'backend-foundation', 'code');
  return [
    code('app/settings.py', settingsFile(project), 'Settings from the environment'),
    code('app/errors.py', errorsFile(), 'Errors and the form in which they leave the service'),
    code('app/error_handlers.py', errorHandlersFile(), 'Answers to errors'),
    code('app/dependencies.py', dependenciesFile(), 'What routes get from the request'),
    code('app/pagination.py', paginationFile(), 'Pages of collections'),
    code('app/models/base.py', modelBaseFile(), 'What all tables share'),
    code('app/repositories/__init__.py', packageFile('Reading and writing tables.'), 'The package of the repositories'),
    code('app/repositories/base.py', repositoryBaseFile(), 'What all repositories share'),
    code('app/schemas/__init__.py', packageFile('What clients send and get.'), 'The package of the schemas'),
    code('app/schemas/base.py', schemaBaseFile(textLengths(project)), 'What all schemas share'),
    code('app/services/__init__.py', packageFile('The rules of the domain.'), 'The package of the services'),
    code('app/services/base.py', serviceBaseFile(), 'The rules that hold for every kind of record'),
    code('app/routers/__init__.py', packageFile('The HTTP interface.'), 'The package of the routers'),
  ];
}

function entityFiles(project: ProjectModel): GeneratedFile[] {
  return project.entities.flatMap((entity) => {
    const { names } = entity;
    const milestone = `api:${names.pascal}` as const;
    const add = (path: string, content: string, purpose: string, type = 'code') =>
      file(path, content, purpose, milestone, type);
    return [
      add(`app/models/${names.snake}.py`, entityModelFile(project, entity), `Table of ${names.humanPlural}`),
      add(`app/schemas/${names.snake}.py`, entitySchemaFile(entity), `Schemas of ${names.humanPlural}`),
      add(`app/repositories/${names.snake}.py`, repositoryFile(entity), `Repository of ${names.humanPlural}`),
      add(`app/services/${names.snake}.py`, serviceFile(project, entity), `Rules around ${names.humanPlural}`),
      add(`app/routers/${names.snake}.py`, routerFile(entity), `HTTP interface of ${names.humanPlural}`),
      add(
        `tests/test_${names.snake}_repository.py`,
        repositoryTestFile(project, entity),
        `Tests of the ${names.human} repository`,
        'test',
      ),
      add(
        `tests/test_${names.snake}_service.py`,
        serviceTestFile(project, entity),
        `Tests of the ${names.human} rules`,
        'test',
      ),
      add(`tests/test_${names.snake}_api.py`, apiTestFile(project, entity), `Tests of the ${names.human} API`, 'test'),
    ];
  });
}

function applicationFiles(project: ProjectModel): GeneratedFile[] {
  const add = (path: string, content: string, purpose: string, type = 'code') =>
    file(path, content, purpose, 'backend-application', type);
  return [
    add('app/models/__init__.py', modelsPackageFile(project), 'All tables'),
    add('app/database.py', databaseFile(), 'The connection to the database'),
    add('app/routers/health.py', healthRouterFile(), 'Health of the service'),
    add('app/main.py', mainFile(project), 'The application'),
    add('tests/conftest.py', conftestFile(), 'Test fixtures', 'test'),
    add('tests/factories.py', factoriesFile(project), 'Valid records for tests', 'test'),
    add('tests/test_health.py', healthTestFile(), 'Tests of the service as a whole', 'test'),
    add('tests/test_settings.py', settingsTestFile(), 'Tests of the settings', 'test'),
    add('tests/test_database.py', databaseTestFile(), 'Tests of the database and its types', 'test'),
  ];
}

export function backendFiles(project: ProjectModel): GeneratedFile[] {
  return [
    ...skeletonFiles(project),
    ...foundationFiles(project),
    ...entityFiles(project),
    ...applicationFiles(project),
  ];
}
