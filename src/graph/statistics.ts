import type { CutEdge, DependencyEdge, DependencyType } from '../domain/index.ts';
import { at } from './components.ts';
import type { PlannedWaves } from './waves.ts';

/** An atom that more than this many others depend on is a checkpoint: validating it early pays. */
const CHECKPOINT_DEPENDENTS = 5;
const LISTED = 200;

export interface GraphStatistics {
  readonly edgesByType: Readonly<Partial<Record<DependencyType, number>>>;
  readonly averageDependencies: number;
  readonly maxDependencies: number;
  readonly maxDependents: number;
  readonly isolatedAtoms: number;
  /** Edges per possible pair. */
  readonly density: number;
  /** Atoms per wave; the first is wave 1. */
  readonly parallelismProfile: readonly number[];
  readonly averageParallelism: number;
  /** Atom indexes of the longest chain by effort, first to last. */
  readonly criticalPath: readonly number[];
  readonly criticalEffort: number;
  readonly totalEffort: number;
  /** Atoms that could come later without making the whole longer. */
  readonly atomsWithSlack: number;
  /** Atoms that cycles hold together, each to be written as one. */
  readonly units: readonly (readonly number[])[];
  readonly cut: readonly CutEdge[];
  /** Atoms with many dependents, most first. */
  readonly checkpoints: readonly { readonly atom: number; readonly dependents: number }[];
}

/** Figures about a graph and its waves. Lists hold at most 200 entries. */
export function describeGraph(
  atomCount: number,
  edges: readonly DependencyEdge[],
  plan: PlannedWaves,
  effort: Float64Array,
): GraphStatistics {
  const byType: Partial<Record<DependencyType, number>> = {};
  const pairs = new Set<number>();
  const dependencies = new Int32Array(atomCount);
  const dependents = new Int32Array(atomCount);
  for (const edge of edges) {
    byType[edge.type] = (byType[edge.type] ?? 0) + 1;
    const pair = edge.from * atomCount + edge.to;
    if (pairs.has(pair)) continue;
    pairs.add(pair);
    dependencies[edge.from] = at(dependencies, edge.from) + 1;
    dependents[edge.to] = at(dependents, edge.to) + 1;
  }
  const most = (counts: Int32Array): number => counts.reduce((max, n) => Math.max(max, n), 0);
  const atoms = Array.from({ length: atomCount }, (_, i) => i);
  return {
    edgesByType: byType,
    averageDependencies: atomCount === 0 ? 0 : pairs.size / atomCount,
    maxDependencies: most(dependencies),
    maxDependents: most(dependents),
    isolatedAtoms: atoms.filter((i) => dependencies[i] === 0 && dependents[i] === 0).length,
    density: atomCount < 2 ? 0 : pairs.size / (atomCount * (atomCount - 1)),
    parallelismProfile: [...plan.profile],
    averageParallelism: plan.totalWaves === 0 ? 0 : atomCount / plan.totalWaves,
    criticalPath: criticalChain(atomCount, edges, plan).slice(0, LISTED),
    criticalEffort: plan.criticalPath.reduce((max, n) => Math.max(max, n), 0),
    totalEffort: effort.reduce((sum, n) => sum + n, 0),
    atomsWithSlack: plan.slack.filter((n) => n > 0).length,
    units: unitsOf(plan).slice(0, LISTED),
    cut: plan.cut.slice(0, LISTED),
    checkpoints: atoms
      .filter((i) => at(dependents, i) > CHECKPOINT_DEPENDENTS)
      .sort((a, b) => at(dependents, b) - at(dependents, a) || a - b)
      .slice(0, LISTED)
      .map((atom) => ({ atom, dependents: at(dependents, atom) })),
  };
}

/** The atoms of each unit of more than one. */
export function unitsOf(plan: PlannedWaves): number[][] {
  const members = new Map<number, number[]>();
  plan.unitOf.forEach((unit, atom) => {
    const known = members.get(unit);
    if (known === undefined) members.set(unit, [atom]);
    else known.push(atom);
  });
  return [...members.values()].filter((atoms) => atoms.length > 1);
}

/** From the atom that most work waits for, each time to the dependent that most work waits for. */
function criticalChain(atomCount: number, edges: readonly DependencyEdge[], plan: PlannedWaves): number[] {
  if (atomCount === 0) return [];
  const dependents = new Map<number, number[]>();
  for (const { from, to } of edges) {
    if (at(plan.waveOf, from) <= at(plan.waveOf, to)) continue;
    const known = dependents.get(to);
    if (known === undefined) dependents.set(to, [from]);
    else known.push(from);
  }
  const better = (a: number, b: number): number => (at(plan.criticalPath, b) > at(plan.criticalPath, a) ? b : a);
  let atom = Array.from({ length: atomCount }, (_, i) => i).reduce(better);
  const chain = [atom];
  for (let next = dependents.get(atom); next !== undefined; next = dependents.get(atom)) {
    atom = next.reduce(better);
    chain.push(atom);
  }
  return chain;
}
