import { createHash } from 'node:crypto';
import { asc, eq } from 'drizzle-orm';
import type { StageDeps } from '../adapters/runtime.ts';
import type { AtomizedFile, Atomizer } from '../atomization/index.ts';
import { schema, type Tx } from '../db/index.ts';
import { MgeError, type AtomId, type GraphId, type MasterplanId, type SourceFile } from '../domain/index.ts';
import { assembleGraph, type AssembledGraph } from './assemble.ts';
import { withChecked, type GraphOptions } from './checked/add-checked.ts';
import { declaredEdges } from './declared.ts';
import { estimateTime, type Estimate } from './estimate.ts';
import { readHistory, type History } from './history.ts';
import { createKeptResolvers } from './kept-resolvers.ts';
import { readPlan } from './reading.ts';
import { describeGraph } from './statistics.ts';
import {
  findGraph,
  lockPlan,
  readAtoms,
  readDeclaredOrders,
  refuseWhileExecuting,
  sourceHash,
  writeGraph,
  type GraphToStore,
  type StoredAtom,
} from './store.ts';
import { planWaves, type PlannedWaves } from './waves.ts';

export interface GraphSummary {
  readonly graphId: GraphId;
  readonly masterplanId: MasterplanId;
  readonly totalAtoms: number;
  /** Pairs of atoms; several reasons between a pair count once. */
  readonly totalEdges: number;
  readonly totalWaves: number;
  readonly waves: readonly { readonly waveNumber: number; readonly totalAtoms: number }[];
  readonly maxParallelism: number;
  readonly hasCycles: boolean;
  readonly stats: Readonly<Record<string, unknown>>;
  /** True when the graph was there already. */
  readonly unchanged: boolean;
}

interface PlanFile {
  readonly source: SourceFile;
  readonly atoms: readonly StoredAtom[];
}

/** The plan's files as their atoms tile them. */
function filesOf(atoms: readonly StoredAtom[]): PlanFile[] {
  const byPath = new Map<string, StoredAtom[]>();
  for (const atom of atoms) {
    const known = byPath.get(atom.filePath);
    if (known === undefined) byPath.set(atom.filePath, [atom]);
    else known.push(atom);
  }
  return [...byPath].map(([path, parts]) => {
    parts.sort((a, b) => a.fileOrdinal - b.fileOrdinal);
    const bytes = Buffer.concat(parts.map((part) => part.bytes));
    return { source: { path, language: parts[0]?.language ?? 'text', bytes }, atoms: parts };
  });
}

/** The atoms of the files must be the stored ones: the graph's edges are found in the files, and kept for the stored atoms. */
function checkAtoms(files: readonly PlanFile[], atomized: readonly AtomizedFile[]): void {
  files.forEach((file, i) => {
    const found = atomized[i]?.atoms ?? [];
    const same =
      found.length === file.atoms.length && found.every((atom, n) => atom.range.startByte === file.atoms[n]?.startByte);
    if (same) return;
    throw new MgeError(
      'CONFLICT',
      `The stored atoms of ${file.source.path} were cut by other rules; decompose the masterplan again.`,
    );
  });
}

