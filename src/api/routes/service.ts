import { Type } from 'typebox';
import { MgeError } from '../../domain/index.ts';
import { refreshDatabaseGauges } from '../../operations/index.ts';
import type { Api } from '../context.ts';
import type { ApiServices } from '../deps.ts';
import { renderErrorCatalogue, renderErrorPage } from '../error-pages.ts';
import { operation } from '../operation.ts';
import { closed } from '../schemas/common.ts';

const MARKDOWN = 'text/markdown; charset=utf-8';

/** What describes the service itself: metrics, the API description, the pages that problem types name. */
export function registerServiceRoutes(app: Api, services: ApiServices): void {
  const refreshGauges = refreshDatabaseGauges(services);
  const metrics = operation({
    id: 'getMetrics',
    tag: 'health',
    summary: 'Metrics in the Prometheus text format',
    access: 'open',
    responses: { 200: Type.String() },
    produces: ['text/plain'],
  });
  app.get('/metrics', metrics, async (_request, reply) => {
    await refreshGauges();
    return reply
      .header('content-type', services.metrics.registry.contentType)
      .send(await services.metrics.registry.metrics());
  });
  // Documentation, like /docs: it answers in maintenance too.
  const description = { schema: { hide: true }, config: { access: 'open', duringMaintenance: true } } as const;
  app.get('/api/v2/openapi.json', description, async () => app.swagger());

  const catalogue = operation({
    id: 'listErrors',
    tag: 'health',
    summary: 'All error codes',
    access: 'open',
    responses: { 200: Type.String() },
    produces: ['text/markdown'],
  });
  app.get('/errors', catalogue, async (_request, reply) =>
    reply.header('content-type', MARKDOWN).send(renderErrorCatalogue()),
  );
  const page = operation({
    id: 'getError',
    tag: 'health',
    summary: 'One error code, by the last segment of a problem type',
    access: 'open',
    request: { params: closed({ slug: Type.String({ maxLength: 100 }) }) },
    responses: { 200: Type.String() },
    produces: ['text/markdown'],
  });
  app.get('/errors/:slug', page, async (request, reply) => {
    const text = renderErrorPage(request.params.slug);
    if (text === null) throw new MgeError('NOT_FOUND', `There is no error with the slug "${request.params.slug}".`);
    return reply.header('content-type', MARKDOWN).send(text);
  });
}
