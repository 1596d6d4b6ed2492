import { sql } from 'drizzle-orm';
import type { Tx } from '../db/index.ts';
import type { ExecutionStatus, WaveStatus } from '../domain/index.ts';
import { rowsOf } from './statements/json-rows.ts';

export interface WaveView {
  readonly waveNumber: number;
  readonly totalAtoms: number;
  readonly completedAtoms: number;
  readonly failedAtoms: number;
  readonly status: WaveStatus;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
}

/** How an execution stands. */
export interface ExecutionView {
  readonly executionId: string;
  readonly masterplanId: string;
  readonly status: ExecutionStatus;
  readonly pausedReason: string | null;
  /** The first wave that has not ended; the last one when all have. 0 before the first atom. */
  readonly currentWave: number;
  readonly totalWaves: number;
  /** Highest wave that may be worked on; null = all. */
  readonly waveLimit: number | null;
  readonly atomsTotal: number;
  /** Succeeded and failed ones. */
  readonly atomsCompleted: number;
  readonly atomsSucceeded: number;
  readonly atomsFailed: number;
  readonly atomsBlocked: number;
  readonly atomsRunning: number;
  readonly atomsReady: number;
  /** 0 to 100. */
  readonly completionPercent: number;
  /** 0 to 100; null until the run has ended. */
  readonly precisionPercent: number | null;
  readonly precision: Readonly<Record<string, unknown>> | null;
  readonly provider: string;
  readonly model: string | null;
  readonly totalCostUsd: number;
  /** Seconds in `running`, without pauses. */
  readonly totalTimeSeconds: number;
  readonly startedBy: string;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
  readonly waves: readonly WaveView[];
}

interface ExecutionRow {
  executionId: string;
  masterplanId: string;
  graphId: string;
  status: ExecutionStatus;
  pausedReason: string | null;
  waveLimit: number | null;
  provider: string;
  model: string | null;
  precision: Record<string, unknown> | null;
  precisionPercent: number | null;
  startedBy: string;
  seconds: number;
  createdMs: number;
  startedMs: number | null;
  completedMs: number | null;
  costUsd: number;
  blocked: number;
  running: number;
  ready: number;
}

const dateOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

/** The view of one execution; null when it does not exist. */
export async function readExecution(tx: Tx, executionId: string): Promise<ExecutionView | null> {
  const [row] = await rowsOf<ExecutionRow>(
    tx,
    sql`select e.execution_id as "executionId", e.masterplan_id as "masterplanId", e.graph_id as "graphId", e.status,
          e.paused_reason as "pausedReason", e.wave_limit as "waveLimit", e.provider, e.model, e.precision,
          e.precision_percent as "precisionPercent", e.started_by as "startedBy",
          (e.active_seconds + coalesce(extract(epoch from clock_timestamp() - e.running_since), 0))::float8 as seconds,
          (extract(epoch from e.created_at) * 1000)::float8 as "createdMs",
          (extract(epoch from e.started_at) * 1000)::float8 as "startedMs",
          (extract(epoch from e.completed_at) * 1000)::float8 as "completedMs",
          (select coalesce(sum(coalesce(settled_usd, reserved_usd)), 0)::float8 from cost_ledger c
            where c.execution_id = e.execution_id and c.status <> 'released') as "costUsd",
          (select count(*)::int from atomic_units a where a.masterplan_id = e.masterplan_id and a.status in ('BLOCKED', 'SKIPPED')
            and exists (select 1 from execution_waves w where w.graph_id = e.graph_id and w.failed_atoms > 0)) as blocked,
          (select count(*)::int from atom_queue q where q.execution_id = e.execution_id and q.state = 'running') as running,
          (select count(*)::int from atom_queue q where q.execution_id = e.execution_id and q.state = 'ready') as ready
        from executions e where e.execution_id = ${executionId}::uuid`,
  );
  if (!row) return null;
  const waves = await readWaves(tx, row.graphId);
  return viewOf(row, waves);
}

/** The waves of a graph in order. */
export async function readWaves(tx: Tx, graphId: string): Promise<WaveView[]> {
  const rows = await rowsOf<
    Omit<WaveView, 'startedAt' | 'completedAt'> & { startedMs: number | null; completedMs: number | null }
  >(
    tx,
    sql`select wave_number as "waveNumber", total_atoms as "totalAtoms", completed_atoms as "completedAtoms",
          failed_atoms as "failedAtoms", lower(status::text) as status,
          (extract(epoch from started_at) * 1000)::float8 as "startedMs",
          (extract(epoch from completed_at) * 1000)::float8 as "completedMs"
        from execution_waves where graph_id = ${graphId}::uuid order by wave_number`,
  );
  return rows.map(({ startedMs, completedMs, ...wave }) => ({
    ...wave,
    startedAt: dateOf(startedMs),
    completedAt: dateOf(completedMs),
  }));
}

function viewOf(row: ExecutionRow, waves: readonly WaveView[]): ExecutionView {
  const sum = (pick: (wave: WaveView) => number) => waves.reduce((total, wave) => total + pick(wave), 0);
  const atomsTotal = sum((w) => w.totalAtoms);
  const atomsSucceeded = sum((w) => w.completedAtoms);
  const atomsFailed = sum((w) => w.failedAtoms);
  const open = waves.find((w) => w.completedAtoms + w.failedAtoms < w.totalAtoms);
  const touched = waves.some((w) => w.startedAt !== null);
  return {
    executionId: row.executionId,
    masterplanId: row.masterplanId,
    status: row.status,
    pausedReason: row.pausedReason,
    currentWave: touched ? (open?.waveNumber ?? waves.length) : 0,
    totalWaves: waves.length,
    waveLimit: row.waveLimit,
    atomsTotal,
    atomsCompleted: atomsSucceeded + atomsFailed,
    atomsSucceeded,
    atomsFailed,
    atomsBlocked: row.blocked,
    atomsRunning: row.running,
    atomsReady: row.ready,
    completionPercent: percent(atomsSucceeded + atomsFailed, atomsTotal),
    precisionPercent: row.precisionPercent,
    precision: row.precision,
    provider: row.provider,
    model: row.model,
    totalCostUsd: row.costUsd,
    totalTimeSeconds: Math.round(row.seconds * 1000) / 1000,
    startedBy: row.startedBy,
    createdAt: new Date(row.createdMs),
    startedAt: dateOf(row.startedMs),
    completedAt: dateOf(row.completedMs),
    waves,
  };
}

/** Share in percent with two decimals, rounded down, so that 100 means all. */
function percent(part: number, total: number): number {
  return total === 0 ? 0 : Math.floor((part / total) * 10_000) / 100;
}