function toStore(files: readonly PlanFile[], graph: AssembledGraph, hash: string, history: History): GraphToStore {
  const plan = planWaves(graph.atomCount, graph.edges, graph.effort);
  const atoms = files.flatMap((file) => file.atoms);
  const ids = files.flatMap((file) => file.atoms.map((atom) => atom.atomId));
  const id = (index: number): AtomId => ids[index] as AtomId;
  const cut = new Map(plan.cut.map((edge) => [`${edge.from} ${edge.to} ${edge.type}`, edge.cutReason]));
  const pairs = new Set<string>();
  const edges = graph.edges.map((edge) => {
    pairs.add(`${edge.from} ${edge.to}`);
    const cutReason = cut.get(`${edge.from} ${edge.to} ${edge.type}`);
    const internal = plan.unitOf[edge.from] === plan.unitOf[edge.to];
    return {
      from: id(edge.from),
      to: id(edge.to),
      type: edge.type,
      strength: edge.strength,
      metadata: {
        reason: edge.reason,
        ...(cutReason === undefined ? {} : { cut: cutReason }),
        ...(internal ? { internal } : {}),
      },
    };
  });
  const stats = describeGraph(graph.atomCount, graph.edges, plan, graph.effort);
  return {
    sourceSha256: hash,
    graphData: {
      edges_by_type: stats.edgesByType,
      average_dependencies: stats.averageDependencies,
      max_dependencies: stats.maxDependencies,
      max_dependents: stats.maxDependents,
      isolated_atoms: stats.isolatedAtoms,
      density: stats.density,
      parallelism_profile: stats.parallelismProfile,
      average_parallelism: stats.averageParallelism,
      critical_path: stats.criticalPath.map(id),
      critical_effort: stats.criticalEffort,
      total_effort: stats.totalEffort,
      atoms_with_slack: stats.atomsWithSlack,
      units: stats.units.map((unit) => unit.map(id)),
      cut: stats.cut.map((e) => ({
        from: id(e.from),
        to: id(e.to),
        type: e.type,
        reason: e.reason,
        cut_reason: e.cutReason,
      })),
      checkpoints: stats.checkpoints.map((c) => ({ atom_id: id(c.atom), dependents: c.dependents })),
      ...readingData(atoms, graph, plan, id),
      estimate: estimateData(estimateTime(atoms, graph.edges, plan, history)),
    },
    totalEdges: pairs.size,
    totalWaves: plan.totalWaves,
    maxParallelism: plan.maxParallelism,
    hasCycles: plan.hasCycles,
    atomIds: ids,
    topologicalOrder: [...plan.topologicalOrder].map(id),
    waveOf: plan.waveOf,
    criticalPath: plan.criticalPath,
    edges,
  };
}

function readingData(
  atoms: readonly StoredAtom[],
  graph: AssembledGraph,
  plan: PlannedWaves,
  id: (index: number) => AtomId,
): Record<string, unknown> {
  const placed = atoms.map((atom) => ({ file: atom.filePath, name: atom.name, startLine: atom.lineStart }));
  const { modules, components, suggestions } = readPlan(placed, graph.edges, plan);
  return {
    boundaries: { modules, components },
    suggestions: suggestions.map(({ kind, atoms: about, text }) => ({ kind, atom_ids: about.map(id), text })),
  };
}

function estimateData(estimate: Estimate): Record<string, unknown> {
  const { secondsAtLeast, secondsAtMost, waveSeconds, ...rest } = estimate;
  return { ...rest, seconds_at_least: secondsAtLeast, seconds_at_most: secondsAtMost, wave_seconds: waveSeconds };
}

async function currentGraph(tx: Tx, masterplanId: MasterplanId, hash: string): Promise<boolean> {
  const known = await findGraph(tx, masterplanId);
  return known !== null && known.current && known.sourceSha256 === hash;
}

const resolvers = createKeptResolvers();

function versionOf(source: SourceFile | undefined): string {
  return createHash('sha256')
    .update(source?.bytes ?? '')
    .digest('base64');
}

/**
 * Finds the dependencies between a plan's atoms, orders them into waves and stores both, in one transaction. Idempotent: as long as
 * the atoms and options are the same nothing is written. A graph that is replaced keeps its id, and its rows that stay the same keep
 * theirs.
 * @throws {MgeError} NOT_FOUND, NOT_DECOMPOSED, EXECUTION_RUNNING (the atoms changed and an execution is under way), CONFLICT.
 */
