import { sql } from 'drizzle-orm';
import { newId, type Db } from '../db/index.ts';
import { MgeError } from '../domain/index.ts';
import { openParts, type Caps } from './part-budgets.ts';
import { jsonRows, rowsOf } from './statements/json-rows.ts';

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

/** Money that is set aside. */
export interface Reserved {
  readonly entryId: string;
  /** Share of the budget that is booked with it. */
  readonly share: number;
  readonly budgetUsd: number;
}

interface Waiting {
  readonly reservation: Reservation;
  readonly resolve: (reserved: Reserved) => void;
  readonly reject: (error: unknown) => void;
}

/** Reservations of this process that wait for the one before them, by masterplan. */
const waitingByDb = new WeakMap<Db, Map<string, Waiting[]>>();

/**
 * Sets money aside for a call. Reservations of one masterplan wait for each other, so that together they never pass the budget; those
 * that gather in this process meanwhile are made in one transaction, in the order they came.
 * @throws {MgeError} BUDGET_EXCEEDED when the budget does not hold that much any more.
 */
export function reserveCost(db: Db, reservation: Reservation): Promise<Reserved> {
  return new Promise((resolve, reject) => {
    const byPlan = waitingByDb.get(db) ?? new Map<string, Waiting[]>();
    waitingByDb.set(db, byPlan);
    const entry = { reservation, resolve, reject };
    const queue = byPlan.get(reservation.masterplanId);
    if (queue) queue.push(entry);
    else {
      byPlan.set(reservation.masterplanId, [entry]);
      void serve(db, byPlan, reservation.masterplanId);
    }
  });
}

async function serve(db: Db, byPlan: Map<string, Waiting[]>, masterplanId: string): Promise<void> {
  for (;;) {
    const batch = byPlan.get(masterplanId) ?? [];
    if (batch.length === 0) {
      byPlan.delete(masterplanId);
      return;
    }
    byPlan.set(masterplanId, []);
    try {
      const answers = await reserveBatch(
        db,
        masterplanId,
        batch.map((entry) => entry.reservation),
      );
      answers.forEach((answer, i) =>
        answer instanceof MgeError ? batch[i]?.reject(answer) : batch[i]?.resolve(answer),
      );
    } catch (error) {
      for (const entry of batch) entry.reject(error);
    }
  }
}

async function reserveBatch(
  db: Db,
  masterplanId: string,
  batch: readonly Reservation[],
): Promise<(Reserved | MgeError)[]> {
  return db.transaction(async (tx) => {
    const [plan] = await rowsOf<{ budget: number | null } & Caps>(
      tx,
      sql`select (config->>'budget_usd')::float8 as budget, (config->>'atom_budget_usd')::float8 as atom,
            (config->>'wave_budget_usd')::float8 as wave
          from masterplans
          where masterplan_id = ${masterplanId}::uuid for no key update`,
    );
    // A statement of its own: it must see what was reserved while this one waited for the lock.
    const [ledger] = await rowsOf<{ used: number }>(
      tx,
      sql`select coalesce(sum(coalesce(settled_usd, reserved_usd)), 0)::float8 as used from cost_ledger
          where masterplan_id = ${masterplanId}::uuid and status <> 'released'`,
    );
    let used = ledger?.used ?? 0;
    const parts = await openParts(tx, masterplanId, plan ?? { atom: null, wave: null }, batch);
    const made: object[] = [];
    const answers = batch.map((reservation): Reserved | MgeError => {
      const budgetUsd = plan?.budget ?? reservation.defaultBudgetUsd;
      if (used + reservation.usd > budgetUsd) return exceeded(budgetUsd, used, reservation.usd);
      const refused = parts.refusal(reservation);
      if (refused !== null) return refused;
      used += reservation.usd;
      parts.add(reservation);
      const entryId = newId<string>();
      made.push(rowOf(entryId, reservation));
      return { entryId, share: budgetUsd > 0 ? used / budgetUsd : 1, budgetUsd };
    });
    if (made.length > 0)
      await tx.execute(sql`
        insert into cost_ledger (entry_id, masterplan_id, execution_id, atom_id, attempt_number, operation, provider, model, status,
          reserved_usd, request_key)
        select id, ${masterplanId}::uuid, execution_id, atom_id, attempt, operation, provider, left(model, 100), 'reserved', usd, key
        from json_to_recordset(${jsonRows(made)}) as i(id uuid, execution_id uuid, atom_id uuid, attempt int, operation text,
          provider text, model text, usd numeric, key text)`);
    return answers;
  });
}

function rowOf(id: string, reservation: Reservation): object {
  const { executionId, atomId, attempt, operation, provider, model, usd, requestKey } = reservation;
  return {
    id,
    execution_id: executionId,
    atom_id: atomId,
    attempt,
    operation,
    provider,
    model,
    usd,
    key: requestKey ?? null,
  };
}

function exceeded(budget: number, used: number, needed: number): MgeError {
  return new MgeError(
    'BUDGET_EXCEEDED',
    `the budget of ${budget.toFixed(2)} USD holds ${(budget - used).toFixed(4)} USD, and the next call may cost ` +
      `${needed.toFixed(4)} USD; raise budget_usd and resume`,
    { details: { budget_usd: budget, used_usd: used, needed_usd: needed } },
  );
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
