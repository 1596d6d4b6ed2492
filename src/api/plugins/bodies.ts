import { TextDecoder } from 'node:util';
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
    // Decoded here: the framework's own decoding puts U+FFFD in the place of bytes that are not UTF-8, and says nothing.
    const utf8 = new TextDecoder('utf-8', { fatal: true });
    app.addContentTypeParser<Buffer>(
      ['application/json', 'application/x-www-form-urlencoded'],
      { parseAs: 'buffer' },
      (request, bytes, done) => {
        const body = textOf(utf8, bytes);
        if (body === null) return done(new MgeError('MALFORMED_JSON', 'The body is not UTF-8, as JSON has to be.'));
        if (body.trim() === '') return done(null, undefined);
        return parse(request, body, (error: Error | null, value?: unknown) =>
          // The parser's words may quote the body back, so they are not passed on.
          error ? done(new MgeError('MALFORMED_JSON', 'The body is not JSON.')) : done(null, value),
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

/** The text of a body, or null where its bytes are not UTF-8. */
function textOf(utf8: TextDecoder, bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}
