import type { CutEdge, DependencyEdge } from '../domain/index.ts';
import { at, buildAdjacency, findComponents, type Components } from './components.ts';

/** Cycles of at most this many atoms are written together, as one unit; larger ones are cut until they fit. */
export const MAX_UNIT_ATOMS = 8;

/** An edge of at most this strength is a preference: it never holds a cycle together. */
const WEAK_STRENGTH = 0.5;

interface Tier {
  readonly name: string;
  /** True when an edge may be cut at this tier. */
  readonly admits: (edge: DependencyEdge) => boolean;
  /** Units up to this size are left whole at this tier. */
  readonly keepUnitsOf: number;
}

/** In the order in which edges give way: preferences, then types (a declaration can be named before it is written), then the rest. */
const TIERS: readonly Tier[] = [
  { name: 'a preference in order, not a need', admits: (e) => e.strength <= WEAK_STRENGTH, keepUnitsOf: 1 },
  { name: 'order only', admits: (e) => e.type === 'temporal', keepUnitsOf: MAX_UNIT_ATOMS },
  { name: 'needs the type only', admits: (e) => e.type === 'type', keepUnitsOf: MAX_UNIT_ATOMS },
  { name: 'the weakest kind left in the cycle', admits: (e) => e.type === 'data_flow', keepUnitsOf: MAX_UNIT_ATOMS },
  {
    name: 'the weakest kind left in the cycle',
    admits: (e) => e.type === 'function_call',
    keepUnitsOf: MAX_UNIT_ATOMS,
  },
];

export interface CycleCuts {
  readonly cut: CutEdge[];
  /** 1 for each edge that still orders, 0 for each that was cut. */
  readonly ordering: Uint8Array;
  /** Components over the ordering edges. */
  readonly components: Components;
}

/**
 * Decides which edges order the atoms. Preferences inside a cycle are cut; a small cycle stays one unit; a large one loses its
 * weakest kind of edge, and of those only the ones that contradict the order that results. Linear in the size of the graph.
 */
export function cutCycles(
  nodeCount: number,
  edges: readonly DependencyEdge[],
  sources: Int32Array,
  targets: Int32Array,
): CycleCuts {
  const ordering = new Uint8Array(edges.length).fill(1);
  const cut: CutEdge[] = [];
  const keep = (e: number): boolean => ordering[e] === 1;
  let components = findComponents(buildAdjacency(nodeCount, sources, targets));
  for (const tier of TIERS) {
    if (components.count === nodeCount) break;
    const suspended = suspend(edges, sources, components, ordering, targets, tier);
    if (suspended.length === 0) continue;
    const before = components;
    const reasons: Record<number, string> = {};
    components = findComponents(buildAdjacency(nodeCount, sources, targets, keep));
    for (const e of suspended) {
      const from = at(components.of, at(sources, e));
      const to = at(components.of, at(targets, e));
      if (to <= from) ordering[e] = 1;
      else {
        const { from: dependent, to: dependency, type, strength, reason } = edges[e] as DependencyEdge;
        const size = at(before.sizes, at(before.of, at(sources, e)));
        const cutReason = (reasons[size] ??= `part of a cycle through ${String(size)} atoms; ${tier.name}`);
        cut.push({ from: dependent, to: dependency, type, strength, reason, cutReason });
      }
    }
  }
  return { cut, ordering, components };
}

/** Takes the edges of one tier out of every cycle that the tier does not leave whole. */
function suspend(
  edges: readonly DependencyEdge[],
  sources: Int32Array,
  components: Components,
  ordering: Uint8Array,
  targets: Int32Array,
  tier: Tier,
): number[] {
  const suspended: number[] = [];
  for (let e = 0; e < edges.length; e += 1) {
    const unit = at(components.of, at(sources, e));
    if (ordering[e] === 0 || unit !== at(components.of, at(targets, e))) continue;
    if (at(components.sizes, unit) <= tier.keepUnitsOf || at(sources, e) === at(targets, e)) continue;
    if (!tier.admits(edges[e] as DependencyEdge)) continue;
    ordering[e] = 0;
    suspended.push(e);
  }
  return suspended;
}
