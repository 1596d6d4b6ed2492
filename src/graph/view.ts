/** Questions to a graph that is at hand: who needs whom, why one waits for another, what a change reaches. */
import { MultiDirectedGraph } from 'graphology';
import type { DependencyEdge } from '../domain/index.ts';

export interface ViewedAtom {
  readonly id: string;
  readonly file: string;
  /** 1-based, both inclusive. */
  readonly startLine: number;
  readonly endLine: number;
  readonly name: string;
  readonly role: string;
  /** 1-based; null before waves are planned. */
  readonly wave: number | null;
}

export interface ViewedEdge extends DependencyEdge {
  /** Why the edge does not order, where a cycle was cut at it. */
  readonly cut?: string;
}

/** A graph in memory, from the database or from a folder. Edges name atoms by their index in `atoms`. */
export interface GraphView {
  readonly atoms: readonly ViewedAtom[];
  readonly edges: readonly ViewedEdge[];
}

export interface Neighbours {
  /** What the atom depends on. */
  readonly dependencies: readonly ViewedEdge[];
  /** What depends on the atom. */
  readonly dependents: readonly ViewedEdge[];
}

/** The view as a graph that can be walked both ways; edges that a cycle was cut at are left out unless asked for. */
type Walkable = MultiDirectedGraph<Record<string, never>, { readonly edge: ViewedEdge }>;

function walkable(view: GraphView, withCut: boolean): Walkable {
  const graph: Walkable = new MultiDirectedGraph();
  view.atoms.forEach((_, index) => graph.addNode(index));
  for (const edge of view.edges) if (withCut || edge.cut === undefined) graph.addEdge(edge.from, edge.to, { edge });
  return graph;
}

const edgesOf = (graph: Walkable, keys: readonly string[]): ViewedEdge[] =>
  keys.map((key) => graph.getEdgeAttribute(key, 'edge'));

export function neighboursOf(view: GraphView, atom: number): Neighbours {
  const graph = walkable(view, true);
  return {
    dependencies: edgesOf(graph, graph.outEdges(atom)),
    dependents: edgesOf(graph, graph.inEdges(atom)),
  };
}

/**
 * Why `from` waits for `to`: shortest chains of edges from one to the other, strongest edge of each pair, at most `limit` (default
 * 5) of them. Empty when it does not wait.
 */
export function pathsBetween(view: GraphView, from: number, to: number, limit = 5): ViewedEdge[][] {
  const graph = walkable(view, false);
  const distance = stepsTo(graph, to);
  const paths: ViewedEdge[][] = [];
  const walk = (atom: number, path: ViewedEdge[]): void => {
    if (paths.length >= limit) return;
    if (atom === to) {
      paths.push(path);
      return;
    }
    const left = distance.get(atom) ?? -1;
    for (const edge of strongestPerPair(edgesOf(graph, graph.outEdges(atom)))) {
      if (distance.get(edge.to) === left - 1) walk(edge.to, [...path, edge]);
    }
  };
  if (from !== to && distance.has(from)) walk(from, []);
  return paths;
}

/** Orders the reasons of one pair: by strength, and where that is the same a use says more than the import that makes it possible. */
function tells(edge: ViewedEdge): number {
  return edge.strength - (edge.type === 'import' ? 0.01 : 0);
}

function strongestPerPair(edges: readonly ViewedEdge[]): ViewedEdge[] {
  const best = new Map<number, ViewedEdge>();
  for (const edge of edges) {
    const known = best.get(edge.to);
    if (known === undefined || tells(edge) > tells(known)) best.set(edge.to, edge);
  }
  return [...best.values()].sort((a, b) => b.strength - a.strength || a.to - b.to);
}

/** Steps to `target` for each atom that reaches it, nearest first. */
function stepsTo(graph: Walkable, target: number): Map<number, number> {
  const steps = new Map([[target, 0]]);
  const queue = [target];
  for (let head = 0; head < queue.length; head += 1) {
    const atom = queue[head] ?? target;
    for (const key of graph.inNeighbors(atom)) {
      const other = Number(key);
      if (steps.has(other)) continue;
      steps.set(other, (steps.get(atom) ?? 0) + 1);
      queue.push(other);
    }
  }
  return steps;
}

/** All atoms that a change of `atom` may concern, nearest first, with the number of steps. */
export function impactOf(view: GraphView, atom: number): { readonly atom: number; readonly steps: number }[] {
  return [...stepsTo(walkable(view, false), atom)]
    .filter(([other]) => other !== atom)
    .map(([other, steps]) => ({ atom: other, steps }))
    .sort((a, b) => a.steps - b.steps || a.atom - b.atom);
}
