import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId, schema } from '../../../src/db/index.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { insertAtom, insertGraph, insertMasterplan } from '../../support/factories.ts';
import { renderChart } from '../../support/helm.ts';

const CHART = fileURLToPath(new URL('../../../deploy/helm/mge', import.meta.url));
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** The statement that decides how many workers there are. */
function scalingQuery(): string {
  const scaled = renderChart(CHART, { autoscaling: { keda: { enabled: true } } }).find(
    ({ kind }) => kind === 'ScaledObject',
  );
  const { triggers } = scaled?.['spec'] as { triggers: { metadata: { query: string } }[] };
  return triggers[0]?.metadata.query ?? '';
}

async function waitingWork(): Promise<unknown> {
  const { rows } = await database.pool.query<unknown[]>({ text: scalingQuery(), rowMode: 'array' });
  expect(rows).toHaveLength(1);
  return rows[0]?.[0];
}

describe('the autoscaler', () => {
  it('counts ready atoms of running executions and queued stages, and nothing else', async () => {
    expect(await waitingWork()).toBe(0);
    const { db } = database;
    for (const status of ['running', 'paused'] as const) {
      const { masterplanId } = await insertMasterplan(db);
      const atoms = [await insertAtom(db, { masterplanId }), await insertAtom(db, { masterplanId })];
      const { graphId } = await insertGraph(db, { masterplanId, atomIds: atoms.map(({ atomId }) => atomId) });
      const executionId = newId<string>();
      await db.insert(schema.executions).values({
        executionId,
        masterplanId,
        graphId,
        status,
        provider: 'blueprint',
        concurrency: 1,
        maxAttempts: 1,
        startedBy: 'test',
      });
      for (const [n, { atomId }] of atoms.entries())
        await db.insert(schema.atomQueue).values({
          atomId,
          executionId,
          waveNumber: 1,
          atomNumber: n,
          priority: 1,
          state: n === 0 ? 'ready' : 'running',
        });
      const job = { jobId: newId<string>(), masterplanId, kind: 'decompose' as const };
      await db.insert(schema.stageJobs).values({ ...job, status: status === 'running' ? 'queued' : 'completed' });
    }
    expect(await waitingWork()).toBe(2);
  });
});
