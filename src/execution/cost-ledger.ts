import { sql } from 'drizzle-orm';
import { newId, type Db } from '../db/index.ts';
import { isRefusedData } from '../db/sql-state.ts';
import { MgeError } from '../domain/index.ts';
import { gatherPer } from './gather.ts';
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

/** What a call did cost. */
export interface Spent {
  readonly usd: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  /** Kept with the entry, so that it need not be paid for again. */
  readonly answer?: Buffer;
}

/** Replaces the reservation by what the call did cost. */
export function settleCost(db: Db, entryId: string, spent: Spent): Promise<void> {
  return settled(db, { entryId, spent });
}

interface Settlement {
  readonly entryId: string;
  readonly spent: Spent;
}

const settled = gatherPer<Db, Settlement, void>(async (db, all) => {
  try {
    await settle(db, all);
    return all.map(() => undefined);
  } catch (error) {
    // One that the database refuses must not keep the others from being booked.
    if (all.length === 1 || !isRefusedData(error)) throw error;
    return all.map((one) => settle(db, [one]));
  }
});

async function settle(db: Db, all: readonly Settlement[]): Promise<void> {
  const rows = all.map(({ entryId, spent: { usd, tokensIn, tokensOut, answer } }) => {
    return { id: entryId, usd, tokens_in: tokensIn, tokens_out: tokensOut, answer: answer?.toString('base64') ?? null };
  });
  await db.execute(sql`
    update cost_ledger l set status = 'settled', settled_usd = i.usd, tokens_in = i.tokens_in, tokens_out = i.tokens_out,
      settled_at = now(), answer = decode(i.answer, 'base64')
    from json_to_recordset(${jsonRows(rows)}) as i(id uuid, usd numeric, tokens_in int, tokens_out int, answer text)
    where l.entry_id = i.id and l.status = 'reserved'`);
}
interface KeptUnder {
  readonly masterplanId: string;
  readonly requestKey: string;
}

const kept = gatherPer<Db, KeptUnder, Buffer | null>(async (db, all) => {
  const rows = await rowsOf<KeptUnder & { readonly answer: Buffer }>(
    db,
    sql`select distinct on (l.masterplan_id, l.request_key) l.masterplan_id as "masterplanId", l.request_key as "requestKey", l.answer
        from json_to_recordset(${jsonRows(all)}) as i("masterplanId" uuid, "requestKey" text)
        join cost_ledger l on l.masterplan_id = i."masterplanId" and l.request_key = i."requestKey"
        where l.status = 'settled' and l.answer is not null
        order by l.masterplan_id, l.request_key, l.settled_at desc`,
  );
  const nameOf = ({ masterplanId, requestKey }: KeptUnder): string => `${masterplanId} ${requestKey}`;
  const found = new Map(rows.map((row) => [nameOf(row), row.answer]));
  return all.map((one) => found.get(nameOf(one)) ?? null);
});

/** An answer that was paid for under this key and is kept; null where there is none. */
export function keptAnswer(db: Db, masterplanId: string, requestKey: string): Promise<Buffer | null> {
  return kept(db, { masterplanId, requestKey });
}

/** Gives the money back: the call was never answered. */
export async function releaseCost(db: Db, entryId: string): Promise<void> {
  await db.execute(sql`
    update cost_ledger set status = 'released', settled_at = now() where entry_id = ${entryId}::uuid and status = 'reserved'`);
}
