import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { MgeError, type ErrorCode } from '../../domain/index.ts';
import { asMgeError } from '../error-mapping.ts';
import { PROBLEM_CONTENT_TYPE, problemOf, retryAfterSeconds } from '../problem.ts';
import { decodedPath } from '../request-path.ts';
import type { RouteTable } from '../route-table.ts';

/** Answers of 500 and above that somebody chose: nothing failed, so there is no stack to look at. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set([
  'MAINTENANCE',
  'NOT_IMPLEMENTED',
  'FEATURE_DISABLED',
  'SHUTTING_DOWN',
] as const);

/** Every failure of every source leaves as a problem document, with the headers that its code asks for. */
export const problemsPlugin = fp<{ routes: RouteTable }>(
  async (app, { routes }) => {
    app.setErrorHandler((error: FastifyError, request, reply) => sendProblem(error, request, reply));
    app.setNotFoundHandler((request, reply) => {
      const path = decodedPath(request.url);
      const allowed = routes.methodsOf(path);
      if (allowed.length === 0)
        return sendProblem(new MgeError('NOT_FOUND', `There is nothing at ${path.slice(0, 200)}.`), request, reply);
      void reply.header('allow', allowed.join(', '));
      const message = `${path.slice(0, 200)} does not know ${request.method}; it knows ${allowed.join(', ')}.`;
      return sendProblem(new MgeError('METHOD_NOT_ALLOWED', message, { details: { allowed } }), request, reply);
    });
  },
  { name: 'problems' },
);

/** Answers with the problem document of an error; what is our fault is logged with its cause, which the client never sees. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = asMgeError(error);
  const problem = problemOf(known, request.id);
  if (REFUSALS.has(known.code)) request.log.info({ code: known.code, detail: known.message }, 'request refused');
  else if (problem.status >= 500)
    request.log.error(
      { err: known.code === 'INTERNAL' ? error : (known.cause ?? known), code: known.code },
      'request failed',
    );
  const retryAfter = retryAfterSeconds(problem);
  if (retryAfter !== undefined && (problem.status === 429 || problem.status === 503) && !reply.hasHeader('retry-after'))
    void reply.header('retry-after', retryAfter);
  if (problem.status === 401) void reply.header('www-authenticate', challenge(known));
  const role = known.details['required_role'];
  if (problem.status === 403 && typeof role === 'string')
    void reply.header('www-authenticate', `Bearer realm="mge", error="insufficient_scope", scope="${role}"`);
  return reply
    .code(problem.status)
    .header('content-type', PROBLEM_CONTENT_TYPE)
    .header('cache-control', 'no-store')
    .send(JSON.stringify(problem));
}

function challenge(error: MgeError): string {
  if (error.details['challenge'] === 'missing') return 'Bearer realm="mge"';
  return `Bearer realm="mge", error="invalid_token", error_description="${error.code === 'TOKEN_EXPIRED' ? 'expired' : 'not valid'}"`;
}
