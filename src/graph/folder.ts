/** The dependency graph of a folder of sources, without a database. */
import { readSources, type Atomizer } from '../atomization/index.ts';
import type { CutEdge, DependencyEdge, SourceFile } from '../domain/index.ts';
import { assembleGraph } from './assemble.ts';
import { withChecked, type GraphOptions } from './checked/add-checked.ts';
import { toDocument } from './export.ts';
import { readPlan, type Reading } from './reading.ts';
import { describeGraph, type GraphStatistics } from './statistics.ts';
import type { GraphView, ViewedEdge } from './view.ts';
import { planWaves } from './waves.ts';

/** Ids are `path:ordinal`, stable as long as the file is. */
export interface GraphedFolder extends GraphView {
  readonly totalWaves: number;
  readonly maxParallelism: number;
  readonly hasCycles: boolean;
  readonly cut: readonly CutEdge[];
  readonly stats: GraphStatistics;
  readonly reading: Reading;
}

/** The graph of source files that are in memory. Edges name atoms by their index in `atoms`. */
export async function graphFiles(
  atomizer: Atomizer,
  files: readonly SourceFile[],
  options: GraphOptions = {},
): Promise<GraphedFolder> {
  const atomized = await atomizer.atomize(files, { withFacts: true });
  const sources = atomized.map((file, i) => ({
    file,
    text: () => Buffer.from(files[i]?.bytes ?? []).toString('utf8'),
  }));
  const graph = withChecked(assembleGraph(sources), sources, options);
  const plan = planWaves(graph.atomCount, graph.edges, graph.effort);
  const atoms = atomized.flatMap((file, f) =>
    file.atoms.map((atom) => ({
      id: `${file.path}:${String(atom.ordinal)}`,
      file: file.path,
      startLine: atom.range.startLine,
      endLine: atom.range.endLine,
      name: atom.name,
      role: atom.role,
      wave: plan.waveOf[(graph.firstAtom[f] ?? 0) + atom.ordinal] ?? 1,
    })),
  );
  return {
    atoms,
    edges: withCuts(graph.edges, plan.cut),
    totalWaves: plan.totalWaves,
    maxParallelism: plan.maxParallelism,
    hasCycles: plan.hasCycles,
    cut: plan.cut,
    stats: describeGraph(graph.atomCount, graph.edges, plan, graph.effort),
    reading: readPlan(atoms, graph.edges, plan),
  };
}

/**
 * The graph of the sources below a folder (`.gitignore` is respected).
 * @throws {MgeError} NOT_FOUND, LIMIT_EXCEEDED.
 */
export async function graphPath(atomizer: Atomizer, path: string, options: GraphOptions = {}): Promise<GraphedFolder> {
  return graphFiles(atomizer, (await readSources(path)).files, options);
}

function withCuts(edges: readonly DependencyEdge[], cut: readonly CutEdge[]): ViewedEdge[] {
  const reasons = new Map(cut.map((edge) => [`${String(edge.from)} ${String(edge.to)} ${edge.type}`, edge.cutReason]));
  return edges.map((edge) => {
    const why = reasons.get(`${String(edge.from)} ${String(edge.to)} ${edge.type}`);
    return why === undefined ? edge : { ...edge, cut: why };
  });
}

/** The form that `mge graph PATH --json` prints: atoms by id, edges from the use to what is used, figures. */
export function toJsonDocument(graph: GraphedFolder): Record<string, unknown> {
  return {
    ...toDocument(graph),
    totalWaves: graph.totalWaves,
    maxParallelism: graph.maxParallelism,
    hasCycles: graph.hasCycles,
    parallelismProfile: graph.stats.parallelismProfile,
    boundaries: { modules: graph.reading.modules, components: graph.reading.components },
    suggestions: graph.reading.suggestions.map(({ atoms, ...rest }) => ({
      ...rest,
      atoms: atoms.map((index) => graph.atoms[index]?.id ?? ''),
    })),
  };
}
