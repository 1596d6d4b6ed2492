/** The graph in the database: one row with figures, one per edge and type, one per wave, and the waves of the atoms. */
import { createHash } from 'node:crypto';
import { and, asc, eq, gt, inArray, sql } from 'drizzle-orm';
import { newId, schema, type Tx } from '../db/index.ts';
import type { GraphOptions } from './checked/add-checked.ts';
import type { DeclaredOrder } from './declared.ts';
import { writeEdges, type EdgeToStore } from './write-edges.ts';
import { ACTIVE_EXECUTION_STATES, MgeError, type AtomId, type GraphId, type MasterplanId } from '../domain/index.ts';

/** Raised when the same source would give another graph than before. */
const RULES_VERSION = 3;

export interface StoredAtom {
  readonly atomId: AtomId;
  readonly fileOrdinal: number;
  readonly filePath: string;
  readonly language: string;
  readonly role: string;
  readonly name: string;
  readonly lineStart: number;
  readonly startByte: number;
  readonly endByte: number;
  readonly bytes: Uint8Array;
}

/** All atoms of a plan with their draft bytes, in plan order. */
export async function readAtoms(tx: Tx, masterplanId: MasterplanId): Promise<StoredAtom[]> {
  const a = schema.atomicUnits;
  const rows = await tx
    .select({
      atomId: a.atomId,
      fileOrdinal: a.fileOrdinal,
      filePath: a.filePath,
      language: a.language,
      role: a.role,
      name: a.name,
      lineStart: a.lineStart,
      startByte: a.startByte,
      endByte: a.endByte,
      text: a.codeToGenerate,
      bytes: a.codeBytes,
    })
    .from(a)
    .where(eq(a.masterplanId, masterplanId))
    .orderBy(asc(a.atomNumber));
  return rows.map(({ text, bytes, ...row }) => ({
    ...row,
    atomId: row.atomId as AtomId,
    bytes: bytes ?? Buffer.from(text),
  }));
}

/** What the plan itself says about the order of its tasks, as pairs of file paths. */
export async function readDeclaredOrders(tx: Tx, masterplanId: MasterplanId): Promise<DeclaredOrder[]> {
  const t = schema.masterplanTasks;
  const tasks = await tx
    .select({ taskId: t.taskId, filePath: t.filePath, targetFiles: t.targetFiles, dependsOn: t.dependsOnTasks })
    .from(t)
    .where(eq(t.masterplanId, masterplanId))
    .orderBy(asc(t.taskNumber));
  const pathOf = new Map(tasks.map((task) => [task.taskId, task.filePath ?? task.targetFiles[0]]));
  return tasks.flatMap((task) =>
    task.dependsOn.flatMap((id) => {
      const [from, to] = [pathOf.get(task.taskId), pathOf.get(id)];
      return from === undefined || to === undefined ? [] : [{ from, to }];
    }),
  );
}

/** A hash over everything that decides what the graph is. */
export function sourceHash(atoms: readonly StoredAtom[], { checked = false }: GraphOptions = {}): string {
  const hash = createHash('sha256').update(`rules ${String(RULES_VERSION)}${checked ? ' checked' : ''}\n`);
  for (const atom of atoms) {
    hash.update(`${atom.atomId} ${atom.filePath} ${atom.language} ${String(atom.bytes.length)}\n`).update(atom.bytes);
  }
  return hash.digest('hex');
}

export interface GraphRow {
  readonly graphId: GraphId;
  readonly sourceSha256: string;
  readonly current: boolean;
}

/** The graph row of a plan; `current`: the plan points at it, so its atoms are still those of the graph. */
export async function findGraph(tx: Tx, masterplanId: MasterplanId): Promise<GraphRow | null> {
  const { dependencyGraphs: g, masterplans: m } = schema;
  const [row] = await tx
    .select({ graphId: g.graphId, sourceSha256: g.sourceSha256, pointed: m.graphId })
    .from(g)
    .innerJoin(m, eq(m.masterplanId, g.masterplanId))
    .where(eq(g.masterplanId, masterplanId));
  if (row === undefined) return null;
  return { graphId: row.graphId as GraphId, sourceSha256: row.sourceSha256, current: row.pointed === row.graphId };
}

/** Holds the plan's row until the transaction ends. @throws {MgeError} NOT_FOUND */
export async function lockPlan(tx: Tx, masterplanId: MasterplanId): Promise<void> {
  const found = await tx.execute(sql`
    select 1 from masterplans where masterplan_id = ${masterplanId}::uuid and deleted_at is null for update`);
  if (found.rowCount === 0) throw new MgeError('NOT_FOUND', `There is no masterplan ${masterplanId}.`);
}

