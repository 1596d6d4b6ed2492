/** All files of the React front end, by path inside the project. */
import type { EntityModel, ProjectModel } from '../model.ts';
import type { GeneratedFile } from '../generated-file.ts';
import { hasFilters } from '../filters.ts';
import * as components from './components.ts';
import { entityApiFile, entityValuesFile } from './entity-api.ts';
import { filtersFile } from './entity-filter-bar.ts';
import { formFile } from './entity-form.ts';
import { appFile } from './app.ts';
import { pageFile } from './entity-page.ts';
import { tableFile } from './entity-table.ts';
import { featureFiles } from './features/index.ts';
import * as foundation from './foundation.ts';
import * as hooks from './hooks.ts';
import { stylesFile } from './styles.ts';
import * as sorting from './sorting.ts';
import * as skeleton from './skeleton.ts';
import { formTestFile, valuesTestFile } from './tests-form.ts';
import { pageTestFile } from './tests-page.ts';
import * as support from './test-support.ts';
import * as shared from './tests-shared.ts';

type Milestone = GeneratedFile['milestone'];

function file(path: string, content: string, purpose: string, milestone: Milestone, taskType = 'code'): GeneratedFile {
  return { path: `frontend/${path}`, content, purpose, milestone, taskType };
}

function skeletonFiles(project: ProjectModel): GeneratedFile[] {
  const config = (path: string, content: string, purpose: string) => file(path, content, purpose, 'skeleton', 'config');
  return [
    config('package.json', skeleton.packageJsonFile(project), 'Packages and scripts of the front end'),
    config('tsconfig.json', skeleton.tsconfigFile(), 'Compiler settings of the front end'),
    config('vite.config.ts', skeleton.viteConfigFile(), 'Bundler, development server and test runner'),
    config('.prettierrc.json', skeleton.prettierFile(), 'Formatting of the front end'),
    config('.prettierignore', skeleton.prettierIgnoreFile(), 'Files that are not formatted'),
    config('eslint.config.js', skeleton.eslintFile(), 'Rules of the linter'),
    config('index.html', skeleton.indexHtmlFile(project), 'The page that the application lives in'),
    config('src/styles.css', stylesFile(project), 'Styles'),
  ];
}

function foundationFiles(project: ProjectModel): GeneratedFile[] {
  const code = (path: string, content: string, purpose: string) => file(path, content, purpose, 'frontend-foundation');
  const test = (path: string, content: string, purpose: string) =>
    file(path, content, purpose, 'frontend-foundation', 'test');
  return [
    code('src/api/http.ts', foundation.httpFile(project), 'HTTP client with typed errors'),
    code('src/api/resource.ts', foundation.resourceFile(project), 'Operations on a collection of the API'),
    code('src/forms/convert.ts', foundation.convertFile(), 'Conversions between inputs and the API'),
    code('src/forms/label-in.ts', foundation.labelInFile(), 'Labels of choices'),
    code('src/forms/rules.ts', foundation.rulesFile(), 'Checks of form values'),
    code('src/hooks/message-of.ts', hooks.messageOfFile(), 'Messages of errors'),
    code('src/hooks/use-collection.ts', hooks.useCollectionFile(), 'A page of a collection as state'),
    code('src/hooks/use-editor.ts', hooks.useEditorFile(), 'Creating, changing and deleting records'),
    code('src/hooks/use-form.ts', hooks.useFormFile(), 'The state of a form'),
    code('src/hooks/use-hash-route.ts', hooks.useHashRouteFile(), 'Routes in the address bar'),
    code('src/hooks/use-options.ts', hooks.useOptionsFile(), 'Records as entries of a selection list'),
    code('src/components/field-frame.tsx', components.fieldFrameFile(), 'Label and problem of an input'),
    code('src/components/text-field.tsx', components.textFieldFile(project), 'Input of text, numbers and dates'),
    code('src/components/text-area-field.tsx', components.textAreaFieldFile(), 'Input of long text'),
    code('src/components/select-field.tsx', components.selectFieldFile(), 'Choice from a list'),
    code('src/components/checkbox-field.tsx', components.checkboxFieldFile(), 'Yes-or-no choice'),
    code('src/components/choices-field.tsx', components.choicesFieldFile(), 'Any number of choices from a list'),
    code('src/components/sort-order.ts', sorting.sortOrderFile(), 'Orders of a list by its columns'),
    code('src/components/sort-heading.tsx', sorting.sortHeadingFile(), 'Column headings that sort'),
    code('src/components/pager.tsx', components.pagerFile(), 'Moving through pages'),
    code('src/components/delete-button.tsx', components.deleteButtonFile(project), 'Deleting after asking'),
    code('src/components/collection-frame.tsx', components.collectionFrameFile(), 'What surrounds a list'),
    test('src/test/setup.ts', support.setupFile(project), 'Cleaning up after each test'),
    test('src/test/fake-api.ts', support.fakeApiFile(project), 'An API in memory for tests'),
    test('src/api/http.test.ts', shared.httpTestFile(), 'Tests of the HTTP client'),
    test('src/forms/convert.test.ts', shared.convertTestFile(), 'Tests of the conversions'),
    test('src/forms/rules.test.ts', shared.rulesTestFile(), 'Tests of the checks'),
    test('src/hooks/use-hash-route.test.ts', shared.routeTestFile(), 'Tests of the routes'),
    test('src/components/sort-order.test.ts', sorting.sortOrderTestFile(), 'Tests of the orders'),
    test('src/components/sort-heading.test.tsx', sorting.sortHeadingTestFile(), 'Tests of the column headings'),
    test('src/components/choices-field.test.tsx', shared.choicesFieldTestFile(), 'Tests of choosing several'),
    test('src/components/pager.test.tsx', shared.pagerTestFile(), 'Tests of moving through pages'),
    test('src/components/delete-button.test.tsx', shared.deleteButtonTestFile(project), 'Tests of deleting'),
  ];
}

