import { and, eq, sql } from 'drizzle-orm';
import type { Tx } from '../client.ts';
import { idempotencyKeys } from '../schema/index.ts';
import type { IdempotentCall, StoredAnswer } from './begin-idempotent-call.ts';

/**
 * Keeps the answer of a request for `ttlMs`, for those who send it again.
 * @param input.token what `beginIdempotentCall` gave.
 * @returns false when the key was taken over by another request in the meantime; then nothing is stored.
 */
export async function completeIdempotentCall(
  tx: Tx,
  input: IdempotentCall & { token: Date; answer: StoredAnswer; now: Date; ttlMs: number },
): Promise<boolean> {
  const { scope, key, token, answer, now, ttlMs } = input;
  const updated = await tx
    .update(idempotencyKeys)
    .set({
      status: 'completed',
      responseStatus: answer.status,
      responseBody: sql`to_jsonb(${answer.body}::text)`,
      responseHeaders: { ...answer.headers },
      expiresAt: new Date(now.getTime() + ttlMs),
    })
    .where(
      and(
        eq(idempotencyKeys.scope, scope),
        eq(idempotencyKeys.key, key),
        eq(idempotencyKeys.createdAt, token),
        eq(idempotencyKeys.status, 'in_progress'),
      ),
    );
  return updated.rowCount === 1;
}
