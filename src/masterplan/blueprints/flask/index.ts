/** What Flask brings to a Python back end. */
import { csvApiTestFile } from '../fastapi/csv-routes.ts';
import { trashApiTestFile } from '../fastapi/soft-delete-routes.ts';
import { apiTestFile } from '../fastapi/tests-api.ts';
import { healthTestFile } from '../fastapi/tests-shared.ts';
import type { GeneratedFile } from '../generated-file.ts';
import type { ProjectModel } from '../model.ts';
import { backendFile, pythonBackend, type PythonFramework } from '../python-web/backend.ts';
import { conftestFile } from '../python-web/conftest.ts';
import { takesCsv } from '../python-web/csv.ts';
import { keepsDeleted } from '../python-web/soft-delete.ts';
import { makefileFile, packageFile } from '../python-web/packaging.ts';
import { devRequirementsFile, healthRouteFile, requirementsFile } from './application.ts';
import { csvBodyFile } from './csv-routes.ts';
import { featureFiles } from './feature-files.ts';
import { corsFile, errorHandlersFile } from './foundation.ts';
import { mainFile } from './main-module.ts';
import { componentsFile, openapiFile, openapiRouteFile, errorSchemaFile } from './openapi.ts';
import { convertersFile, endpointFile, parsingFile, querySchemaFile, sessionsFile } from './requests.ts';
import { routesFile } from './routes.ts';
import { withFlaskClient } from './test-client.ts';
import { FLASK_CLIENT, openapiTestFile, payloadsFile, requestsTestFile } from './tests-shared.ts';

const FLASK: PythonFramework = {
  skeleton(project) {
    const add = (path: string, content: string, purpose: string) =>
      backendFile(path, content, purpose, 'skeleton', 'config');
    return [
      add('requirements.txt', requirementsFile(project), 'Packages that the backend runs on'),
      add('requirements-dev.txt', devRequirementsFile(), 'Packages for tests and linting'),
      add(
        'Makefile',
        makefileFile(project, 'flask --app app.main run --debug --port 8000'),
        'Everyday commands of the backend',
      ),
    ];
  },

  foundation(project) {
    const add = (path: string, content: string, purpose: string) =>
      backendFile(path, content, purpose, 'backend-foundation', 'code');
    return [
      add('app/parsing.py', parsingFile(), 'Reading requests through the schemas'),
      add('app/endpoint.py', endpointFile(project), 'Views that say what they take and answer'),
      add('app/converters.py', convertersFile(), 'Ids in paths'),
      add('app/sessions.py', sessionsFile(), 'One session per request'),
      add('app/error_handlers.py', errorHandlersFile(project), 'Answers to errors'),
      ...(takesCsv(project) ? [add('app/csv_body.py', csvBodyFile(), 'CSV in requests and answers')] : []),
      add('app/cors.py', corsFile(project), 'Which pages may call the service'),
      add('app/schemas/query.py', querySchemaFile(), 'What the query string of every list may say'),
      add('app/schemas/error.py', errorSchemaFile(), 'What clients get where a request fails'),
      add('app/components.py', componentsFile(project), 'Schemas of the OpenAPI description'),
      add('app/openapi.py', openapiFile(project), 'The OpenAPI description'),
      add('app/routes/__init__.py', packageFile('The HTTP interface.'), 'The package of the routes'),
    ];
  },

  entity(project, entity) {
    const { names } = entity;
    const add = (path: string, content: string, purpose: string, type: string) =>
      backendFile(path, content, purpose, `api:${names.pascal}`, type);
    const test = (name: string, content: string, purpose: string) =>
      add(`tests/test_${names.snake}_${name}.py`, withFlaskClient(content), purpose, 'test');
    return [
      add(
        `app/routes/${names.snake}.py`,
        routesFile(project, entity),
        `HTTP interface of ${names.humanPlural}`,
        'code',
      ),
      test('api', apiTestFile(project, entity), `Tests of the ${names.human} API`),
      ...(takesCsv(project)
        ? [test('csv_api', csvApiTestFile(entity), `Tests of ${names.humanPlural} as CSV over HTTP`)]
        : []),
      ...(keepsDeleted(project)
        ? [test('trash_api', trashApiTestFile(entity), `Tests of the trash of ${names.humanPlural}`)]
        : []),
    ];
  },

  features: featureFiles,

  application(project) {
    const add = (path: string, content: string, purpose: string, type = 'code') =>
      backendFile(path, content, purpose, 'backend-application', type);
    return [
      add('app/routes/health.py', healthRouteFile(), 'Health of the service'),
      add('app/routes/openapi.py', openapiRouteFile(), 'Description of the service'),
      add('app/main.py', mainFile(project), 'The application'),
      add('tests/conftest.py', conftestFile(project, FLASK_CLIENT), 'Test fixtures', 'test'),
      add('tests/payloads.py', payloadsFile(), 'What clients send, as JSON', 'test'),
      add('tests/test_health.py', withFlaskClient(healthTestFile(project)), 'Tests of the service as a whole', 'test'),
      add('tests/test_openapi.py', openapiTestFile(project), 'Tests of the OpenAPI description', 'test'),
      add('tests/test_requests.py', requestsTestFile(project), 'Tests of requests that are not valid', 'test'),
    ];
  },
};

/** All files of the Flask back end. */
export function backendFiles(project: ProjectModel): GeneratedFile[] {
  return pythonBackend(project, FLASK);
}
