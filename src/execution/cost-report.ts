import { sql } from 'drizzle-orm';
import { MgeError } from '../domain/index.ts';
import { defaultsOf, type ExecutionDeps } from './deps.ts';
import { rowsOf } from './statements/json-rows.ts';
import { SOFT_CAP } from './warn-of-budget.ts';

/** Calls of one kind, and what they cost. */
export interface CostPart {
  readonly name: string;
  readonly calls: number;
  readonly usd: number;
}

/** What a masterplan has cost so far. US dollars. */
export interface CostReport {
  readonly masterplanId: string;
  readonly budgetUsd: number;
  /** From here on people are warned. */
  readonly softCapUsd: number;
  readonly settledUsd: number;
  /** Set aside for calls that are out. */
  readonly reservedUsd: number;
  readonly leftUsd: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
  readonly byOperation: readonly CostPart[];
  readonly byModel: readonly CostPart[];
  /** By number of the wave; calls before the run (planning) are not in it. */
  readonly byWave: readonly CostPart[];
  /** The dearest atoms, at most ten; `name` is the atom's id. */
  readonly dearestAtoms: readonly CostPart[];
}

/** One paid call. */
export interface CostEvent {
  readonly entryId: string;
  readonly operation: string;
  readonly provider: string;
  readonly model: string | null;
  readonly status: 'reserved' | 'settled' | 'released';
  readonly atomId: string | null;
  readonly attempt: number | null;
  readonly reservedUsd: number;
  readonly settledUsd: number | null;
  readonly tokensIn: number | null;
  readonly tokensOut: number | null;
  readonly createdAt: Date;
  readonly settledAt: Date | null;
}

/** Adds up the ledger of a masterplan. @throws {MgeError} NOT_FOUND */
export async function readCost(deps: ExecutionDeps, masterplanId: string): Promise<CostReport> {
  const [total] = await rowsOf<{
    budget: number | null;
    settled: number;
    reserved: number;
    tokensIn: number;
    tokensOut: number;
  }>(
    deps.db,
    sql`select (m.config->>'budget_usd')::float8 as budget,
          coalesce(sum(l.settled_usd) filter (where l.status = 'settled'), 0)::float8 as settled,
          coalesce(sum(l.reserved_usd) filter (where l.status = 'reserved'), 0)::float8 as reserved,
          coalesce(sum(l.tokens_in), 0)::float8 as "tokensIn", coalesce(sum(l.tokens_out), 0)::float8 as "tokensOut"
        from masterplans m left join cost_ledger l using (masterplan_id)
        where m.masterplan_id = ${masterplanId}::uuid and m.deleted_at is null group by m.masterplan_id`,
  );
  if (!total) throw new MgeError('NOT_FOUND', `There is no masterplan ${masterplanId}.`);
  const budgetUsd = total.budget ?? defaultsOf(deps).budgetUsd;
  const parts = await readParts(deps, masterplanId);
  const of = (kind: string) =>
    parts.filter((part) => part.kind === kind).map(({ name, calls, usd }) => ({ name, calls, usd }));
  return {
    masterplanId,
    budgetUsd,
    softCapUsd: budgetUsd * SOFT_CAP,
    settledUsd: total.settled,
    reservedUsd: total.reserved,
    leftUsd: Math.max(0, budgetUsd - total.settled - total.reserved),
    tokensIn: total.tokensIn,
    tokensOut: total.tokensOut,
    byOperation: of('operation'),
    byModel: of('model'),
    byWave: of('wave').toSorted((a, b) => Number(a.name) - Number(b.name)),
    dearestAtoms: of('atom').slice(0, 10),
  };
}

function readParts(deps: ExecutionDeps, masterplanId: string): Promise<(CostPart & { readonly kind: string })[]> {
  return rowsOf(
    deps.db,
    sql`with booked as (
          select l.operation, concat_ws('/', l.provider, l.model) as model, l.atom_id::text as atom, a.wave_number::text as wave,
            coalesce(l.settled_usd, l.reserved_usd)::float8 as usd
          from cost_ledger l left join atomic_units a using (atom_id)
          where l.masterplan_id = ${masterplanId}::uuid and l.status <> 'released'),
        parts as (
          select 'operation' as kind, operation as name, usd from booked
          union all select 'model', model, usd from booked
          union all select 'wave', wave, usd from booked where wave is not null
          union all select 'atom', atom, usd from booked where atom is not null)
        select kind, name, count(*)::int as calls, sum(usd)::float8 as usd from parts group by kind, name order by usd desc, name`,
  );
}

/** The calls of a masterplan, the latest first; `before` is the entry behind which the page begins. */
export async function listCostEvents(
  deps: ExecutionDeps,
  masterplanId: string,
  page: { readonly limit: number; readonly before?: string },
): Promise<{ readonly items: readonly CostEvent[]; readonly nextCursor: string | null }> {
  const rows = await rowsOf<CostEvent>(
    deps.db,
    sql`select entry_id as "entryId", operation, provider, model, status, atom_id as "atomId", attempt_number as attempt,
          reserved_usd::float8 as "reservedUsd", settled_usd::float8 as "settledUsd", tokens_in as "tokensIn",
          tokens_out as "tokensOut", created_at as "createdAt", settled_at as "settledAt"
        from cost_ledger where masterplan_id = ${masterplanId}::uuid
          and (${page.before ?? null}::uuid is null or entry_id < ${page.before ?? null}::uuid)
        order by entry_id desc limit ${page.limit + 1}`,
  );
  const items = rows.slice(0, page.limit).map((row) => ({
    ...row,
    createdAt: new Date(row.createdAt),
    settledAt: row.settledAt === null ? null : new Date(row.settledAt),
  }));
  return { items, nextCursor: rows.length > page.limit ? (items.at(-1)?.entryId ?? null) : null };
}
