/** What the back-end tests share: the service in memory and factories of records. */
import { fileText } from '../layout.ts';
import { entityNamed, type EntityModel, type ProjectModel } from '../model.ts';
import { has } from '../python-web/feature-parts.ts';
import { imports } from './entity-names.ts';
import { factoryValue } from './samples.ts';

const HEADERS = 'headers: Record<string, string>';

/** Statements that empty the tables: records before those that they refer to, links with their records. */
function removals(project: ProjectModel): string[] {
  return project.entities.toReversed().flatMap((entity) => {
    const { camelPlural, pascal } = entity.names;
    const restricting = entity.relations.filter(({ target, onDelete }) => target === pascal && onDelete === 'restrict');
    return [
      ...restricting.map(({ name }) => `await session.update(${camelPlural}).set({ ${name}_id: null });`),
      `await session.delete(${camelPlural});`,
    ];
  });
}

export function testServiceFile(project: ProjectModel): string {
  const hasUploads = has(project, 'upload');
  const [hasCsv, hasAccounts] = [has(project, 'csv'), has(project, 'auth')];
  const settings = [
    ...(hasAccounts ? ['secretKey: SECRET_KEY'] : []),
    ...(hasUploads ? ['uploadDir', 'uploadMaxMb: 1'] : []),
  ];
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
    ...(hasUploads
      ? [
          '/** The same with a form, with its length or without. */',
          'sendFile(url: string, form: FormData, options?: FormOptions): ReturnType<typeof inject>;',
          '/** Where attached files are kept. */',
          'uploadDir: string;',
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
    ...(hasUploads
      ? [
          `sendFile: async (url, form, options) => inject(app, { method: 'POST', url, ...(await formParts(form, ${hasAccounts ? 'headers, ' : ''}options)) }),`,
          'uploadDir,',
        ]
      : []),
  ];
  const formParts = `
/** A form as the body of a request, and the headers that go with it. */
async function formParts(form: FormData, ${hasAccounts ? `${HEADERS}, ` : ''}{ hasLength = true }: FormOptions = {}) {
  const request = new Request('http://localhost', { method: 'POST', body: form });
  const bytes = Buffer.from(await request.arrayBuffer());
  const type = request.headers.get('content-type') ?? '';
  return {
    headers: { ${hasAccounts ? '...headers, ' : ''}'content-type': type },
    payload: hasLength ? bytes : Readable.from([bytes]),
  };
}
`;
  const tables = project.entities.map(
    ({ names }) => `import { ${names.camelPlural} } from '../../src/db/tables/${names.kebab}.ts';`,
  );
  return fileText(`
${
  hasUploads
    ? `import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
`
    : ''
}import type { InjectOptions } from 'fastify';
import { buildApp } from '../../src/app.ts';
import { type Database, openDatabase, type Session } from '../../src/db/database.ts';
${tables.join('\n')}
import { DEFAULT_SETTINGS } from '../../src/settings.ts';
${hasAccounts ? "import { headersOf, makeAccount, SECRET_KEY } from './accounts.ts';\n" : ''}import { restartNumbers } from './numbers.ts';
${
  hasUploads
    ? `
interface FormOptions {
  hasLength?: boolean;
}
`
    : ''
}
/** The service on an empty database in memory. */
export interface TestService {
  database: Database;
  ${members.join('\n  ')}
  /** Removes all records. */
  empty(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the service; whoever starts it closes it. */
export async function startService(): Promise<TestService> {
  restartNumbers();
  const database = await openDatabase(':memory:');
${hasUploads ? "  const uploadDir = await mkdtemp(join(tmpdir(), 'uploads-test-'));\n" : ''}  const app = await buildApp(${settings.length > 0 ? `{ ...DEFAULT_SETTINGS, ${settings.join(', ')} }` : 'DEFAULT_SETTINGS'}, database);
${hasAccounts ? "  const headers = await headersOf(await makeAccount(database, { role: 'admin', email: 'admin@example.com' }));\n" : ''}  return {
    database,
    ${methods.join('\n    ')}
    empty: () => database.write(removeRecords),
    close: async () => {
      await app.close();
      database.close();
${hasUploads ? '      await rm(uploadDir, { recursive: true });\n' : ''}    },
  };
}

async function removeRecords(session: Session): Promise<void> {
  restartNumbers();
  ${removals(project).join('\n  ')}
}

function inject(app: Awaited<ReturnType<typeof buildApp>>, options: InjectOptions) {
  return app.inject(options);
}
${hasUploads ? formParts : ''}`);
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

/** Begins again, for empty tables: numbers stay short enough for short texts. */
export function restartNumbers(): void {
  last = 0;
}

/** A number that no other record of the test has. */
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
