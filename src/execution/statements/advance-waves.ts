import { sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.ts';
import { jsonRows, rowsOf } from './json-rows.ts';
import type { LockedExecution } from './lock-execution.ts';

export interface WaveChange {
  readonly waveNumber: number;
  readonly completed: number;
  readonly failed: number;
}

export interface EndedWave {
  readonly waveNumber: number;
  readonly status: 'COMPLETED' | 'FAILED' | 'PARTIAL';
  readonly totalAtoms: number;
  readonly completedAtoms: number;
  readonly failedAtoms: number;
  readonly seconds: number;
}

/** Adds to the counters of waves and gives those that ended by it. The execution must be locked. */
export async function advanceWaves(
  tx: Tx,
  execution: LockedExecution,
  changes: readonly WaveChange[],
): Promise<EndedWave[]> {
  const input = changes.map((c) => ({ wave: c.waveNumber, completed: c.completed, failed: c.failed }));
  const rows = await rowsOf<EndedWave & { ended: boolean }>(
    tx,
    sql`with input as (
          select * from json_to_recordset(${jsonRows(input)}) as i(wave int, completed int, failed int)
        )
        update execution_waves w
        set completed_atoms = w.completed_atoms + i.completed, failed_atoms = w.failed_atoms + i.failed,
            status = case
              when w.completed_atoms + i.completed + w.failed_atoms + i.failed < w.total_atoms then 'RUNNING'::wave_status
              when w.failed_atoms + i.failed = 0 then 'COMPLETED'::wave_status
              when w.completed_atoms + i.completed = 0 then 'FAILED'::wave_status
              else 'PARTIAL'::wave_status end,
            started_at = coalesce(w.started_at, now()),
            completed_at = case when w.completed_atoms + i.completed + w.failed_atoms + i.failed >= w.total_atoms
                           then clock_timestamp() end,
            duration_seconds = case when w.completed_atoms + i.completed + w.failed_atoms + i.failed >= w.total_atoms
                               then extract(epoch from clock_timestamp() - coalesce(w.started_at, now()))::int end
        from input i
        where w.graph_id = ${execution.graphId}::uuid and w.wave_number = i.wave
        returning w.wave_number as "waveNumber", w.status, w.total_atoms as "totalAtoms", w.completed_atoms as "completedAtoms",
          w.failed_atoms as "failedAtoms", w.completed_at is not null as ended,
          extract(epoch from coalesce(w.completed_at, now()) - w.started_at)::float8 as seconds`,
  );
  return rows.filter((row) => row.ended);
}
