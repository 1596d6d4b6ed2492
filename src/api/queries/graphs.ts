import { and, asc, eq, sql } from 'drizzle-orm';
import { schema, type Tx } from '../../db/index.ts';

const { executionWaves: waves, dependencyGraphs: graphs, stageJobs } = schema;

/** Waves of a masterplan's graph in order; empty when no graph is built. */
export function listWaves(tx: Tx, masterplanId: string) {
  return tx
    .select({
      waveNumber: waves.waveNumber,
      atomIds: waves.atomIds,
      totalAtoms: waves.totalAtoms,
      completedAtoms: waves.completedAtoms,
      failedAtoms: waves.failedAtoms,
      status: waves.status,
      startedAt: waves.startedAt,
      completedAt: waves.completedAt,
      /** From earlier attempts; null without history. */
      estimatedSeconds: sql<
        number | null
      >`(${graphs.graphData} -> 'estimate' -> 'wave_seconds' ->> (${waves.waveNumber} - 1))::float8`,
    })
    .from(waves)
    .innerJoin(graphs, eq(graphs.graphId, waves.graphId))
    .where(eq(graphs.masterplanId, masterplanId))
    .orderBy(asc(waves.waveNumber));
}

export type WaveRow = Awaited<ReturnType<typeof listWaves>>[number];

/** A stage job of a masterplan. */
export async function findStageJob(tx: Tx, masterplanId: string, jobId: string) {
  const [row] = await tx
    .select()
    .from(stageJobs)
    .where(and(eq(stageJobs.jobId, jobId), eq(stageJobs.masterplanId, masterplanId)));
  return row ?? null;
}

export type StageJobRow = NonNullable<Awaited<ReturnType<typeof findStageJob>>>;