/** @throws {MgeError} EXECUTION_RUNNING while an execution of the plan is not over. */
export async function refuseWhileExecuting(tx: Tx, masterplanId: MasterplanId): Promise<void> {
  const { executions } = schema;
  const [active] = await tx
    .select({ executionId: executions.executionId })
    .from(executions)
    .where(and(eq(executions.masterplanId, masterplanId), inArray(executions.status, [...ACTIVE_EXECUTION_STATES])));
  if (active === undefined) return;
  throw new MgeError(
    'EXECUTION_RUNNING',
    `Masterplan ${masterplanId} is being executed; its graph cannot be replaced before that is over.`,
    { details: { execution_id: active.executionId } },
  );
}

export interface GraphToStore {
  readonly sourceSha256: string;
  readonly graphData: Record<string, unknown>;
  readonly totalEdges: number;
  readonly totalWaves: number;
  readonly maxParallelism: number;
  readonly hasCycles: boolean;
  /** Ids by graph index. */
  readonly atomIds: readonly AtomId[];
  readonly topologicalOrder: readonly AtomId[];
  readonly waveOf: Int32Array;
  readonly criticalPath: Float64Array;
  readonly edges: readonly EdgeToStore[];
}

/**
 * Writes the graph over the one before it, which keeps its id: past executions point at it. Only rows that differ are touched, and
 * waves start anew.
 */
export async function writeGraph(
  tx: Tx,
  masterplanId: MasterplanId,
  known: GraphId | null,
  graph: GraphToStore,
): Promise<GraphId> {
  const graphId = known ?? newId<GraphId>();
  const { dependencyGraphs, executionWaves } = schema;
  const values = {
    graphData: graph.graphData,
    sourceSha256: graph.sourceSha256,
    totalAtoms: graph.atomIds.length,
    totalEdges: graph.totalEdges,
    totalWaves: graph.totalWaves,
    maxParallelism: graph.maxParallelism,
    hasCycles: graph.hasCycles,
    topologicalOrder: [...graph.topologicalOrder],
  };
  if (known === null) await tx.insert(dependencyGraphs).values({ graphId, masterplanId, ...values });
  else {
    await tx
      .update(dependencyGraphs)
      .set({ ...values, updatedAt: sql`now()` })
      .where(eq(dependencyGraphs.graphId, graphId));
    await tx
      .delete(executionWaves)
      .where(and(eq(executionWaves.graphId, graphId), gt(executionWaves.waveNumber, graph.totalWaves)));
  }
  await writeEdges(tx, graphId, graph.edges);
  await writeWaves(tx, graphId, graph);
  await tx.execute(sql`
    update masterplans set graph_id = ${graphId}::uuid, total_atoms = ${graph.atomIds.length}, total_waves = ${graph.totalWaves},
      max_parallelism = ${graph.maxParallelism}, updated_at = now()
    where masterplan_id = ${masterplanId}::uuid`);
  return graphId;
}

/**
 * How many other atoms each one waits for, by graph index: what the execution counts down. Written with the rest, so that starting
 * need not touch every atom again.
 */
function countDependencies(graph: GraphToStore): number[] {
  const dependencies = new Map<AtomId, Set<AtomId>>();
  for (const { from, to, metadata } of graph.edges) {
    if (metadata.cut !== undefined || metadata.internal === true) continue;
    const known = dependencies.get(from) ?? new Set<AtomId>();
    dependencies.set(from, known.add(to));
  }
  return graph.atomIds.map((atomId) => dependencies.get(atomId)?.size ?? 0);
}

async function writeWaves(tx: Tx, graphId: GraphId, graph: GraphToStore): Promise<void> {
  const waves = Array.from({ length: graph.totalWaves }, () => newId<string>());
  await tx.execute(sql`
    update atomic_units a
    set wave_number = rows.wave, critical_path = rows.critical, unmet_dependencies = rows.unmet, updated_at = now()
    from unnest(${sql.param(graph.atomIds)}::uuid[], ${sql.param([...graph.waveOf])}::int[], ${sql.param([...graph.criticalPath])}::float8[],
        ${sql.param(countDependencies(graph))}::int[])
      as rows (atom_id, wave, critical, unmet)
    where a.atom_id = rows.atom_id
      and (a.wave_number, a.critical_path, a.unmet_dependencies) is distinct from (rows.wave, rows.critical, rows.unmet)`);
  await tx.execute(sql`
    insert into execution_waves (wave_id, graph_id, wave_number, atom_ids, total_atoms)
    select (${sql.param(waves)}::uuid[])[w.wave], ${graphId}::uuid, w.wave, array_agg(w.atom_id order by w.position), count(*)::int
    from unnest(${sql.param(graph.atomIds)}::uuid[], ${sql.param([...graph.waveOf])}::int[]) with ordinality as w (atom_id, wave, position)
    group by w.wave
    on conflict (graph_id, wave_number) do update
    set atom_ids = excluded.atom_ids, total_atoms = excluded.total_atoms, completed_atoms = 0, failed_atoms = 0,
      status = 'PENDING', started_at = null, completed_at = null, duration_seconds = null
    where (execution_waves.atom_ids, execution_waves.status, execution_waves.completed_atoms, execution_waves.failed_atoms)
      is distinct from (excluded.atom_ids, 'PENDING'::wave_status, 0, 0)`);
}
