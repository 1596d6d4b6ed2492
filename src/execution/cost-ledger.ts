import { sql } from 'drizzle-orm';
import { newId, type Db } from '../db/index.ts';
import { MgeError } from '../domain/index.ts';
import { rowsOf } from './statements/json-rows.ts';

export interface Reservation {
  readonly masterplanId: string;
  /** Null for planning. */
  readonly executionId: string | null;
  readonly atomId: string | null;
  readonly attempt: number | null;
  readonly operation: string;
  readonly provider: string;
  readonly model: string | null;
  /** Digest of everything that the answer depends on; null keeps no answer. */
  readonly requestKey?: string | null;
  /** Upper bound of what the call may cost. */
  readonly usd: number;
  /** US dollars that the masterplan may use in all, when it sets no budget of its own. */
  readonly defaultBudgetUsd: number;
}

/**
 * Sets money aside for a call. Reservations of one masterplan wait for each other, so that together they never pass the budget.
 * Gives the id of the entry, and the share of the budget that is booked with it.
 * @throws {MgeError} BUDGET_EXCEEDED when the budget does not hold that much any more.
 */
export async function reserveCost(
  db: Db,
  reservation: Reservation,
): Promise<{ readonly entryId: string; readonly share: number; readonly budgetUsd: number }> {
  return db.transaction(async (tx) => {
    const [plan] = await rowsOf<{ budget: number | null }>(
      tx,
      sql`select (config->>'budget_usd')::float8 as budget from masterplans
          where masterplan_id = ${reservation.masterplanId}::uuid for no key update`,
    );
    // A statement of its own: it must see what was reserved while this one waited for the lock.
    const [ledger] = await rowsOf<{ used: number }>(
      tx,
      sql`select coalesce(sum(coalesce(settled_usd, reserved_usd)), 0)::float8 as used from cost_ledger
          where masterplan_id = ${reservation.masterplanId}::uuid and status <> 'released'`,
    );
    const budget = plan?.budget ?? reservation.defaultBudgetUsd;
    const used = ledger?.used ?? 0;
    if (used + reservation.usd > budget)
      throw new MgeError(
        'BUDGET_EXCEEDED',
        `the budget of ${budget.toFixed(2)} USD holds ${(budget - used).toFixed(4)} USD, and the next call may cost ` +
          `${reservation.usd.toFixed(4)} USD; raise budget_usd and resume`,
        { details: { budget_usd: budget, used_usd: used, needed_usd: reservation.usd } },
      );
    const entryId = newId();
    await tx.execute(sql`
      insert into cost_ledger (entry_id, masterplan_id, execution_id, atom_id, attempt_number, operation, provider, model, status, reserved_usd,
        request_key)
      values (${entryId}::uuid, ${reservation.masterplanId}::uuid, ${reservation.executionId}::uuid, ${reservation.atomId}::uuid,
        ${reservation.attempt}, ${reservation.operation}, ${reservation.provider}, ${reservation.model}, 'reserved', ${reservation.usd},
        ${reservation.requestKey ?? null})`);
    return { entryId, share: budget > 0 ? (used + reservation.usd) / budget : 1, budgetUsd: budget };
  });
}

/** Replaces the reservation by what the call did cost. */
export async function settleCost(
  db: Db,
  entryId: string,
  spent: {
    readonly usd: number;
    readonly tokensIn: number;
    readonly tokensOut: number;
    /** Kept with the entry, so that it need not be paid for again. */
    readonly answer?: Buffer;
  },
): Promise<void> {
  await db.execute(sql`
    update cost_ledger set status = 'settled', settled_usd = ${spent.usd}, tokens_in = ${spent.tokensIn},
      tokens_out = ${spent.tokensOut}, settled_at = now(), answer = ${spent.answer ?? null}::bytea
    where entry_id = ${entryId}::uuid and status = 'reserved'`);
}

/** An answer that was paid for under this key and is kept; null where there is none. */
export async function keptAnswer(db: Db, masterplanId: string, requestKey: string): Promise<Buffer | null> {
  const [row] = await rowsOf<{ answer: Buffer }>(
    db,
    sql`select answer from cost_ledger
        where masterplan_id = ${masterplanId}::uuid and request_key = ${requestKey} and status = 'settled' and answer is not null
        order by settled_at desc limit 1`,
  );
  return row?.answer ?? null;
}

/** Gives the money back: the call was never answered. */
export async function releaseCost(db: Db, entryId: string): Promise<void> {
  await db.execute(sql`
    update cost_ledger set status = 'released', settled_at = now() where entry_id = ${entryId}::uuid and status = 'reserved'`);
}
