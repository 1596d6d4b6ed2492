import { desc, eq, isNotNull, sql } from 'drizzle-orm';
import { schema, type Tx } from '../db/index.ts';

const { executions, masterplans } = schema;

/** Seconds a run has spent running, pauses left out; the current stretch counts up to now. */
const activeSeconds = sql<number>`(${executions.activeSeconds} + CASE WHEN ${executions.runningSince} IS NULL THEN 0
  ELSE extract(epoch FROM clock_timestamp() - ${executions.runningSince}) END)::float8`;

const atomCount = (condition: ReturnType<typeof sql>) =>
  sql<number>`(SELECT count(*)::int FROM atomic_units a WHERE a.masterplan_id = ${executions.masterplanId} AND ${condition})`;

/** The newest runs with their times and outcomes. */
export function recentExecutions(tx: Tx, limit: number) {
  return tx
    .select({
      executionId: executions.executionId,
      masterplanId: executions.masterplanId,
      projectName: masterplans.projectName,
      userId: masterplans.userId,
      status: executions.status,
      pausedReason: executions.pausedReason,
      provider: executions.provider,
      model: executions.model,
      atomsTotal: atomCount(sql`true`),
      atomsSucceeded: atomCount(sql`a.status = 'COMPLETED'`),
      atomsFailed: atomCount(sql`a.status = 'FAILED'`),
      atomsBlocked: atomCount(sql`a.status = 'BLOCKED'`),
      precisionPercent: executions.precisionPercent,
      totalCostUsd: sql<number>`(SELECT coalesce(sum(settled_usd), 0)::float8 FROM cost_ledger c WHERE c.execution_id = ${executions.executionId})`,
      totalTimeSeconds: activeSeconds,
      createdAt: executions.createdAt,
      startedAt: executions.startedAt,
      completedAt: executions.completedAt,
    })
    .from(executions)
    .innerJoin(masterplans, eq(masterplans.masterplanId, executions.masterplanId))
    .orderBy(desc(executions.createdAt))
    .limit(limit);
}

export type RecentExecution = Awaited<ReturnType<typeof recentExecutions>>[number];

/** The newest runs whose precision is known, and what it is made of. */
export function recentPrecision(tx: Tx, limit: number) {
  return tx
    .select({
      executionId: executions.executionId,
      masterplanId: executions.masterplanId,
      projectName: masterplans.projectName,
      provider: executions.provider,
      status: executions.status,
      precisionPercent: sql<number>`${executions.precisionPercent}`,
      precision: executions.precision,
      completedAt: executions.completedAt,
    })
    .from(executions)
    .innerJoin(masterplans, eq(masterplans.masterplanId, executions.masterplanId))
    .where(isNotNull(executions.precisionPercent))
    .orderBy(desc(executions.createdAt))
    .limit(limit);
}

export type RecentPrecision = Awaited<ReturnType<typeof recentPrecision>>[number];