export async function buildMasterplanGraph(
  deps: StageDeps & { readonly atomizer: Atomizer },
  masterplanId: MasterplanId,
  options: GraphOptions = {},
): Promise<GraphSummary> {
  const started = deps.clock.now().getTime();
  const atoms = await readAtoms(deps.db, masterplanId);
  if (atoms.length === 0) {
    throw new MgeError('NOT_DECOMPOSED', `Masterplan ${masterplanId} has no atoms yet; decompose it first.`);
  }
  const hash = sourceHash(atoms, options);
  if (await currentGraph(deps.db, masterplanId, hash))
    return required(await summarize(deps.db, masterplanId, true), masterplanId);
  await refuseWhileExecuting(deps.db, masterplanId);
  const files = filesOf(atoms);
  const atomized = await deps.atomizer.atomize(
    files.map((file) => file.source),
    { withFacts: true },
  );
  checkAtoms(files, atomized);
  const sources = atomized.map((file, i) => ({
    file,
    text: () => Buffer.from(files[i]?.source.bytes ?? []).toString('utf8'),
  }));
  const own = assembleGraph(sources, (programs, aliases) =>
    resolvers
      .of(masterplanId, atoms.length, aliases)
      .resolve(programs.map((program, f) => ({ ...program, version: versionOf(files[f]?.source) }))),
  );
  const found = withChecked(own, sources, options);
  const spans = files.map((file, f) => ({
    path: file.source.path,
    first: found.firstAtom[f] ?? 0,
    count: file.atoms.length,
  }));
  const declared = declaredEdges(spans, found.edges, await readDeclaredOrders(deps.db, masterplanId));
  const history = await readHistory(deps.db, masterplanId);
  const graph = toStore(files, { ...found, edges: [...found.edges, ...declared] }, hash, history);
  const summary = await deps.db.transaction(async (tx) => {
    await lockPlan(tx, masterplanId);
    await refuseWhileExecuting(tx, masterplanId);
    if (sourceHash(await readAtoms(tx, masterplanId), options) !== hash) {
      throw new MgeError(
        'CONFLICT',
        `The atoms of masterplan ${masterplanId} changed meanwhile; build the graph again.`,
      );
    }
    if (await currentGraph(tx, masterplanId, hash)) return summarize(tx, masterplanId, true);
    const known = await findGraph(tx, masterplanId);
    await writeGraph(tx, masterplanId, known?.graphId ?? null, graph);
    return summarize(tx, masterplanId, false);
  });
  const durationMs = deps.clock.now().getTime() - started;
  deps.log.info(
    { masterplanId, atoms: atoms.length, edges: graph.edges.length, waves: graph.totalWaves, durationMs },
    'graph built',
  );
  return required(summary, masterplanId);
}

function required(summary: GraphSummary | null, masterplanId: MasterplanId): GraphSummary {
  if (summary === null)
    throw new MgeError('INTERNAL', `The graph of masterplan ${masterplanId} was built, but cannot be found.`);
  return summary;
}

/** The stored graph in figures; null when there is none, or only one of atoms that are no more. */
export async function readGraph(deps: StageDeps, masterplanId: MasterplanId): Promise<GraphSummary | null> {
  return summarize(deps.db, masterplanId, true);
}

async function summarize(tx: Tx, masterplanId: MasterplanId, unchanged: boolean): Promise<GraphSummary | null> {
  const known = await findGraph(tx, masterplanId);
  if (known === null || !known.current) return null;
  const { dependencyGraphs: g, executionWaves: w } = schema;
  const [row] = await tx.select().from(g).where(eq(g.graphId, known.graphId));
  if (row === undefined) return null;
  const waves = await tx
    .select({ waveNumber: w.waveNumber, totalAtoms: w.totalAtoms })
    .from(w)
    .where(eq(w.graphId, known.graphId))
    .orderBy(asc(w.waveNumber));
  return {
    graphId: known.graphId,
    masterplanId,
    totalAtoms: row.totalAtoms,
    totalEdges: row.totalEdges,
    totalWaves: row.totalWaves,
    waves,
    maxParallelism: row.maxParallelism,
    hasCycles: row.hasCycles,
    stats: row.graphData,
    unchanged,
  };
}
