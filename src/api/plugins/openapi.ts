import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { TAGS } from '../operation.ts';

const DOCS = '/docs';

/**
 * What the page at /docs may load: its own files. Unlike the plugin's own policy it does not turn requests into HTTPS ones, which
 * leaves the page blank wherever the service is reached over plain HTTP; and it lets the page style single elements.
 */
const DOCS_POLICY = {
  'default-src': "'self'",
  'base-uri': "'self'",
  'frame-ancestors': "'self'",
  'img-src': ["'self'", 'data:'],
  'object-src': "'none'",
  'script-src': "'self'",
  'script-src-attr': "'none'",
  'style-src': ["'self'", "'unsafe-inline'"],
};

/** OpenAPI 3.1, generated from the schemas that check requests and write answers; a page to browse it at /docs. */
export const openApiPlugin = fp<{ version: string }>(
  async (app: FastifyInstance, { version }) => {
    await app.register(swagger, {
      openapi: {
        openapi: '3.1.0',
        info: {
          title: 'Masterplan Generation Engine',
          version,
          description:
            'A request goes in, a tested project comes out. Errors are RFC 9457 problem documents; their codes are listed at /errors.',
          license: { name: 'MIT', identifier: 'MIT' },
        },
        servers: [{ url: '/', description: 'This server' }],
        tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
        components: {
          securitySchemes: {
            bearer: {
              type: 'http',
              scheme: 'bearer',
              bearerFormat: 'JWT',
              description:
                'Claims `sub` and `role` or `roles` (user, reviewer, admin). `mge token --sub S --role R` makes one.',
            },
          },
        },
      },
      // Components keep the names that the schemas have here.
      refResolver: {
        buildLocalReference: (json, _baseUri, _fragment, i) =>
          typeof json['$id'] === 'string' ? json['$id'] : `schema-${i}`,
      },
      hideUntagged: true,
    });
    app.addHook('onRoute', (route) => {
      if (route.url === DOCS || route.url.startsWith(`${DOCS}/`)) route.config = { ...route.config, access: 'open' };
    });
    await app.register(swaggerUi, {
      routePrefix: DOCS,
      staticCSP: DOCS_POLICY,
      uiConfig: { docExpansion: 'none', persistAuthorization: false },
    });
  },
  { name: 'openapi' },
);
