import { sql } from 'drizzle-orm';
import type { StageDeps } from '../adapters/runtime.ts';
import { readConcurrency, type ConcurrencyView } from '../adapters/llm/concurrency/concurrency-store.ts';
import type { Metrics } from '../adapters/telemetry/metrics.ts';
import { outboxBacklog } from '../db/queries/outbox-backlog.ts';
import { ACTIVE_EXECUTION_STATES, ATOM_STATES, type AtomStatus } from '../domain/index.ts';
import { withTimeout } from './maintenance.ts';

/** Milliseconds the figures are kept, and that Postgres has to answer. */
const KEEP_MS = 1_000;
const TIMEOUT_MS = 1_000;
/** The window of the precision gauge. */
const WINDOW = '7d';

interface Figures extends Record<string, unknown> {
  readonly runs: Readonly<Record<string, number>>;
  readonly atoms: Readonly<Record<string, number>>;
  readonly reviews: Readonly<Record<string, number>>;
  readonly oldest_review_seconds: number;
  readonly precision_ratio: number | null;
  readonly budget_remaining: number | null;
}

/** A function that brings the gauges that are read from Postgres up to date; asks at most once a second. */
export function refreshDatabaseGauges(deps: StageDeps & { readonly metrics: Metrics }): () => Promise<void> {
  let freshUntil = -Infinity;
  let running: Promise<void> | null = null;
  const refresh = async (): Promise<void> => {
    try {
      const figures = Promise.all([readFigures(deps), outboxBacklog(deps.db), readConcurrency(deps.db)]);
      const [run, { pending }, concurrency] = await withTimeout(figures, TIMEOUT_MS);
      publish(deps.metrics, run);
      publishConcurrency(deps.metrics, concurrency);
      deps.metrics.outboxPending.set(pending);
      deps.metrics.databaseGaugesUp.set(1);
    } catch (error) {
      deps.log.warn({ err: error }, 'gauges cannot be read from the database');
      deps.metrics.databaseGaugesUp.set(0);
    }
    freshUntil = deps.clock.now().getTime() + KEEP_MS;
    running = null;
  };
  return async () => {
    if (deps.clock.now().getTime() >= freshUntil) await (running ??= refresh());
  };
}

async function readFigures({ db }: StageDeps): Promise<Figures> {
  const active = sql.join(
    ACTIVE_EXECUTION_STATES.map((state) => sql`${state}`),
    sql`, `,
  );
  const { rows } = await db.execute<Figures>(sql`
    WITH active AS (SELECT * FROM executions WHERE status IN (${active})),
    spent AS (
      SELECT a.execution_id, sum(coalesce(l.settled_usd, l.reserved_usd)) AS usd
      FROM active a JOIN cost_ledger l ON l.masterplan_id = a.masterplan_id AND l.status <> 'released'
      GROUP BY a.execution_id),
    waiting AS (
      SELECT q.status, q.created_at FROM human_review_queue q JOIN masterplans m USING (masterplan_id)
      WHERE q.status IN ('PENDING', 'IN_REVIEW') AND m.deleted_at IS NULL)
    SELECT
      (SELECT coalesce(jsonb_object_agg(status, n), '{}') FROM (SELECT status, count(*)::int AS n FROM active GROUP BY status) r) AS runs,
      (SELECT coalesce(jsonb_object_agg(lower(status), n), '{}') FROM (
         SELECT coalesce(upper(q.state), u.status::text) AS status, count(*)::int AS n FROM atomic_units u
         JOIN active a USING (masterplan_id) LEFT JOIN atom_queue q USING (atom_id) GROUP BY 1) s) AS atoms,
      (SELECT coalesce(jsonb_object_agg(lower(status::text), n), '{}') FROM (
         SELECT status, count(*)::int AS n FROM waiting GROUP BY status) q) AS reviews,
      (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 FROM waiting) AS oldest_review_seconds,
      (SELECT avg(precision_percent) / 100 FROM executions WHERE completed_at > clock_timestamp() - interval '7 days') AS precision_ratio,
      (SELECT min(greatest(0, 1 - coalesce(s.usd, 0) / nullif((m.config->>'budget_usd')::numeric, 0)))::float8
         FROM active a JOIN masterplans m USING (masterplan_id) LEFT JOIN spent s USING (execution_id)) AS budget_remaining`);
  const [row] = rows;
  if (!row) throw new Error('a statement that always returns a row returned none');
  return row;
}

function publish(metrics: Metrics, figures: Figures): void {
  for (const status of ACTIVE_EXECUTION_STATES) metrics.runsActive.set({ status }, figures.runs[status] ?? 0);
  for (const status of ATOM_STATES satisfies readonly AtomStatus[])
    metrics.atomsInState.set({ status }, figures.atoms[status] ?? 0);
  for (const state of ['pending', 'in_review']) metrics.reviewQueueDepth.set({ state }, figures.reviews[state] ?? 0);
  metrics.reviewOldestAge.set(Math.max(0, figures.oldest_review_seconds));
  metrics.precision.reset();
  if (figures.precision_ratio !== null) metrics.precision.set({ window: WINDOW }, figures.precision_ratio);
  metrics.budgetRemaining.reset();
  if (figures.budget_remaining !== null) metrics.budgetRemaining.set({ scope: 'lowest' }, figures.budget_remaining);
}

/** Several keys of one provider are added up. */
function publishConcurrency(metrics: Metrics, views: readonly ConcurrencyView[]): void {
  for (const gauge of [metrics.concurrencyLimit, metrics.concurrencyInFlight, metrics.concurrencyWaiting])
    gauge.reset();
  for (const { provider, limit, inFlight, waiting } of views) {
    metrics.concurrencyLimit.inc({ provider }, limit);
    metrics.concurrencyInFlight.inc({ provider }, inFlight);
    metrics.concurrencyWaiting.inc({ provider }, waiting);
  }
}
