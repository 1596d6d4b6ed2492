/** The Fastify application of a project and the files around its source. */
import { fileText } from '../layout.ts';
import type { ProjectModel } from '../model.ts';
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
  const added = project.features.includes('rate_limit') ? FEATURE_VERSIONS.rate_limit : {};
  const all = Object.entries({ ...BACKEND_VERSIONS.dependencies, ...added });
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
ALLOWED_ORIGINS=http://localhost:5173${project.features.includes('rate_limit') ? '\nRATE_LIMIT_PER_MINUTE=300\nTRUST_PROXY=false' : ''}
`);
}

export function appFile(project: ProjectModel): string {
  const routes = project.entities.map(({ names }) => names);
  const isLimited = project.features.includes('rate_limit');
  const csvRoutes = project.features.includes('csv') ? routes : [];
  const plugins = routes.map((names) => [`${names.camel}Routes`, names.kebabPlural] as const);
  const csvPlugins = csvRoutes.map((names) => [`${names.camel}CsvRoutes`, names.kebabPlural] as const);
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
  await app.register(cors, { origin: settings.allowedOrigins, methods: METHODS });
  await app.register(swagger, { openapi: { info: { title: '${project.title.replaceAll("'", "\\'")}', version: '1.0.0' } } });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  await app.register(healthRoutes(database));
  await app.register(apiRoutes(database${isLimited ? ', settings' : ''}), { prefix: '/api' });
  return app;
}

/** The collections of the API. */
function apiRoutes(database: Database${isLimited ? ', settings: Settings' : ''}): FastifyPluginAsync {
  return async (api) => {
    ${isLimited ? 'await limitRequests(api, settings.rateLimitPerMinute);\n    ' : ''}${[...plugins, ...csvPlugins].map(([plugin, path]) => `await api.register(${plugin}(database), { prefix: '/${path}' });`).join('\n    ')}
  };
}
`;
  return fileText(`
import cors from '@fastify/cors';
import swagger from '@fastify/swagger';
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import fastify, { type FastifyPluginAsync } from 'fastify';
import type { Database } from './db/database.ts';
${imports({
  './error-handler.ts': ['handleError', 'handleUnknownRoute'],
  './rate-limit.ts': isLimited ? ['limitRequests'] : [],
  ...Object.fromEntries(routes.map((names) => [`./routes/${names.kebab}.ts`, [`${names.camel}Routes`]])),
  ...Object.fromEntries(csvRoutes.map((names) => [`./routes/${names.kebab}-csv.ts`, [`${names.camel}CsvRoutes`]])),
  './routes/health.ts': ['healthRoutes'],
})}
import type { Settings } from './settings.ts';
import { trimTexts } from './trim-texts.ts';
${body}`);
}
