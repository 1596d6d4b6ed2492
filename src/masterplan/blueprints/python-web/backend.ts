/** All files of a Python back end, by path inside the project: those that all web frameworks share, around the framework's own. */
import { type EntityModel, type ProjectModel, TEXT_LENGTHS } from '../model.ts';
import type { GeneratedFile } from '../generated-file.ts';
import { modelBaseFile, repositoryBaseFile, schemaBaseFile, serviceBaseFile } from './bases.ts';
import { entityModelFile, modelsPackageFile } from './entity-model.ts';
import { entitySchemaFile } from './entity-schema.ts';
import { sharedFeatureFiles } from './feature-files.ts';
import { databaseFile, errorsFile, paginationFile, settingsFile } from './foundation.ts';
import { envExampleFile, packageFile, pyprojectFile } from './packaging.ts';
import { csvExportFile, csvImportFile, takesCsv } from './csv.ts';
import { csvCellsFile, csvStoringFile } from './csv-storing.ts';
import { hasLinks, hasRelations, linksFile, refersToRecords } from './many.ts';
import { repositoryFile } from './repository.ts';
import { serviceFile } from './service.ts';
import { keepsDeleted, trashModelFile, trashRepositoryFile, trashServiceFile } from './soft-delete.ts';
import { repositoryTestFile } from './tests-repository.ts';
import { csvImportTestFile, csvTestFile } from './tests-csv.ts';
import { trashTestFile } from './tests-soft-delete.ts';
import { storableTestFile } from './tests-storable.ts';
import { serviceTestFile } from './tests-service.ts';
import { databaseTestFile, factoriesFile, settingsTestFile } from './tests-shared.ts';

function textLengths(project: ProjectModel): number[] {
  const texts = project.entities
    .flatMap((entity) => entity.fields)
    .filter((field) => field.type === 'text' || field.type === 'longtext');
  return [...new Set([TEXT_LENGTHS.text, ...texts.map((field) => field.maxLength)])].sort((a, b) => a - b);
}

/** A file of the back end, by its path inside it. */
export function backendFile(
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
    backendFile('pyproject.toml', pyprojectFile(project), 'Python project and tool settings', 'skeleton', 'config'),
    backendFile(
      '.env.example',
      envExampleFile(project),
      'Environment variables with their defaults',
      'skeleton',
      'config',
    ),
    backendFile(
      'app/__init__.py',
      packageFile(`The API of ${project.title}.`),
      'The backend package',
      'skeleton',
      'code',
    ),
    backendFile(
      'tests/__init__.py',
      packageFile('Tests of the API.'),
      'The package of the backend tests',
      'skeleton',
      'code',
    ),
  ];
}

function trashFiles(project: ProjectModel): GeneratedFile[] {
  const code = (path: string, content: string, purpose: string) =>
    backendFile(path, content, purpose, 'backend-foundation', 'code');
  return [
    code('app/models/trash.py', trashModelFile(hasLinks(project)), 'Tables whose deleted records are kept'),
    code('app/repositories/trash.py', trashRepositoryFile(refersToRecords(project)), 'Finding deleted records'),
    code('app/services/trash.py', trashServiceFile(), 'Deleting and restoring'),
  ];
}

function csvFiles(project: ProjectModel): GeneratedFile[] {
  const code = (path: string, content: string, purpose: string) =>
    backendFile(path, content, purpose, 'backend-foundation', 'code');
  return [
    code('app/services/csv_export.py', csvExportFile(project), 'Records as CSV'),
    code('app/services/csv_cells.py', csvCellsFile(), 'Texts that spreadsheets would run'),
    code('app/services/csv_storing.py', csvStoringFile(project), 'Storing many records at once'),
    code('app/services/csv_import.py', csvImportFile(project), 'Records from CSV'),
    backendFile('tests/test_csv_import.py', csvImportTestFile(), 'Tests of reading CSV', 'backend-foundation', 'test'),
  ];
}

