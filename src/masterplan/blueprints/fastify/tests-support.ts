/** What the back-end tests share: the service in memory and factories of records. */
import { fileText } from '../layout.ts';
import { entityNamed, type EntityModel, type ProjectModel } from '../model.ts';
import { has } from '../python-web/feature-parts.ts';
import { imports } from './entity-names.ts';
import { factoryValue } from './samples.ts';

const HEADERS = 'headers: Record<string, string>';

export function testServiceFile(project: ProjectModel): string {
  const [hasCsv, hasAccounts] = [has(project, 'csv'), has(project, 'auth')];
  const ownHeaders = hasAccounts ? ', headers' : '';
  const members = [
    `/** Calls the service without a socket${hasAccounts ? ', signed in as an admin' : ''}. */`,
    "send(method: InjectOptions['method'], url: string, payload?: object): ReturnType<typeof inject>;",
    ...(hasAccounts
      ? [
          '/** The same with the headers of somebody else. */',
          `sendAs(${HEADERS}, method: InjectOptions['method'], url: string, payload?: object): ReturnType<typeof inject>;`,
        ]
      : []),
    ...(hasCsv
      ? [
          '/** The same with a CSV file. */',
          "sendText(method: InjectOptions['method'], url: string, payload: string): ReturnType<typeof inject>;",
        ]
      : []),
  ];
  const methods = [
    `send: (method, url, payload) => inject(app, { method, url, payload${ownHeaders} }),`,
    ...(hasAccounts
      ? ['sendAs: (others, method, url, payload) => inject(app, { method, url, payload, headers: others }),']
      : []),
    ...(hasCsv
      ? [
          `sendText: (method, url, payload) => inject(app, { method, url, payload, headers: { ${hasAccounts ? '...headers, ' : ''}'content-type': 'text/csv' } }),`,
        ]
      : []),
  ];
  return fileText(`
import type { InjectOptions } from 'fastify';
import { buildApp } from '../../src/app.ts';
import { type Database, openDatabase } from '../../src/db/database.ts';
import { DEFAULT_SETTINGS } from '../../src/settings.ts';
${hasAccounts ? "import { headersOf, makeAccount, SECRET_KEY } from './accounts.ts';\n" : ''}
/** The service on an empty database in memory. */
export interface TestService {
  database: Database;
  ${members.join('\n  ')}
  close(): Promise<void>;
}

/** Starts the service; whoever starts it closes it. */
export async function startService(): Promise<TestService> {
  const database = await openDatabase(':memory:');
  const app = await buildApp(${hasAccounts ? '{ ...DEFAULT_SETTINGS, secretKey: SECRET_KEY }' : 'DEFAULT_SETTINGS'}, database);
${hasAccounts ? "  const headers = await headersOf(await makeAccount(database, { role: 'admin' }));\n" : ''}  return {
    database,
    ${methods.join('\n    ')}
    close: async () => {
      await app.close();
      database.close();
    },
  };
}

function inject(app: Awaited<ReturnType<typeof buildApp>>, options: InjectOptions) {
  return app.inject(options);
}
`);
}

/** `backend/vitest.config.ts`. */
export function vitestConfigFile(): string {
  return fileText(`
import { defineConfig } from 'vitest/config';

// No test changes a module: what one file has loaded, the next one can use.
export default defineConfig({ test: { isolate: false } });
`);
}

export function numbersFile(): string {
  return fileText(`
let last = 0;

/** A number that no other record of this run has. */
export function nextNumber(): number {
  last += 1;
  return last;
}
`);
}

export function factoryFile(project: ProjectModel, entity: EntityModel): string {
  const { names } = entity;
  const required = entity.relations.filter((relation) => relation.required);
  const targets = required.map(({ target }) => entityNamed(project, target).names);
  const members = [
    ...entity.fields.map((field) => `${field.name}: ${factoryValue(entity, field)},`),
    ...required.map(
      ({ name, target }) =>
        `${name}_id: overrides.${name}_id ?? (await make${entityNamed(project, target).names.pascal}(database)).id,`,
    ),
  ];
  return fileText(`
import type { Database } from '../../src/db/database.ts';
import type { ${names.pascal}Create, ${names.pascal}Read } from '../../src/schemas/${names.kebab}.ts';
import { ${names.pascal}Service } from '../../src/services/${names.kebab}.ts';
${imports({
  ...Object.fromEntries(targets.map((target) => [`./${target.kebab}-factory.ts`, [`make${target.pascal}`]])),
  './numbers.ts': members.join('').includes('nextNumber(') ? ['nextNumber'] : [],
})}

/** What a client sends of a new ${names.human}. */
export async function ${names.camel}Values(
  ${required.length > 0 ? 'database' : '_database'}: Database,
  overrides: Partial<${names.pascal}Create> = {},
): Promise<${names.pascal}Create> {
  return {
    ${members.join('\n    ')}
    ...overrides,
  };
}

/** A stored ${names.human}. */
export async function make${names.pascal}(
  database: Database,
  overrides: Partial<${names.pascal}Create> = {},
): Promise<${names.pascal}Read> {
  const values = await ${names.camel}Values(database, overrides);
  return database.write((session) => new ${names.pascal}Service(session).create(values));
}
`);
}
