/**
 * Versions of the generated back end's packages: those of this service's own package.json (a test compares them), so that a
 * generated project can be built and tested offline with the packages that are already there.
 */
export const BACKEND_VERSIONS = {
  dependencies: {
    '@fastify/cors': '11.4.3',
    '@fastify/swagger': '9.9.3',
    '@fastify/type-provider-typebox': '6.3.0',
    '@libsql/client': '0.18.0',
    'drizzle-orm': '0.45.4',
    fastify: '5.12.8',
    typebox: '1.4.3',
  },
  devDependencies: {
    '@types/node': '^20.19.0',
    typescript: '5.9.3',
    vitest: '4.1.12',
  },
} as const;

/** Packages that features add. */
export const FEATURE_VERSIONS = {
  auth: { jose: '^6.0.0' },
  rate_limit: { '@fastify/rate-limit': '11.2.0' },
} as const;
