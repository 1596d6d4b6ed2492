/** Rows that tests need to exist. Each factory fills what a test does not care about and returns the whole row. */
import { createHash } from 'node:crypto';
import { eq, inArray } from 'drizzle-orm';
import { newId, schema, type Db, type Tx } from '../../src/db/index.ts';
import type { AtomContext, GraphId, MasterplanId, TaskId } from '../../src/domain/index.ts';

type Insert<T extends { $inferInsert: unknown }> = Partial<T['$inferInsert']>;
export type MasterplanRow = typeof schema.masterplans.$inferSelect;
export type TaskRow = typeof schema.masterplanTasks.$inferSelect;
export type AtomRow = typeof schema.atomicUnits.$inferSelect;
export type GraphRow = typeof schema.dependencyGraphs.$inferSelect;

/** A context whose five parts are all there. */
export const COMPLETE_CONTEXT: AtomContext = {
  imports: [],
  defines: [],
  uses: [],
  types: [],
  preconditions: [],
  postconditions: [],
  side_effects: [],
  docstring: null,
  enclosing: [],
  test_cases: [],
  language_version: null,
  completeness: [],
  completeness_score: 1,
};

/** A masterplan with its discovery document, one phase and one milestone. */
export async function insertMasterplan(db: Db, values: Insert<typeof schema.masterplans> = {}): Promise<MasterplanRow> {
  return db.transaction(async (tx) => {
    const discoveryId = values.discoveryId ?? (await insertDiscovery(tx, values));
    const masterplanId = values.masterplanId ?? newId<MasterplanId>();
    const [row] = await tx
      .insert(schema.masterplans)
      .values({
        sessionId: 'test-session',
        userId: 'test-user',
        projectName: 'Test project',
        ...values,
        discoveryId,
        masterplanId,
      })
      .returning();
    await insertMilestone(tx, masterplanId);
    return row!;
  });
}

/** A task in the first milestone of its plan, numbered after the plan's last one; `taskNumber` and `filePath` may be given. */
export async function insertTask(
  db: Db,
  values: Insert<typeof schema.masterplanTasks> & { masterplanId: string },
): Promise<TaskRow> {
  const taskNumber = values.taskNumber ?? (await db.$count(schema.masterplanTasks, eqPlan(values.masterplanId))) + 1;
  const filePath = values.filePath ?? `src/file_${taskNumber}.py`;
  const { phaseId, milestoneId } = await findMilestone(db, values.masterplanId);
  const [row] = await db
    .insert(schema.masterplanTasks)
    .values({
      taskId: newId<TaskId>(),
      phaseId,
      milestoneId,
      name: `Task ${taskNumber}`,
      description: `Write ${filePath}`,
      language: 'python',
      targetFiles: [filePath],
      llmResponse: `def f${taskNumber}():\n    return ${taskNumber}\n`,
      ...values,
      taskNumber,
      filePath,
    })
    .returning();
  return row!;
}

/** An atom that is a whole file of one function, unless told otherwise; numbered after the plan's last one. */
export async function insertAtom(
  db: Db,
  values: Insert<typeof schema.atomicUnits> & { masterplanId: string },
): Promise<AtomRow> {
  const atomNumber = values.atomNumber ?? (await db.$count(schema.atomicUnits, eqAtomPlan(values.masterplanId))) + 1;
  const code = values.codeToGenerate ?? `def f${atomNumber}():\n    return ${atomNumber}\n`;
  const loc = code.split('\n').filter((line) => line.trim() !== '').length;
  const [row] = await db
    .insert(schema.atomicUnits)
    .values({
      atomId: newId<string>(),
      fileOrdinal: 0,
      name: `f${atomNumber}`,
      description: `Function f${atomNumber}`,
      role: 'declaration',
      filePath: `src/file_${atomNumber}.py`,
      lineStart: 1,
      lineEnd: code.split('\n').length,
      startByte: 0,
      endByte: Buffer.byteLength(code),
      language: 'python',
      loc,
      complexity: 1,
      contextJson: COMPLETE_CONTEXT,
      contextCompleteness: 1,
      atomicityScore: 1,
      isAtomic: true,
      ...values,
      atomNumber,
      codeToGenerate: code,
    })
    .returning();
  return row!;
}