function foundationFiles(project: ProjectModel): GeneratedFile[] {
  const code = (path: string, content: string, purpose: string) =>
    backendFile(path, content, purpose, 'backend-foundation', 'code');
  return [
    code('app/settings.py', settingsFile(project), 'Settings from the environment'),
    code('app/errors.py', errorsFile(project), 'Errors and the form in which they leave the service'),
    code('app/pagination.py', paginationFile(), 'Pages of collections'),
    code('app/models/base.py', modelBaseFile(hasLinks(project)), 'What all tables share'),
    code('app/repositories/__init__.py', packageFile('Reading and writing tables.'), 'The package of the repositories'),
    code(
      'app/repositories/base.py',
      repositoryBaseFile(refersToRecords(project), takesCsv(project)),
      'What all repositories share',
    ),
    code('app/schemas/__init__.py', packageFile('What clients send and get.'), 'The package of the schemas'),
    code(
      'app/schemas/base.py',
      schemaBaseFile(textLengths(project), hasLinks(project), takesCsv(project)),
      'What all schemas share',
    ),
    code('app/services/__init__.py', packageFile('The rules of the domain.'), 'The package of the services'),
    code(
      'app/services/base.py',
      serviceBaseFile(hasRelations(project), takesCsv(project)),
      'The rules that hold for every kind of record',
    ),
    ...(hasLinks(project) ? [code('app/services/links.py', linksFile(), 'Linking records with many others')] : []),
    ...(keepsDeleted(project) ? trashFiles(project) : []),
    ...(takesCsv(project) ? csvFiles(project) : []),
  ];
}

function entityFiles(project: ProjectModel, entity: EntityModel): GeneratedFile[] {
  const { names } = entity;
  const milestone = `api:${names.pascal}` as const;
  const add = (path: string, content: string, purpose: string, type = 'code') =>
    backendFile(path, content, purpose, milestone, type);
  return [
    add(`app/models/${names.snake}.py`, entityModelFile(project, entity), `Table of ${names.humanPlural}`),
    add(`app/schemas/${names.snake}.py`, entitySchemaFile(project, entity), `Schemas of ${names.humanPlural}`),
    add(`app/repositories/${names.snake}.py`, repositoryFile(project, entity), `Repository of ${names.humanPlural}`),
    add(`app/services/${names.snake}.py`, serviceFile(project, entity), `Rules around ${names.humanPlural}`),
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
    ...(takesCsv(project)
      ? [
          add(
            `tests/test_${names.snake}_csv.py`,
            csvTestFile(project, entity),
            `Tests of ${names.humanPlural} as CSV`,
            'test',
          ),
        ]
      : []),
    ...(keepsDeleted(project)
      ? [
          add(
            `tests/test_${names.snake}_trash.py`,
            trashTestFile(project, entity),
            `Tests of deleting and restoring ${names.humanPlural}`,
            'test',
          ),
        ]
      : []),
  ];
}

function applicationFiles(project: ProjectModel): GeneratedFile[] {
  const add = (path: string, content: string, purpose: string, type = 'code') =>
    backendFile(path, content, purpose, 'backend-application', type);
  return [
    add('app/models/__init__.py', modelsPackageFile(project), 'All tables'),
    add('app/database.py', databaseFile(project), 'The connection to the database'),
    add('tests/factories.py', factoriesFile(project), 'Valid records for tests', 'test'),
    add('tests/test_settings.py', settingsTestFile(), 'Tests of the settings', 'test'),
    add('tests/test_storable.py', storableTestFile(), 'Tests of what cannot be stored', 'test'),
    add('tests/test_database.py', databaseTestFile(), 'Tests of the database and its types', 'test'),
  ];
}

/** What a web framework brings to a back end, in plan order. */
export interface PythonFramework {
  /** Packages, commands and example settings. */
  skeleton(project: ProjectModel): readonly GeneratedFile[];
  /** Errors and requests. */
  foundation(project: ProjectModel): readonly GeneratedFile[];
  /** HTTP interface of one entity, and its tests. */
  entity(project: ProjectModel, entity: EntityModel): readonly GeneratedFile[];
  features(project: ProjectModel): readonly GeneratedFile[];
  /** The application, its fixtures and tests as a whole. */
  application(project: ProjectModel): readonly GeneratedFile[];
}

export function pythonBackend(project: ProjectModel, framework: PythonFramework): GeneratedFile[] {
  return [
    ...skeletonFiles(project),
    ...framework.skeleton(project),
    ...foundationFiles(project),
    ...framework.foundation(project),
    ...project.entities.flatMap((entity) => [...entityFiles(project, entity), ...framework.entity(project, entity)]),
    ...sharedFeatureFiles(project),
    ...framework.features(project),
    ...applicationFiles(project),
    ...framework.application(project),
  ];
}
