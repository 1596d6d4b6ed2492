/** What the back-end tests share: the service in memory and factories of records. */
import { fileText } from '../layout.ts';
import { entityNamed, type EntityModel, type ProjectModel } from '../model.ts';
import { imports } from './entity-names.ts';
import { factoryValue } from './samples.ts';

export function testServiceFile(project: ProjectModel): string {
  const hasCsv = project.features.includes('csv');
  return fileText(`
import type { InjectOptions } from 'fastify';
import { buildApp } from '../../src/app.ts';
import { type Database, openDatabase } from '../../src/db/database.ts';
import { DEFAULT_SETTINGS } from '../../src/settings.ts';

/** The service on an empty database in memory. */
export interface TestService {
  database: Database;
  /** Calls the service without a socket. */
  send(method: InjectOptions['method'], url: string, payload?: object): ReturnType<typeof inject>;
  ${hasCsv ? "/** The same with a CSV file. */\n  sendText(method: InjectOptions['method'], url: string, payload: string): ReturnType<typeof inject>;\n  " : ''}close(): Promise<void>;
}

/** Starts the service; whoever starts it closes it. */
export async function startService(): Promise<TestService> {
  const database = await openDatabase(':memory:');
  const app = await buildApp(DEFAULT_SETTINGS, database);
  return {
    database,
    send: (method, url, payload) => inject(app, { method, url, payload }),
    ${hasCsv ? "sendText: (method, url, payload) =>\n      inject(app, { method, url, payload, headers: { 'content-type': 'text/csv' } }),\n    " : ''}close: async () => {
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
