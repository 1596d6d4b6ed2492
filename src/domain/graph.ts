/** Edges between atoms. `from -> to` means: from depends on to, so to comes first. */

export const DEPENDENCY_TYPES = ['import', 'data_flow', 'function_call', 'type', 'temporal'] as const;
export type DependencyType = (typeof DEPENDENCY_TYPES)[number];

/** One reason why one atom needs another. Nodes are named by index into the list of atoms that the graph is built over. */
export interface DependencyEdge {
  readonly from: number;
  readonly to: number;
  readonly type: DependencyType;
  /** 0 to 1: how sure and how hard the dependency is. */
  readonly strength: number;
  /** One readable sentence, e.g. "calls `TodoRepository.find` defined at app/repo.py:41". */
  readonly reason: string;
}

/** An edge that was left out of the ordering to break a cycle, and why. */
export interface CutEdge extends DependencyEdge {
  readonly cutReason: string;
}

/** Waves by longest path. `waveOf[i]` is 1-based; atoms of one unit (a strongly connected component) share a wave. */
export interface WavePlan {
  readonly waveOf: Int32Array;
  /** Index of the co-generation unit of each atom; units of more than one atom are cycles. */
  readonly unitOf: Int32Array;
  readonly totalWaves: number;
  readonly maxParallelism: number;
  readonly topologicalOrder: Int32Array;
  readonly hasCycles: boolean;
}
