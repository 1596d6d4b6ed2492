import { ModelCallError } from '../adapters/llm/model-error.ts';
import type { Db } from '../db/index.ts';
import { SOFT_CAP, warnOfBudget } from './warn-of-budget.ts';
import { keptAnswer, releaseCost, reserveCost, settleCost, type Reservation } from './cost-ledger.ts';

/** How an answer is kept, and what it cost. */
export interface AnswerForm<T> {
  encode(answer: T): Buffer;
  decode(kept: Buffer): T;
  spent(answer: T): { readonly usd: number; readonly tokensIn: number; readonly tokensOut: number };
}

/**
 * Makes a call that costs money: set aside before, settled after, the answer kept in the same statement that settles it. An answer that
 * is kept already under this key is given back without a call: whoever made it died before using it.
 * @throws {MgeError} BUDGET_EXCEEDED, or what the call throws. What a failed call may have cost counts as spent.
 */
export async function paidCall<T>(
  db: Db,
  reservation: Reservation & { readonly requestKey: string },
  form: AnswerForm<T>,
  make: () => Promise<T>,
): Promise<T> {
  const kept = await keptAnswer(db, reservation.masterplanId, reservation.requestKey);
  if (kept !== null) return form.decode(kept);
  const { entryId: entry, share, budgetUsd } = await reserveCost(db, reservation);
  if (share >= SOFT_CAP && reservation.executionId !== null)
    await warnOfBudget(db, { ...reservation, executionId: reservation.executionId, budgetUsd });
  let answer: T;
  try {
    answer = await make();
  } catch (error) {
    const usd = error instanceof ModelCallError ? error.spentUsd : 0;
    if (usd > 0) await settleCost(db, entry, { usd, tokensIn: 0, tokensOut: 0 });
    else await releaseCost(db, entry);
    throw error;
  }
  await settleCost(db, entry, { ...form.spent(answer), answer: form.encode(answer) });
  return answer;
}
