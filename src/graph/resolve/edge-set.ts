import { DEPENDENCY_TYPES, type DependencyEdge, type DependencyType } from '../../domain/index.ts';

/** Rank of each type in the order of the names: what edges of one pair are sorted by. */
const RANK = new Map<DependencyType, number>([...DEPENDENCY_TYPES].sort().map((type, i) => [type, i]));

interface OpenEdge extends DependencyEdge {
  strength: number;
  reason: string;
}

/** Edges by pair and type; the first reason found stays. An open hash over numbers: this is asked for every use of a name. */
export class EdgeSet {
  private readonly edges: OpenEdge[] = [];
  private table = new Int32Array(1 << 10).fill(-1);

  add(from: number, to: number, type: DependencyType, strength: number, reason: () => string): void {
    const edge = this.open(from, to, type, strength);
    if (edge !== undefined) edge.reason = reason();
  }

  /** Adds an edge; returns it for its reason to be set when it is new, else undefined. */
  open(from: number, to: number, type: DependencyType, strength: number): { reason: string } | undefined {
    if (from < 0 || to < 0 || from === to) return undefined;
    const { edges, table } = this;
    const mask = table.length - 1;
    let slot = hash(from, to) & mask;
    for (let at = table[slot] ?? -1; at >= 0; at = table[slot] ?? -1) {
      const known = edges[at];
      if (known?.from === from && known.to === to && known.type === type) {
        if (known.strength < strength) known.strength = strength;
        return undefined;
      }
      slot = (slot + 1) & mask;
    }
    const edge = { from, to, type, strength, reason: '' };
    table[slot] = edges.length;
    edges.push(edge);
    if (edges.length * 2 > table.length) this.grow();
    return edge;
  }

  private grow(): void {
    const table = new Int32Array(this.table.length * 4).fill(-1);
    const mask = table.length - 1;
    this.edges.forEach((edge, i) => {
      let slot = hash(edge.from, edge.to) & mask;
      while ((table[slot] ?? -1) >= 0) slot = (slot + 1) & mask;
      table[slot] = i;
    });
    this.table = table;
  }

  /** Ordered by dependent, dependency and type. */
  sorted(): DependencyEdge[] {
    return this.edges.sort(
      (a, b) => a.from - b.from || a.to - b.to || (RANK.get(a.type) ?? 0) - (RANK.get(b.type) ?? 0),
    );
  }
}

function hash(from: number, to: number): number {
  const mixed = Math.imul(from, 0x9e3779b1) ^ Math.imul(to, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}
