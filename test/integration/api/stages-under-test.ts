import { sql } from 'drizzle-orm';
import type { ApiDeps, Stages } from '../../../src/api/index.ts';
import { readDecomposition } from '../../../src/atomization/index.ts';
import type { Db } from '../../../src/db/index.ts';
import { asId, type MasterplanId } from '../../../src/domain/index.ts';
import * as execution from '../../../src/execution/index.ts';
import { readGraph } from '../../../src/graph/index.ts';
import * as masterplan from '../../../src/masterplan/index.ts';
import * as review from '../../../src/review/index.ts';
import { insertMasterplan } from '../../support/factories.ts';

/**
 * Stages for tests of the API itself. Making a masterplan makes a row without a plan, so that many can be made, and workers are
 * whatever the test does to the job's row. Everything that is read, steered or decided goes through the real stages.
 */
export function stagesOver({ db, log, clock }: ApiDeps): Omit<Stages, 'editReview'> {
  const deps = { db, log, clock };
  return {
    createMasterplan: async ({ userId, sessionId }) => {
      const { masterplanId } = await insertMasterplan(db, { userId, sessionId, projectName: 'Planned' });
      const view = await masterplan.getMasterplan(deps, asId<MasterplanId>(masterplanId));
      if (!view) throw new Error('the masterplan that was just made is not there');
      return view;
    },
    getMasterplan: (id) => masterplan.getMasterplan(deps, id),
    listMasterplans: (query) => masterplan.listMasterplans(deps, query),
    listTasks: (id) => masterplan.listTasks(deps, id),
    deleteMasterplan: (id) => masterplan.deleteMasterplan(deps, id),
    readDecomposition: (id) => readDecomposition(deps, id),
    readGraph: (id) => readGraph(deps, id),
    submitStage: (input) => execution.submitStage(deps, input),
    awaitStage: (jobId, deadlineMs) => execution.awaitStage(deps, jobId, deadlineMs),
    startExecution: (input) => execution.startExecution(deps, input),
    getExecutionStatus: (id) => execution.getExecutionStatus(deps, id),
    getExecutionResults: (id, page) => execution.getExecutionResults(deps, id, page),
    exportArtifact: (id) => execution.exportArtifact(deps, id),
    listRecentExecutions: (options) => execution.listRecentExecutions(deps, options),
    getRecentPrecision: (limit) => execution.getRecentPrecision(deps, limit),
    pauseExecution: (input) => execution.pauseExecution(deps, input),
    resumeExecution: (input) => execution.resumeExecution(deps, input),
    cancelExecution: (input) => execution.cancelExecution(deps, input),
    retryAtom: (input) => execution.retryAtom(deps, input),
    retryFailed: (input) => execution.retryFailed(deps, input),
    listReviewQueue: (filter, page) => review.listQueue(deps, filter, page),
    getReview: (id) => review.getReview(deps, id),
    claimNextReview: (reviewer, options) => review.claimNext(deps, reviewer, options),
    assignReview: (id, input) => review.assign(deps, id, input),
    releaseReview: (id, actor) => review.release(deps, id, actor),
    approveReview: (id, decision) => review.approve(deps, id, decision),
    skipReview: (id, decision) => review.skip(deps, id, decision),
    rejectReview: (id, decision) => review.reject(deps, id, decision),
    regenerateReview: (id, decision) => review.regenerate(deps, id, decision),
    reviewStatistics: (scope) => review.statistics(deps, scope),
  };
}

/** Ends the stage job of a masterplan as a worker would; false while there is none. */
export async function endJob(
  db: Db,
  masterplanId: string,
  error: { code: string; message: string } | null,
): Promise<boolean> {
  const ended = await db.execute(sql`
    UPDATE stage_jobs SET status = ${error ? 'failed' : 'completed'}, error = ${error ? JSON.stringify(error) : null}::jsonb, updated_at = now()
    WHERE masterplan_id = ${masterplanId}::uuid AND status IN ('queued', 'running')`);
  return ended.rowCount === 1;
}
