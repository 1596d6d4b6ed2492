import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { StageDeps } from '../../adapters/runtime.ts';
import { abandonIdempotentCall } from '../../db/queries/abandon-idempotent-call.ts';
import { beginIdempotentCall, type IdempotentCall } from '../../db/queries/begin-idempotent-call.ts';
import { completeIdempotentCall } from '../../db/queries/complete-idempotent-call.ts';
import { MgeError } from '../../domain/index.ts';
import { decodedPath } from '../request-path.ts';
import { principalOfRequest } from './authentication.ts';

/** How long an answer is kept. */
const KEEP_MS = 24 * 3_600_000;
/** After this a first request counts as dead, and the key may be taken again. Longer than any handler runs. */
const LEASE_MS = 180_000;
/** Headers that belong to the answer and are repeated with it. */
const KEPT_HEADERS = ['content-type', 'location', 'preference-applied'] as const;

interface HeldKey extends IdempotentCall {
  readonly token: Date;
}

/**
 * `Idempotency-Key` on calls that make or decide something: the first successful answer is kept and given again. A refusal changed
 * nothing, so it frees the key.
 */
export const idempotencyPlugin = fp<{ deps: StageDeps }>(
  async (app: FastifyInstance, { deps }) => {
    const held = new WeakMap<object, HeldKey>();

    app.addHook('preHandler', async (request, reply) => {
      const key = request.headers['idempotency-key'];
      if (!request.routeOptions.config.idempotent || typeof key !== 'string') return;
      const path = decodedPath(request.url);
      const call = { scope: `${principalOfRequest(request).subject} ${request.method} ${path}`, key };
      const bodySha256 = createHash('sha256').update(canonicalJson(request.body)).digest('hex');
      const begun = await beginIdempotentCall(deps.db, {
        ...call,
        bodySha256,
        now: deps.clock.now(),
        leaseMs: LEASE_MS,
      });
      switch (begun.outcome) {
        case 'started':
          held.set(request, { ...call, token: begun.token });
          return;
        case 'in_progress':
          throw new MgeError(
            'IDEMPOTENCY_IN_PROGRESS',
            'The first request with this Idempotency-Key still runs; ask again shortly.',
          );
        case 'mismatch':
          throw new MgeError(
            'IDEMPOTENCY_MISMATCH',
            'This Idempotency-Key was used with another body; use a new key for a new request.',
          );
        case 'replay':
          // Sent as it was, without passing the serializer again.
          return reply
            .code(begun.answer.status)
            .headers(begun.answer.headers)
            .header('idempotency-replayed', 'true')
            .send(begun.answer.body);
      }
    });

    app.addHook('onSend', async (request, reply, payload) => {
      const call = held.get(request);
      if (!call) return payload;
      held.delete(request);
      try {
        if (reply.statusCode >= 300) await abandonIdempotentCall(deps.db, call);
        else
          await completeIdempotentCall(deps.db, {
            ...call,
            answer: {
              status: reply.statusCode,
              body: typeof payload === 'string' ? payload : null,
              headers: keptHeaders(reply.getHeaders()),
            },
            now: deps.clock.now(),
            ttlMs: KEEP_MS,
          });
      } catch (error) {
        // The work is done; only its repetition is no longer covered. The lease frees the key.
        request.log.error({ err: error }, 'idempotent answer not stored');
      }
      return payload;
    });
  },
  { name: 'idempotency', dependencies: ['authentication'] },
);

function keptHeaders(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name]]] : [])),
  );
}

/** JSON with the keys of objects in order, so that the same content has the same fingerprint. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`;
}
