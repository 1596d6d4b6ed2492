import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { MgeError } from '../../domain/index.ts';

/**
 * Bodies are JSON. `application/x-www-form-urlencoded` is read as JSON too: that is what `curl -d` sends when nobody names a type.
 * Authentication is a header and never a cookie, so this opens no way for cross-site forms.
 */
export const bodiesPlugin = fp(
  async (app: FastifyInstance) => {
    const parse = app.getDefaultJsonParser('error', 'error');
    app.removeAllContentTypeParsers();
    app.addContentTypeParser<string>(
      ['application/json', 'application/x-www-form-urlencoded'],
      { parseAs: 'string' },
      (request, body, done) => {
        if (body.trim() === '') return done(null, undefined);
        return parse(request, body, (error: Error | null, value?: unknown) =>
          error ? done(malformed(error)) : done(null, value),
        );
      },
    );
    app.addHook('preValidation', async (request) => {
      const { schema, config } = request.routeOptions;
      if (schema?.body === undefined || (request.body !== undefined && request.body !== null)) return;
      if (!config.bodyOptional) throw new MgeError('MALFORMED_JSON', 'The body is empty; a JSON object is needed.');
      request.body = {};
    });
  },
  { name: 'bodies' },
);

function malformed(error: Error): MgeError {
  // The parser's words may quote the body back; where it stopped is what helps.
  const position = /position (\d+)/.exec(error.message)?.[1];
  const where = position === undefined ? '' : ` (it stops making sense at character ${position})`;
  return new MgeError(
    'MALFORMED_JSON',
    `The body is not JSON${where}.`,
    position === undefined ? {} : { details: { position: Number(position) } },
  );
}