function entityFiles(project: ProjectModel, entity: EntityModel): GeneratedFile[] {
  const { names } = entity;
  const milestone = `screens:${names.pascal}` as const;
  const code = (path: string, content: string, purpose: string) => file(path, content, purpose, milestone);
  const test = (path: string, content: string, purpose: string) => file(path, content, purpose, milestone, 'test');
  return [
    code(`src/api/${names.kebabPlural}.ts`, entityApiFile(project, entity), `Types and calls for ${names.humanPlural}`),
    code(`src/forms/${names.kebab}-values.ts`, entityValuesFile(entity), `Form values of a ${names.human}`),
    code(`src/components/${names.kebab}-form.tsx`, formFile(project, entity), `Form of a ${names.human}`),
    ...(hasFilters(entity)
      ? [
          code(
            `src/components/${names.kebab}-filter-bar.tsx`,
            filtersFile(project, entity),
            `Filters of ${names.humanPlural}`,
          ),
        ]
      : []),
    code(`src/components/${names.kebab}-table.tsx`, tableFile(project, entity), `Table of ${names.humanPlural}`),
    code(`src/pages/${names.kebabPlural}-page.tsx`, pageFile(project, entity), `Page of ${names.humanPlural}`),
    test(`src/forms/${names.kebab}-values.test.ts`, valuesTestFile(entity), `Tests of the ${names.human} form values`),
    test(
      `src/components/${names.kebab}-form.test.tsx`,
      formTestFile(project, entity),
      `Tests of the ${names.human} form`,
    ),
    test(
      `src/pages/${names.kebabPlural}-page.test.tsx`,
      pageTestFile(project, entity),
      `Tests of the page of ${names.humanPlural}`,
    ),
  ];
}

function applicationFiles(project: ProjectModel): GeneratedFile[] {
  const milestone = 'frontend-application';
  return [
    file('src/app.tsx', appFile(project), 'Navigation and pages', milestone),
    file('src/main.tsx', skeleton.mainFile(), 'Start of the front end', milestone),
    file('src/test/records.ts', support.recordsFile(project), 'Sample records for tests', milestone, 'test'),
    file('src/app.test.tsx', shared.appTestFile(project), 'Tests of the navigation', milestone, 'test'),
  ];
}

export function frontendFiles(project: ProjectModel): GeneratedFile[] {
  return [
    ...skeletonFiles(project),
    ...foundationFiles(project),
    ...featureFiles(project),
    ...project.entities.flatMap((entity) => entityFiles(project, entity)),
    ...applicationFiles(project),
  ];
}
