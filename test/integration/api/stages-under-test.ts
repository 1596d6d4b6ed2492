import { eq, sql } from 'drizzle-orm';
import type { ApiDeps, Stages } from '../../../src/api/index.ts';
import { schema, type Db } from '../../../src/db/index.ts';
import { asId, type MasterplanId } from '../../../src/domain/index.ts';
import * as execution from '../../../src/execution/index.ts';
import { insertMasterplan, type MasterplanRow } from '../../support/factories.ts';

type Creation = ReturnType<Stages['createMasterplan']>;

/**
 * Stages for tests of the API itself: planning is one real row and no plan, workers are whatever the test does to the job's row.
 * Everything that is read or steered goes through the real stages.
 */
export function stagesOver({ db, log, clock }: ApiDeps, overrides: Partial<Stages> = {}): Stages {
  const deps = { db, log, clock };
  const stages: Partial<Stages> = {
    createMasterplan: async (input) =>
      viewOf(
        await insertMasterplan(db, { userId: input.userId, sessionId: input.sessionId, projectName: 'Planned' }),
        input.userRequest,
      ),
    getMasterplan: async (id) => {
      const [row] = await db.select().from(schema.masterplans).where(eq(schema.masterplans.masterplanId, id));
      return row ? viewOf(row, '') : null;
    },
    readDecomposition: (id) => decompositionOf(db, id),
    submitStage: (input) => execution.submitStage(deps, input),
    awaitStage: (jobId, deadlineMs) => execution.awaitStage(deps, jobId, deadlineMs),
    startExecution: (input) => execution.startExecution(deps, input),
    getExecutionStatus: (id) => execution.getExecutionStatus(deps, id),
    getExecutionResults: (id, page) => execution.getExecutionResults(deps, id, page),
    pauseExecution: (input) => execution.pauseExecution(deps, input),
    resumeExecution: (input) => execution.resumeExecution(deps, input),
    cancelExecution: (input) => execution.cancelExecution(deps, input),
    exportArtifact: (id) => execution.exportArtifact(deps, id),
    listRecentExecutions: (options) => execution.listRecentExecutions(deps, options),
    getRecentPrecision: (limit) => execution.getRecentPrecision(deps, limit),
    ...overrides,
  };
  return stages as Stages;
}

async function decompositionOf(db: Db, id: MasterplanId): ReturnType<Stages['readDecomposition']> {
  const totalAtoms = await db.$count(schema.atomicUnits, eq(schema.atomicUnits.masterplanId, id));
  if (totalAtoms === 0) return null;
  const stats = {
    avgLoc: 2,
    maxLoc: 2,
    avgComplexity: 1,
    avgContextCompleteness: 1,
    avgAtomicityScore: 1,
    needsReviewCount: 0,
    byLanguage: { python: totalAtoms },
  };
  return { masterplanId: id, totalAtoms, totalTasks: 1, unchanged: false, stats } as Awaited<
    ReturnType<Stages['readDecomposition']>
  >;
}

function viewOf(row: MasterplanRow, userRequest: string): Awaited<Creation> {
  const {
    masterplanId,
    discoveryId,
    userId,
    sessionId,
    projectName,
    description,
    status,
    planningStatus,
    provider,
    graphId,
    precisionPercent,
    config,
    createdAt,
    updatedAt,
  } = row;
  const { totalPhases, totalMilestones, totalTasks, totalAtoms, totalWaves, maxParallelism } = row;
  return {
    masterplanId: asId<MasterplanId>(masterplanId),
    discoveryId,
    userId,
    sessionId,
    userRequest,
    projectName,
    description,
    status,
    planningStatus,
    provider,
    graphId,
    precisionPercent,
    config,
    createdAt,
    updatedAt,
    totalPhases,
    totalMilestones,
    totalTasks,
    totalAtoms,
    totalWaves,
    maxParallelism,
    understood: [],
    assumed: [],
    leftOut: [],
    checks: [],
  };
}

/** Ends the stage job of a masterplan as a worker would. */
export async function endJob(
  db: Db,
  masterplanId: string,
  error: { code: string; message: string } | null,
): Promise<number> {
  const ended = await db.execute(sql`
    UPDATE stage_jobs SET status = ${error ? 'failed' : 'completed'}, error = ${error ? JSON.stringify(error) : null}::jsonb, updated_at = now()
    WHERE masterplan_id = ${masterplanId}::uuid AND status IN ('queued', 'running')`);
  return ended.rowCount ?? 0;
}
