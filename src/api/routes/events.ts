import { Type } from 'typebox';
import { findLive } from '../../execution/index.ts';
import type { Api } from '../context.ts';
import type { ApiServices } from '../deps.ts';
import { operation } from '../operation.ts';
import { requireMasterplan } from '../ownership.ts';
import { principalOfRequest } from '../plugins/authentication.ts';
import { closed, MasterplanParams } from '../schemas/common.ts';

/** Streams last as long as the run; this is the longest that a timer can wait. */
const NO_DEADLINE_MS = 2_147_483_647;

const EVENT_ID = { maximum: Number.MAX_SAFE_INTEGER, minimum: 0 };

const DESCRIPTION = [
  'Server-Sent Events of the latest execution. `id` is the number of the event; come back with the last one as',
  '`Last-Event-ID` (or `?after=`) and you get what follows it, each event once. Without one the first message is a `snapshot`',
  'that holds the execution as /execution/status shows it; what follows is not in it yet. The stream closes after',
  '`execution.ended` or `execution.cancelled`; who comes back after that gets 204 and should stop.',
  'A `stream.closing` message says why a stream ends earlier: `maintenance`, `shutting_down`, `token_expired`, `gone`,',
  '`unavailable`. Comments are signs of life every 15 s. `after=0` gives everything from the beginning.',
].join(' ');

/** What happens in an execution, as it happens. */
export function registerEventRoutes(app: Api, services: ApiServices): void {
  const stream = operation({
    id: 'streamEvents',
    tag: 'execution',
    summary: 'Live events (SSE)',
    description: DESCRIPTION,
    access: 'user',
    request: {
      params: MasterplanParams,
      querystring: closed({
        after: Type.Optional(Type.Integer({ ...EVENT_ID, description: 'Events after this one only.' })),
      }),
      headers: Type.Object({
        'last-event-id': Type.Optional(
          Type.String({
            pattern: '^[0-9]{0,15}$',
            description: 'Sent by browsers when they reconnect; wins over `after`.',
          }),
        ),
      }),
    },
    responses: { 200: Type.String(), 204: Type.Null() },
    produces: ['text/event-stream'],
    streams: true,
  });
  app.get(
    '/api/v2/execution/events/:masterplan_id',
    { ...stream, exposeHeadRoute: false, handlerTimeout: NO_DEADLINE_MS },
    async (request, reply) => {
      const principal = principalOfRequest(request);
      const masterplanId = await requireMasterplan(services.db, principal, request.params.masterplan_id);
      const found = await findLive(
        services,
        masterplanId,
        positionOf(request.headers['last-event-id'], request.query.after),
      );
      if (found === null) return reply.code(204).send(null);
      const body = services.events.start({
        ...found,
        subject: principal.subject,
        masterplanId,
        expiresAt: expiryOf(request.user as { exp?: unknown }),
      });
      return (
        reply
          .header('content-type', 'text/event-stream; charset=utf-8')
          .header('cache-control', 'no-store')
          .header('x-accel-buffering', 'no')
          // The connection ends with the stream: it must not hold a server that shuts down.
          .header('connection', 'close')
          .send(body as unknown as string)
      );
    },
  );
}

function positionOf(lastEventId: string | undefined, after: number | undefined): number | null {
  if (lastEventId) return Number(lastEventId);
  return after ?? null;
}

/** When the caller's token ends: the stream may not outlive it. */
function expiryOf({ exp }: { readonly exp?: unknown }): Date | null {
  return typeof exp === 'number' ? new Date(exp * 1000) : null;
}
