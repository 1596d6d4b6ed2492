/** The Fastify application of a project and the files around its source. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
import { has } from '../python-web/feature-parts.ts';
import { imports } from './entity-names.ts';
import { BACKEND_VERSIONS, FEATURE_VERSIONS } from './versions.ts';

export function packageJsonFile(project: ProjectModel): string {
  const manifest = {
    name: `${project.slug}-backend`,
    version: '1.0.0',
    private: true,
    type: 'module',
    engines: { node: '>=20.19' },
    scripts: {
      dev: 'tsc -p tsconfig.build.json && node --watch dist/main.js',
      build: 'tsc -p tsconfig.build.json',
      start: 'node dist/main.js',
      typecheck: 'tsc --noEmit',
      test: 'vitest run',
      ...(project.features.includes('seed') ? { seed: 'npm run build && node dist/seed.js' } : {}),
    },
    dependencies: dependencies(project),
    devDependencies: BACKEND_VERSIONS.devDependencies,
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

function dependencies(project: ProjectModel): Record<string, string> {
  const added = Object.entries(FEATURE_VERSIONS).filter(([feature]) => project.features.some((id) => id === feature));
  const all = [
    ...Object.entries(BACKEND_VERSIONS.dependencies),
    ...added.flatMap(([, packages]) => Object.entries(packages)),
  ];
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Compiler settings of strict TypeScript modules for Node, with the sources of \`folders\`. */
export function nodeTsconfig(folders: readonly string[]): string {
  const options = {
    target: 'ES2023',
    lib: ['ES2023'],
    module: 'NodeNext',
    types: ['node'],
    strict: true,
    noEmit: true,
    noImplicitOverride: true,
    noUncheckedIndexedAccess: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    rewriteRelativeImportExtensions: true,
    skipLibCheck: true,
    verbatimModuleSyntax: true,
  };
  return `${JSON.stringify({ compilerOptions: options, include: folders }, null, 2)}\n`;
}

/** Settings of the build: the same checks, the source alone, JavaScript out. */
export function buildTsconfig(more: Readonly<Record<string, boolean>> = {}): string {
  const compilerOptions = { noEmit: false, rootDir: 'src', outDir: 'dist', sourceMap: true, ...more };
  return `${JSON.stringify({ extends: './tsconfig.json', compilerOptions, include: ['src'] }, null, 2)}\n`;
}

export function prettierFile(): string {
  return `${JSON.stringify({ printWidth: 100, singleQuote: true }, null, 2)}\n`;
}

export function envExampleFile(project: ProjectModel): string {
  return fileText(`
HOST=127.0.0.1
PORT=8000
DATABASE_URL=file:${project.slug}.db
ALLOWED_ORIGINS=http://localhost:5173${project.features.includes('rate_limit') ? '\nRATE_LIMIT_PER_MINUTE=300\nTRUST_PROXY=false' : ''}${has(project, 'auth') ? '\n# 32 characters or more; without it a restart signs everybody out.\nSECRET_KEY=' : ''}${has(project, 'upload') ? '\nUPLOAD_DIR=./uploads\nUPLOAD_MAX_MB=10' : ''}${has(project, 'jobs') ? '\n# Of several processes, all but one are told "off".\nJOB_WORKER=on' : ''}
`);
}

/** A plugin that serves routes, and where below \`/api\`. */
interface Mount {
  readonly plugin: string;
  readonly path: string;
  /** Path of its module, below \`src/routes\`. */
  readonly module: string;
}

/** The routes of records and features that share the guard of the records. */
function mountsOf(project: ProjectModel): Mount[] {
  const entities = project.entities.map(({ names }) => names);
  return [
    ...(has(project, 'roles') ? [{ plugin: 'accountRoutes', path: 'accounts', module: 'account' }] : []),
    ...(has(project, 'jobs') ? [{ plugin: 'jobRoutes', path: 'jobs', module: 'job' }] : []),
    ...(has(project, 'audit') ? [{ plugin: 'auditRoutes', path: 'audit', module: 'audit' }] : []),
    ...entities.map(({ camel, kebab, kebabPlural }) => ({
      plugin: `${camel}Routes`,
      path: kebabPlural,
      module: kebab,
    })),
    ...(has(project, 'csv') ? entities : []).map(({ camel, kebab, kebabPlural }) => ({
      plugin: `${camel}CsvRoutes`,
      path: kebabPlural,
      module: `${kebab}-csv`,
    })),
  ];
}

/** Statements that open the store of files and serve what is in it; before the routes whose deletions it follows. */
function attachmentSetup(project: ProjectModel): string {
  if (!has(project, 'upload')) return '';
  return `const store = new FileStore(settings.uploadDir, settings.uploadMaxMb);
    const attachments = new AttachmentService(database, store);
    sweepFiles(api, attachments);
    await api.register(attachmentRoutes(attachments, store));
    `;
}

