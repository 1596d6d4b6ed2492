import { sql } from 'drizzle-orm';
import type { Tx } from '../db/index.ts';
import { rowsOf } from './statements/json-rows.ts';
import type { LockedExecution } from './statements/lock-execution.ts';

/** What running atoms again is expected to cost. */
export interface RerunCost {
  /** US dollars; null when nothing is known about calls of this provider. */
  readonly expectedUsd: number | null;
  /** US dollars if every atom needs every attempt at the highest price seen; null when nothing is known. */
  readonly mostUsd: number | null;
  /** Where the figures come from: calls of this masterplan, of others with the same provider, or nothing. */
  readonly basis: 'masterplan' | 'provider' | 'none';
  /** Calls of the model that are expected. */
  readonly expectedCalls: number;
  readonly budgetUsd: number;
  readonly usedUsd: number;
  /** False when the expected cost does not fit into what is left. */
  readonly fits: boolean;
}

/** What was seen of calls and attempts so far. */
export interface CallFigures {
  /** Settled calls for atoms. */
  readonly calls: number;
  readonly meanUsd: number;
  readonly mostUsd: number;
}

export interface RerunFigures {
  /** Calls of this masterplan, and of all with the same provider. */
  readonly own: CallFigures;
  readonly alike: CallFigures;
  /** Atoms that were given up: they have no draft to try any more, each begins with a call. */
  readonly failed: number;
  /** Other atoms that run: they begin with their draft, where they have one. */
  readonly others: number;
  /** Among the accepted atoms of the masterplan: how many, and calls made for them. */
  readonly accepted: number;
  readonly acceptedCalls: number;
  readonly maxAttempts: number;
  readonly budgetUsd: number;
  readonly usedUsd: number;
}

/** Fewer calls than this say too little about a masterplan by itself. */
const ENOUGH_CALLS = 5;

/**
 * Expected calls are those that an accepted atom needed on average, at least one for an atom that failed; the price is the mean of the
 * calls that were settled. Pure.
 */
export function rerunCost(figures: RerunFigures): RerunCost {
  const { own, alike, failed, others, budgetUsd, usedUsd } = figures;
  const perAtom = figures.accepted === 0 ? 1 : figures.acceptedCalls / figures.accepted;
  const expectedCalls = Math.ceil(failed * Math.max(1, perAtom) + others * perAtom);
  const basis = own.calls >= ENOUGH_CALLS ? 'masterplan' : alike.calls > 0 ? 'provider' : 'none';
  const seen = basis === 'masterplan' ? own : alike;
  const expectedUsd = basis === 'none' ? null : cents(expectedCalls * seen.meanUsd);
  const mostUsd = basis === 'none' ? null : cents((failed + others) * figures.maxAttempts * seen.mostUsd);
  return {
    expectedUsd,
    mostUsd,
    basis,
    expectedCalls,
    budgetUsd,
    usedUsd,
    fits: usedUsd + (expectedUsd ?? 0) <= budgetUsd,
  };
}

/** The ledger keeps millionths. */
const cents = (usd: number): number => Math.round(usd * 1e6) / 1e6;

interface FigureRow {
  ownCalls: number;
  ownMean: number;
  ownMost: number;
  alikeCalls: number;
  alikeMean: number;
  alikeMost: number;
  failed: number;
  others: number;
  accepted: number;
  acceptedCalls: number;
  budget: number | null;
  used: number;
}

/** The estimate for everything of an execution that is not accepted. */
export async function estimateRerun(tx: Tx, execution: LockedExecution, defaultBudgetUsd: number): Promise<RerunCost> {
  const [row] = await rowsOf<FigureRow>(
    tx,
    sql`with own as (
          select count(*)::int as calls, coalesce(avg(settled_usd), 0)::float8 as mean, coalesce(max(settled_usd), 0)::float8 as most
          from cost_ledger where masterplan_id = ${execution.masterplanId}::uuid and status = 'settled' and atom_id is not null
        ), alike as (
          select count(*)::int as calls, coalesce(avg(c.settled_usd), 0)::float8 as mean, coalesce(max(c.settled_usd), 0)::float8 as most
          from cost_ledger c, executions e
          where e.execution_id = ${execution.executionId}::uuid and c.provider = e.provider and c.status = 'settled'
            and c.atom_id is not null and c.created_at > now() - interval '30 days'
        ), atoms as (
          select count(*) filter (where status in ('FAILED', 'SKIPPED'))::int as failed,
            count(*) filter (where status not in ('FAILED', 'SKIPPED', 'COMPLETED'))::int as others,
            count(*) filter (where status = 'COMPLETED')::int as accepted
          from atomic_units where masterplan_id = ${execution.masterplanId}::uuid
        )
        select own.calls as "ownCalls", own.mean as "ownMean", own.most as "ownMost", alike.calls as "alikeCalls",
          alike.mean as "alikeMean", alike.most as "alikeMost", atoms.failed, atoms.others, atoms.accepted,
          (select count(*)::int from cost_ledger c join atomic_units a using (atom_id)
            where c.masterplan_id = ${execution.masterplanId}::uuid and c.status = 'settled' and a.status = 'COMPLETED') as "acceptedCalls",
          (select (config->>'budget_usd')::float8 from masterplans where masterplan_id = ${execution.masterplanId}::uuid) as budget,
          (select coalesce(sum(coalesce(settled_usd, reserved_usd)), 0)::float8 from cost_ledger
            where masterplan_id = ${execution.masterplanId}::uuid and status <> 'released') as used
        from own, alike, atoms`,
  );
  if (!row) throw new Error('a statement that always returns a row returned none');
  return rerunCost({
    own: { calls: row.ownCalls, meanUsd: row.ownMean, mostUsd: row.ownMost },
    alike: { calls: row.alikeCalls, meanUsd: row.alikeMean, mostUsd: row.alikeMost },
    failed: row.failed,
    others: row.others,
    accepted: row.accepted,
    acceptedCalls: row.acceptedCalls,
    maxAttempts: execution.maxAttempts,
    budgetUsd: row.budget ?? defaultBudgetUsd,
    usedUsd: row.used,
  });
}
