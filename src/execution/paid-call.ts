import { ModelCallError } from '../adapters/llm/model-error.ts';
import { setTimeout as delay } from 'node:timers/promises';
import type { Db } from '../db/index.ts';
import { isRefusedData } from '../db/sql-state.ts';
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
 * is kept already under this key is given back without a call: whoever made it died before using it. While Postgres is away the answer
 * waits in memory, 20 seconds at most, rather than being paid for again.
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
    await surely(() => (usd > 0 ? settleCost(db, entry, { usd, tokensIn: 0, tokensOut: 0 }) : releaseCost(db, entry)));
    throw error;
  }
  const spent = { ...form.spent(answer), answer: form.encode(answer) };
  await surely(() => settleCost(db, entry, spent));
  return answer;
}

/** Milliseconds during which booking is tried again. */
const BOOKING_MS = 20_000;

/** Milliseconds before the second try; doubles with each, up to 2 s. */
const PAUSE_MS = 100;

/** Books what cannot be undone, a restart of the database through. Booking twice changes nothing. @throws what the last try threw */
async function surely(book: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + BOOKING_MS;
  for (let pauseMs = PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, 2_000)) {
    try {
      return await book();
    } catch (error) {
      if (isRefusedData(error) || performance.now() + pauseMs > deadline) throw error;
      await delay(pauseMs);
    }
  }
}
