import { DEPENDENCY_TYPES, type DependencyEdge, type DependencyType } from '../../domain/index.ts';

/** More atoms than a graph can have. */
const ATOMS = 2 ** 24;
const TYPE_NUMBER = new Map<DependencyType, number>(DEPENDENCY_TYPES.map((type, i) => [type, i]));

/** Edges by pair and type; the first reason found stays. */
export class EdgeSet {
  private readonly edges = new Map<number, DependencyEdge>();

  add(from: number, to: number, type: DependencyType, strength: number, reason: () => string): void {
    if (from < 0 || to < 0 || from === to) return;
    const key = (from * ATOMS + to) * DEPENDENCY_TYPES.length + (TYPE_NUMBER.get(type) ?? 0);
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