/** `apiRoutes\` where everybody may use everything. */
function openRoutes(project: ProjectModel, registrations: string): string {
  const isLimited = has(project, 'rate_limit');
  const needsSettings = isLimited || has(project, 'upload');
  return `
/** The collections of the API. */
function apiRoutes(database: Database${needsSettings ? ', settings: Settings' : ''}): FastifyPluginAsync {
  return async (api) => {
    ${isLimited ? 'await limitRequests(api, settings.rateLimitPerMinute);\n    ' : ''}${attachmentSetup(project)}${registrations}
  };
}
`;
}

/** `apiRoutes\` where all but signing in is for those who are signed in. */
function guardedRoutes(project: ProjectModel, registrations: string): string {
  const limit = has(project, 'rate_limit') ? 'await limitRequests(api, settings.rateLimitPerMinute);\n    ' : '';
  const settings = has(project, 'upload') ? 'settings, ' : '';
  const rights = has(project, 'roles') ? "api.addHook('preParsing', authorize);\n    " : '';
  return `
/** Signing in, and the collections behind it. */
function apiRoutes(database: Database, settings: Settings): FastifyPluginAsync {
  return async (api) => {
    const key = signingKey(settings.secretKey, (message) => api.log.warn(message));
    const tokens = new TokenIssuer(key);
    const guard = signInGuard(database, tokens);
    api.decorateRequest('account', null);
    ${limit}await api.register(authRoutes(database, tokens, guard), { prefix: '/auth' });
    await api.register(recordRoutes(database, ${settings}guard));
  };
}

/** The collections of the API, for who is signed in. */
function recordRoutes(database: Database, ${has(project, 'upload') ? 'settings: Settings, ' : ''}guard: Guard): FastifyPluginAsync {
  return async (api) => {
    api.addHook('preParsing', guard);
    ${rights}${attachmentSetup(project)}${registrations}
  };
}
`;
}

function description(project: ProjectModel): string {
  const title = project.title.replaceAll("'", "\\'");
  const info = `info: { title: '${title}', version: '1.0.0' }`;
  if (!has(project, 'auth')) return `{ ${info} }`;
  return `{ ${info}, components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } }, security: [{ bearer: [] }] }`;
}

export function appFile(project: ProjectModel): string {
  const [isLimited, hasAccounts] = [has(project, 'rate_limit'), has(project, 'auth')];
  const hasUploads = has(project, 'upload');
  const mounts = mountsOf(project);
  const registrations = mounts
    .map(({ plugin, path }) => `await api.register(${plugin}(database), { prefix: '/${path}' });`)
    .join('\n    ');
  const body = `
const METHODS = ['GET', 'POST', 'PATCH', 'DELETE'];

/** The service around an open database, ready to \`listen\` or \`inject\`. */
export async function buildApp(settings: Settings, database: Database, { logger = false } = {}) {
  const app = fastify({ logger${isLimited ? ', trustProxy: settings.trustProxy' : ''} })
    .setValidatorCompiler(TypeBoxValidatorCompiler)
    .withTypeProvider<TypeBoxTypeProvider>();
  app.setErrorHandler(handleError);
  app.setNotFoundHandler(handleUnknownRoute);
  app.addHook('preValidation', trimTexts);
  await app.register(cors, {
    origin: settings.allowedOrigins,
    methods: METHODS,
    exposedHeaders: ['Content-Disposition', 'Retry-After'],
  });
  await app.register(swagger, { openapi: ${description(project)} });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  await app.register(healthRoutes(database));
  await app.register(apiRoutes(database${isLimited || hasAccounts || hasUploads ? ', settings' : ''}), { prefix: '/api' });
  return app;
}
${hasAccounts ? guardedRoutes(project, registrations) : openRoutes(project, registrations)}`;
  return fileText(`
import cors from '@fastify/cors';
import swagger from '@fastify/swagger';
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import fastify, { type FastifyPluginAsync } from 'fastify';
${imports({
  './auth/guard.ts': hasAccounts ? [...(has(project, 'roles') ? ['authorize'] : []), 'type Guard', 'signInGuard'] : [],
  './auth/tokens.ts': hasAccounts ? ['signingKey', 'TokenIssuer'] : [],
})}
import type { Database } from './db/database.ts';
${imports({
  './error-handler.ts': ['handleError', 'handleUnknownRoute'],
  './files/file-store.ts': hasUploads ? ['FileStore'] : [],
  './files/sweeper.ts': hasUploads ? ['sweepFiles'] : [],
  './rate-limit.ts': isLimited ? ['limitRequests'] : [],
  './routes/auth.ts': hasAccounts ? ['authRoutes'] : [],
  ...Object.fromEntries(mounts.map(({ plugin, module }) => [`./routes/${module}.ts`, [plugin]])),
  './routes/attachment.ts': hasUploads ? ['attachmentRoutes'] : [],
  './routes/health.ts': ['healthRoutes'],
  './services/attachment.ts': hasUploads ? ['AttachmentService'] : [],
})}
import type { Settings } from './settings.ts';
import { trimTexts } from './trim-texts.ts';
${body}`);
}
