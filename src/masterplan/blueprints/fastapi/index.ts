/** What FastAPI brings to a Python back end. */
import type { GeneratedFile } from '../generated-file.ts';
import type { ProjectModel } from '../model.ts';
import { backendFile, pythonBackend, type PythonFramework } from '../python-web/backend.ts';
import { conftestFile } from '../python-web/conftest.ts';
import { takesCsv } from '../python-web/csv.ts';
import { keepsDeleted } from '../python-web/soft-delete.ts';
import { makefileFile, packageFile } from '../python-web/packaging.ts';
import { devRequirementsFile, healthRouterFile, requirementsFile } from './application.ts';
import { featureFiles } from './feature-files.ts';
import { dependenciesFile, errorHandlersFile, headRequestsFile } from './foundation.ts';
import { mainFile } from './main-module.ts';
import { routerFile } from './router.ts';
import { csvApiTestFile, csvBodyFile } from './csv-routes.ts';
import { trashApiTestFile } from './soft-delete-routes.ts';
import { apiTestFile } from './tests-api.ts';
import { errorsTestFile } from './tests-errors.ts';
import { FASTAPI_CLIENT, healthTestFile } from './tests-shared.ts';

const FASTAPI: PythonFramework = {
  skeleton(project) {
    const add = (path: string, content: string, purpose: string) =>
      backendFile(path, content, purpose, 'skeleton', 'config');
    return [
      add('requirements.txt', requirementsFile(project), 'Packages that the backend runs on'),
      add('requirements-dev.txt', devRequirementsFile(), 'Packages for tests and linting'),
      add(
        'Makefile',
        makefileFile(project, 'uvicorn app.main:create_app --factory --reload'),
        'Everyday commands of the backend',
      ),
    ];
  },

  foundation(project) {
    const add = (path: string, content: string, purpose: string) =>
      backendFile(path, content, purpose, 'backend-foundation', 'code');
    return [
      add('app/error_handlers.py', errorHandlersFile(project), 'Answers to errors'),
      add('app/head_requests.py', headRequestsFile(), 'Answers to HEAD'),
      ...(takesCsv(project) ? [add('app/csv_body.py', csvBodyFile(), 'CSV in requests and answers')] : []),
      add('app/dependencies.py', dependenciesFile(), 'What routes get from the request'),
      add('app/routers/__init__.py', packageFile('The HTTP interface.'), 'The package of the routers'),
    ];
  },

  entity(project, entity) {
    const { names } = entity;
    const add = (path: string, content: string, purpose: string, type: string) =>
      backendFile(path, content, purpose, `api:${names.pascal}`, type);
    return [
      add(
        `app/routers/${names.snake}.py`,
        routerFile(project, entity),
        `HTTP interface of ${names.humanPlural}`,
        'code',
      ),
      add(`tests/test_${names.snake}_api.py`, apiTestFile(project, entity), `Tests of the ${names.human} API`, 'test'),
      ...(takesCsv(project)
        ? [
            add(
              `tests/test_${names.snake}_csv_api.py`,
              csvApiTestFile(entity),
              `Tests of ${names.humanPlural} as CSV over HTTP`,
              'test',
            ),
          ]
        : []),
      ...(keepsDeleted(project)
        ? [
            add(
              `tests/test_${names.snake}_trash_api.py`,
              trashApiTestFile(entity),
              `Tests of the trash of ${names.humanPlural}`,
              'test',
            ),
          ]
        : []),
    ];
  },

  features: featureFiles,

  application(project) {
    const add = (path: string, content: string, purpose: string, type = 'code') =>
      backendFile(path, content, purpose, 'backend-application', type);
    return [
      add('app/routers/health.py', healthRouterFile(), 'Health of the service'),
      add('app/main.py', mainFile(project), 'The application'),
      add('tests/conftest.py', conftestFile(project, FASTAPI_CLIENT), 'Test fixtures', 'test'),
      add('tests/test_errors_api.py', errorsTestFile(project), 'Tests of errors that no route raises', 'test'),
      add('tests/test_health.py', healthTestFile(project), 'Tests of the service as a whole', 'test'),
    ];
  },
};

/** All files of the FastAPI back end. */
export function backendFiles(project: ProjectModel): GeneratedFile[] {
  return pythonBackend(project, FASTAPI);
}
