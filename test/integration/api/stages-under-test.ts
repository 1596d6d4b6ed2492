import { sql } from 'drizzle-orm';
import type { ApiDeps, Stages } from '../../../src/api/index.ts';
import { bindStages } from '../../../src/cli/bind-stages.ts';
import type { Db } from '../../../src/db/index.ts';
import { asId, type MasterplanId } from '../../../src/domain/index.ts';
import { EXECUTION_DEFAULTS } from '../../../src/execution/deps.ts';
import { insertMasterplan } from '../../support/factories.ts';

/**
 * Stages for tests of the API itself. Making a masterplan makes a row without a plan, so that many can be made, and workers are
 * whatever the test does to the job's row. Everything that is read, steered or decided goes through the real stages.
 */
export function stagesOver({ db, log, clock, metrics }: ApiDeps): Omit<Stages, 'editReview'> {
  const deps = { db, log, clock };
  const stages = bindStages({
    deps,
    metrics,
    defaults: EXECUTION_DEFAULTS,
    providers: () => {
      throw new Error('no provider is asked in tests of the API');
    },
    answerCache: null,
    // Only editing validates; tests that edit bring a validation of their own.
    validation: undefined as never,
  });
  return {
    ...stages,
    createMasterplan: async ({ userId, sessionId }) => {
      const { masterplanId } = await insertMasterplan(db, { userId, sessionId, projectName: 'Planned' });
      const view = await stages.getMasterplan(asId<MasterplanId>(masterplanId));
      if (!view) throw new Error('the masterplan that was just made is not there');
      return view;
    },
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