/**
 * A graph over `atomIds` with the given waves (lists of atom ids; default: all atoms in wave 1) and edges; sets `graph_id` and the
 * totals of the masterplan and the wave of each atom.
 */
export async function insertGraph(
  db: Db,
  input: {
    masterplanId: string;
    atomIds: readonly string[];
    waves?: readonly (readonly string[])[];
    /** `from` depends on `to`. */
    edges?: readonly {
      from: string;
      to: string;
      type?: (typeof schema.atomDependencies.$inferInsert)['dependencyType'];
    }[];
  },
): Promise<GraphRow> {
  const waves = input.waves ?? [input.atomIds];
  const maxParallelism = Math.max(0, ...waves.map((wave) => wave.length));
  const totals = { totalAtoms: input.atomIds.length, totalWaves: waves.length, maxParallelism };
  return db.transaction(async (tx) => {
    const graphId = newId<GraphId>();
    const [row] = await tx
      .insert(schema.dependencyGraphs)
      .values({
        graphId,
        masterplanId: input.masterplanId,
        graphData: {},
        sourceSha256: createHash('sha256').update(input.atomIds.join()).digest('hex'),
        ...totals,
        totalEdges: input.edges?.length ?? 0,
        hasCycles: false,
        topologicalOrder: waves.flat(),
      })
      .returning();
    for (const [i, wave] of waves.entries()) await insertWave(tx, graphId, i + 1, wave);
    for (const edge of input.edges ?? []) {
      await tx.insert(schema.atomDependencies).values({
        dependencyId: newId<string>(),
        graphId,
        fromAtomId: edge.from,
        toAtomId: edge.to,
        dependencyType: edge.type ?? 'function_call',
        metadata: { reason: 'test' },
      });
    }
    await tx
      .update(schema.masterplans)
      .set({ graphId, ...totals })
      .where(eq(schema.masterplans.masterplanId, input.masterplanId));
    return row!;
  });
}

async function insertWave(tx: Tx, graphId: string, waveNumber: number, atomIds: readonly string[]): Promise<void> {
  await tx
    .insert(schema.executionWaves)
    .values({ waveId: newId<string>(), graphId, waveNumber, atomIds: [...atomIds], totalAtoms: atomIds.length });
  if (atomIds.length === 0) return;
  await tx
    .update(schema.atomicUnits)
    .set({ waveNumber })
    .where(inArray(schema.atomicUnits.atomId, [...atomIds]));
}

async function insertDiscovery(tx: Tx, values: { sessionId?: string; userId?: string }): Promise<string> {
  const discoveryId = newId<string>();
  await tx.insert(schema.discoveryDocuments).values({
    discoveryId,
    sessionId: values.sessionId ?? 'test-session',
    userId: values.userId ?? 'test-user',
    userRequest: 'Build a test project',
    domain: 'test',
  });
  return discoveryId;
}

async function insertMilestone(tx: Tx, masterplanId: string): Promise<void> {
  const phaseId = newId<string>();
  await tx
    .insert(schema.masterplanPhases)
    .values({ phaseId, masterplanId, phaseType: 'core', phaseNumber: 1, name: 'Core' });
  await tx
    .insert(schema.masterplanMilestones)
    .values({ milestoneId: newId<string>(), phaseId, milestoneNumber: 1, name: 'Milestone 1' });
}

async function findMilestone(db: Db, masterplanId: string): Promise<{ phaseId: string; milestoneId: string }> {
  const { masterplanPhases: phases, masterplanMilestones: milestones } = schema;
  const [found] = await db
    .select({ phaseId: phases.phaseId, milestoneId: milestones.milestoneId })
    .from(milestones)
    .innerJoin(phases, eq(phases.phaseId, milestones.phaseId))
    .where(eq(phases.masterplanId, masterplanId))
    .orderBy(phases.phaseNumber, milestones.milestoneNumber)
    .limit(1);
  if (found === undefined)
    throw new Error(`masterplan ${masterplanId} has no milestone: make it with insertMasterplan`);
  return found;
}

const eqPlan = (masterplanId: string) => eq(schema.masterplanTasks.masterplanId, masterplanId);
const eqAtomPlan = (masterplanId: string) => eq(schema.atomicUnits.masterplanId, masterplanId);
