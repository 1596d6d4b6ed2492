/** The TypeScript library blueprint: a project model in, its files and milestones out. */
import type { Plan } from '../../../domain/index.ts';
import { prettierFile } from '../fastify/application.ts';
import type { GeneratedFile } from '../generated-file.ts';
import type { ProjectModel } from '../model.ts';
import { type MilestonePlan, planOf } from '../plan-files.ts';
import type { Understanding } from '../request/understand.ts';
import * as collection from './collection.ts';
import * as tests from './core-tests.ts';
import { collectionsFile, entityFile, indexFile } from './entity-files.ts';
import { entityTestFile, numbersFile, sampleFile } from './entity-tests.ts';
import * as around from './package-files.ts';
import * as storage from './storage.ts';
import * as values from './values.ts';

function filesOf(milestone: GeneratedFile['milestone']) {
  return (path: string, content: string, purpose: string, taskType = 'code'): GeneratedFile => ({
    path,
    content,
    purpose,
    milestone,
    taskType,
  });
}

function skeletonFiles(project: ProjectModel): GeneratedFile[] {
  const file = filesOf('skeleton');
  return [
    file('.gitignore', 'node_modules/\ndist/\n', 'Files that git leaves alone', 'config'),
    file('.prettierrc.json', prettierFile(), 'Formatting', 'config'),
    file('package.json', around.packageJsonFile(project), 'Package, its exports and scripts', 'config'),
    file('tsconfig.json', around.tsconfigFile(), 'Compiler settings', 'config'),
    file('tsconfig.build.json', around.buildTsconfigFile(), 'Compiler settings of the build', 'config'),
  ];
}

function coreFiles(): GeneratedFile[] {
  const file = filesOf('backend-foundation');
  return [
    file('src/core/errors.ts', values.errorsFile(), 'Errors that callers meet'),
    file('src/core/fields.ts', values.fieldsFile(), 'Fields and the values that they take'),
    file('src/core/kind.ts', values.kindFile(), 'Kinds of records and the reading of their values'),
    file('src/core/store.ts', storage.storeFile(), 'What a store is, and the one in memory'),
    file('src/core/json-file-store.ts', storage.jsonFileStoreFile(), 'Records in a JSON file'),
    file('src/core/access.ts', storage.accessFile(), 'Changes, one after the other'),
    file('src/core/query.ts', collection.queryFile(), 'Filters, search and order'),
    file('src/core/removal.ts', collection.removalFile(), 'Removing records with what refers to them'),
    file('src/core/record-collection.ts', collection.recordCollectionFile(), 'The operations on one kind of record'),
    file('test/core/fields.test.ts', tests.fieldsTestFile(), 'Tests of the fields', 'test'),
    file('test/core/query.test.ts', tests.queryTestFile(), 'Tests of filters, search and order', 'test'),
    file('test/core/store.test.ts', tests.storeTestFile(), 'Tests of the stores', 'test'),
    file('test/support/numbers.ts', numbersFile(), 'Numbers that make sample records differ', 'test'),
  ];
}

function entityFiles(project: ProjectModel): GeneratedFile[] {
  return project.entities.flatMap((entity) => {
    const { names } = entity;
    const file = filesOf(`api:${names.pascal}`);
    return [
      file(`src/entities/${names.kebab}.ts`, entityFile(project, entity), `What ${names.humanPlural} are made of`),
      file(`test/support/${names.kebab}-sample.ts`, sampleFile(project, entity), `Sample ${names.humanPlural}`, 'test'),
      file(`test/${names.kebab}.test.ts`, entityTestFile(project, entity), `Tests of ${names.humanPlural}`, 'test'),
    ];
  });
}

function deliveryFiles(project: ProjectModel): GeneratedFile[] {
  const file = filesOf('delivery');
  return [
    file('.github/workflows/ci.yaml', around.workflowFile(), 'Checks of every change', 'config'),
    file('README.md', around.readmeFile(project), 'How to use, test and change the library', 'docs'),
  ];
}

function libraryFiles(project: ProjectModel): GeneratedFile[] {
  const entry = filesOf('backend-application');
  return [
    ...skeletonFiles(project),
    ...coreFiles(),
    ...entityFiles(project),
    entry('src/collections.ts', collectionsFile(project), 'All collections over one store'),
    entry('src/index.ts', indexFile(project), 'What the package exports'),
    ...deliveryFiles(project),
  ];
}

function milestones(project: ProjectModel): MilestonePlan[] {
  return [
    { key: 'skeleton', phase: 'setup', name: 'Package', description: 'Manifest, compiler settings and formatting' },
    { key: 'backend-foundation', phase: 'setup', name: 'Core', description: 'Fields, queries, stores and their tests' },
    ...project.entities.map(({ names }): MilestonePlan => ({
      key: `api:${names.pascal}`,
      phase: 'core',
      name: `Collection of ${names.humanPlural}`,
      description: `What ${names.humanPlural} are made of, with tests of their rules`,
    })),
    {
      key: 'backend-application',
      phase: 'core',
      name: 'Exports',
      description: 'The collections and what others import',
    },
    { key: 'delivery', phase: 'polish', name: 'Delivery', description: 'Documentation and checks' },
  ];
}

/** The plan of an understood request. */
export function planTypescriptLibrary(understanding: Understanding): Promise<Plan> {
  const { project } = understanding;
  return planOf(understanding, {
    files: libraryFiles(project),
    milestones: milestones(project),
    description: `A TypeScript library around ${project.entities.map(({ names }) => names.humanPlural).join(', ')}`,
    architectureStyle: 'layered',
    techStack: { library: 'TypeScript', tests: 'vitest' },
    checks: [{ name: 'library', directory: '.', toolchain: 'node' }],
  });
}
