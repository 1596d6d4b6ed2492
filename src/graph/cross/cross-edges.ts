import type { DependencyEdge } from '../../domain/index.ts';

/** Edges that no compiler draws. They only order, and weakly: never do they hold a cycle together. */
export class CrossEdges {
  private readonly edges = new Map<string, DependencyEdge>();

  /** Keeps the first reason of a pair; an atom without a place, or the same one, gives no edge. */
  add(from: number, to: number, strength: number, reason: () => string): void {
    if (from < 0 || to < 0 || from === to) return;
    const key = `${String(from)} ${String(to)}`;
    if (!this.edges.has(key)) this.edges.set(key, { from, to, type: 'temporal', strength, reason: reason() });
  }

  all(): DependencyEdge[] {
    return [...this.edges.values()];
  }
}
