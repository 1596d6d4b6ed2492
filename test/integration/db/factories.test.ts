import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { schema } from '../../../src/db/index.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { insertAtom, insertGraph, insertMasterplan, insertTask } from '../../support/factories.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('A plan with tasks, atoms and a graph can be stored and read back', async () => {
  const { db } = database;
  const plan = await insertMasterplan(db);
  const task = await insertTask(db, { masterplanId: plan.masterplanId });
  const first = await insertAtom(db, { masterplanId: plan.masterplanId, taskId: task.taskId });
  const second = await insertAtom(db, { masterplanId: plan.masterplanId, taskId: task.taskId });
  const graph = await insertGraph(db, {
    masterplanId: plan.masterplanId,
    atomIds: [first.atomId, second.atomId],
    waves: [[first.atomId], [second.atomId]],
    edges: [{ from: second.atomId, to: first.atomId }],
  });

  expect(first).toMatchObject({ status: 'pending', atomNumber: 1, estimatedLoc: 2 });
  expect(second.atomNumber).toBe(2);
  const [stored] = await db
    .select()
    .from(schema.masterplans)
    .where(eq(schema.masterplans.masterplanId, plan.masterplanId));
  expect(stored).toMatchObject({
    graphId: graph.graphId,
    totalAtoms: 2,
    totalWaves: 2,
    maxParallelism: 1,
    v2Mode: true,
  });
  const [edge] = await db.select().from(schema.atomDependencies);
  expect(edge).toMatchObject({ fromAtomId: second.atomId, toAtomId: first.atomId, dependencyType: 'function_call' });
});
