import { and, eq, lte, sql } from 'drizzle-orm';
import type { Tx } from '../client.ts';
import { idempotencyKeys } from '../schema/index.ts';

/** Names one call: `scope` holds the subject, the method and the route, `key` is what the client sent. */
export interface IdempotentCall {
  readonly scope: string;
  readonly key: string;
}

/** What was answered, kept byte for byte. */
export interface StoredAnswer {
  readonly status: number;
  readonly body: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

export type IdempotentBegin =
  /** The caller runs the request; `token` goes to `completeIdempotentCall` or `abandonIdempotentCall`. */
  | { readonly outcome: 'started'; readonly token: Date }
  /** Another request with the key still runs. */
  | { readonly outcome: 'in_progress' }
  /** The key was used with another body. */
  | { readonly outcome: 'mismatch' }
  /** It ran before: answer the same. */
  | { readonly outcome: 'replay'; readonly answer: StoredAnswer };

/**
 * Takes an idempotency key for one request. A key whose time is over, or whose first request did not end within `leaseMs` (its
 * process died), counts as new.
 * @param input.bodySha256 fingerprint of the request: the same key with another one is a mismatch.
 */
export async function beginIdempotentCall(
  tx: Tx,
  input: IdempotentCall & { bodySha256: string; now: Date; leaseMs: number },
): Promise<IdempotentBegin> {
  const { scope, key, bodySha256, now, leaseMs } = input;
  const fresh = {
    bodySha256,
    status: 'in_progress' as const,
    responseStatus: null,
    responseBody: null,
    responseHeaders: null,
    createdAt: now,
    expiresAt: new Date(now.getTime() + leaseMs),
  };
  const taken = await tx
    .insert(idempotencyKeys)
    .values({ scope, key, ...fresh })
    .onConflictDoUpdate({
      target: [idempotencyKeys.scope, idempotencyKeys.key],
      set: fresh,
      setWhere: lte(idempotencyKeys.expiresAt, now),
    })
    .returning({ key: idempotencyKeys.key });
  if (taken.length === 1) return { outcome: 'started', token: now };
  return (await findAnswer(tx, input)) ?? beginIdempotentCall(tx, input);
}

/** Undefined when the key was given up since: then it is free again. */
async function findAnswer(
  tx: Tx,
  input: IdempotentCall & { bodySha256: string },
): Promise<IdempotentBegin | undefined> {
  const [row] = await tx
    .select({
      bodySha256: idempotencyKeys.bodySha256,
      status: idempotencyKeys.responseStatus,
      body: sql<string | null>`${idempotencyKeys.responseBody} #>> '{}'`,
      headers: idempotencyKeys.responseHeaders,
    })
    .from(idempotencyKeys)
    .where(and(eq(idempotencyKeys.scope, input.scope), eq(idempotencyKeys.key, input.key)));
  if (row === undefined) return undefined;
  if (row.bodySha256 !== input.bodySha256) return { outcome: 'mismatch' };
  if (row.status === null) return { outcome: 'in_progress' };
  return { outcome: 'replay', answer: { status: row.status, body: row.body, headers: row.headers ?? {} } };
}
