/** How long atoms took so far, for estimates of how long a plan will take. */
import { sql } from 'drizzle-orm';
import type { Tx } from '../db/index.ts';
import type { MasterplanId } from '../domain/index.ts';

/** Attempts that are looked at, newest first: enough to be stable, few enough to follow a change of model or machine. */
const ATTEMPTS = 20_000;
/** A median of fewer atoms than this says nothing. */
export const MIN_SAMPLES = 5;
/** Atoms at once where the plan does not say. */
const CONCURRENCY = 100;

export interface Duration {
  /** Null: all languages, or all roles. */
  readonly language: string | null;
  readonly role: string | null;
  /** Atoms behind the median. */
  readonly atoms: number;
  /** Median of the time that all attempts at an atom took together. */
  readonly seconds: number;
}

export interface History {
  readonly provider: string;
  readonly concurrency: number;
  readonly durations: readonly Duration[];
}

/**
 * Median durations of atoms that succeeded, by language and role, with the provider of the plan. Attempts at one atom count
 * together, failed ones included; atoms of the plan itself count too once it has run.
 */
export async function readHistory(tx: Tx, masterplanId: MasterplanId): Promise<History> {
  const plan = await tx.execute<{ provider: string | null; concurrency: string | null }>(sql`
    select provider, config ->> 'concurrency' as concurrency from masterplans where masterplan_id = ${masterplanId}::uuid`);
  const provider = plan.rows[0]?.provider ?? 'blueprint';
  const asked = Number(plan.rows[0]?.concurrency ?? CONCURRENCY);
  const found = await tx.execute<{ language: string | null; role: string | null; atoms: number; seconds: number }>(sql`
    with newest as (
      select atom_id, duration_ms, success, provider from atom_retry_history order by retry_id desc limit ${ATTEMPTS}),
    taken as (
      select atom_id, sum(duration_ms) / 1000.0 as seconds from newest where provider = ${provider}
      group by atom_id having bool_or(success))
    select a.language, a.role, count(*)::int as atoms,
      percentile_cont(0.5) within group (order by t.seconds)::float8 as seconds
    from taken t join atomic_units a using (atom_id)
    group by grouping sets ((a.language, a.role), (a.language), ())
    having count(*) >= ${MIN_SAMPLES}
    order by a.language, a.role`);
  return { provider, concurrency: Number.isFinite(asked) && asked > 0 ? asked : CONCURRENCY, durations: found.rows };
}
