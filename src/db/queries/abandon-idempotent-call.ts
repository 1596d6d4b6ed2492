import { and, eq } from 'drizzle-orm';
import type { Tx } from '../client.ts';
import { idempotencyKeys } from '../schema/index.ts';
import type { IdempotentCall } from './begin-idempotent-call.ts';

/** Frees the key of a request that failed without effect, so that it can be sent again. */
export async function abandonIdempotentCall(tx: Tx, input: IdempotentCall & { token: Date }): Promise<void> {
  await tx
    .delete(idempotencyKeys)
    .where(
      and(
        eq(idempotencyKeys.scope, input.scope),
        eq(idempotencyKeys.key, input.key),
        eq(idempotencyKeys.createdAt, input.token),
        eq(idempotencyKeys.status, 'in_progress'),
      ),
    );
}
