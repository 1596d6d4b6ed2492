import type { DependencyEdge, DependencyType } from '../../domain/index.ts';

/** Edges by pair and type; the first reason found stays. */
export class EdgeSet {
  private readonly edges = new Map<string, DependencyEdge>();

  add(from: number, to: number, type: DependencyType, strength: number, reason: () => string): void {
    if (from < 0 || to < 0 || from === to) return;
    const key = `${String(from)} ${String(to)} ${type}`;
    const known = this.edges.get(key);
    if (known === undefined) this.edges.set(key, { from, to, type, strength, reason: reason() });
    else if (known.strength < strength) this.edges.set(key, { ...known, strength });
  }

  /** Ordered by dependent, dependency and type. */
  sorted(): DependencyEdge[] {
    return [...this.edges.values()].sort(
      (a, b) => a.from - b.from || a.to - b.to || (a.type < b.type ? -1 : a.type > b.type ? 1 : 0),
    );
  }
}
