/** The files around the source of a library. */
import { buildTsconfig, nodeTsconfig } from '../fastify/application.ts';
import { BACKEND_VERSIONS } from '../fastify/versions.ts';
import { changeableField, factoryValue } from '../fastify/samples.ts';
import { fileText } from '../layout.ts';
import type { EntityModel, ProjectModel } from '../model.ts';
import { labelOf } from '../naming.ts';
import { idName, idsName, memberName } from './entity-files.ts';

export function packageJsonFile(project: ProjectModel): string {
  const manifest = {
    name: project.slug,
    version: '1.0.0',
    description: `${project.title}: validated records in memory or a JSON file`,
    type: 'module',
    engines: { node: '>=20.19' },
    main: './dist/index.js',
    types: './dist/index.d.ts',
    exports: { '.': { types: './dist/index.d.ts', import: './dist/index.js' } },
    files: ['dist'],
    sideEffects: false,
    scripts: {
      build: 'tsc -p tsconfig.build.json',
      typecheck: 'tsc --noEmit',
      test: 'vitest run',
      prepack: 'npm run build',
    },
    devDependencies: BACKEND_VERSIONS.devDependencies,
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

export function tsconfigFile(): string {
  return nodeTsconfig(['src', 'test']);
}

export function buildTsconfigFile(): string {
  return buildTsconfig({ declaration: true });
}

export function workflowFile(): string {
  return fileText(`
name: ci

on:
  push:
  pull_request:

jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - run: npm install
      - run: npm run typecheck
      - run: npm test
      - run: npm run build
`);
}

function entityRow(entity: EntityModel): string {
  const members = [
    ...entity.fields.map(({ name }) => memberName(name)),
    ...entity.relations.map(({ name }) => idName(name)),
    ...entity.many.map(({ singular }) => idsName(singular)),
  ];
  return `- **${labelOf(entity.names.humanPlural)}** (\`${entity.names.camelPlural}\`): ${members.map((name) => `\`${name}\``).join(', ')}`;
}

/** An entity that stands alone, for the example of the README. */
function exampleEntity(project: ProjectModel): EntityModel | undefined {
  return project.entities.find(({ relations }) => relations.every(({ required }) => !required));
}

function exampleInput(entity: EntityModel): string {
  const needed = entity.fields.filter(({ required, defaultValue }) => required && defaultValue === null);
  const shown = needed.length > 0 ? needed : [changeableField(entity)].filter((field) => field !== null);
  return shown
    .map(
      (field) =>
        `${memberName(field.name)}: ${factoryValue(entity, field)
          .replace(/^`(.*) \$\{nextNumber\(\)\}`$/, "'$1'")
          .replace('String(nextNumber())', "'1'")}`,
    )
    .join(', ');
}

export function readmeFile(project: ProjectModel): string {
  const entity = exampleEntity(project);
  const example =
    entity === undefined
      ? ''
      : `
const ${entity.names.camel} = await collections.${entity.names.camelPlural}.create({ ${exampleInput(entity)} });
const page = await collections.${entity.names.camelPlural}.list({ sort: '-createdAt', limit: 10 });
await collections.${entity.names.camelPlural}.remove(${entity.names.camel}.id);`;
  return fileText(`
# ${project.title}

A TypeScript library without dependencies: validated records, in memory or in a JSON file. For Node 20 and later.

\`\`\`ts
import { JsonFileStore, openCollections } from '${project.slug}';

const collections = openCollections(new JsonFileStore('data.json'));
${example}
\`\`\`

\`openCollections()\` without a store keeps everything in memory. A store of your own has \`load\` and \`save\`.

## What it holds

${project.entities.map(entityRow).join('\n')}

Every collection has \`create\`, \`get\`, \`update\`, \`remove\` and \`list\`. A list takes \`where\` (values of fields), \`search\`, \`sort\`
(a field, with \`-\` for descending), \`limit\` and \`offset\`. Each change is kept as a whole or not at all, one after the other.

| error               | when                                                             |
| ------------------- | ---------------------------------------------------------------- |
| \`InvalidInputError\` | a value is wrong; \`problems\` names every field                   |
| \`NotFoundError\`     | there is no record with the id                                   |
| \`ConflictError\`     | a value is taken, or other records still need the one to remove  |

## Work on it

\`\`\`sh
npm install
npm run typecheck && npm test && npm run build
\`\`\`

- \`src/entities\`: what each kind of record is made of, and its rules.
- \`src/core\`: fields, queries, removal and stores; nothing there knows the kinds.
`);
}
