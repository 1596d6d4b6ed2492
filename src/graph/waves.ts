import type { CutEdge, DependencyEdge, WavePlan } from '../domain/index.ts';
import { at, buildAdjacency, type Adjacency, type Components } from './components.ts';
import { cutCycles } from './cycles.ts';

export interface PlannedWaves extends WavePlan {
  /** Edges that do not order because they would close a cycle, each with its reason. */
  readonly cut: CutEdge[];
  /** For each atom: its own effort plus that of the longest chain of atoms that wait for it. Same unit as `effort`. */
  readonly criticalPath: Float64Array;
  /** For each atom: by how many waves it could come later without making the whole take more waves. */
  readonly slack: Int32Array;
  /** Atoms per wave; `profile[0]` is wave 1. */
  readonly profile: Int32Array;
}

/**
 * Orders atoms into waves: an atom's wave is one more than the latest wave of its dependencies, atoms of a cycle share theirs.
 * O(atoms + edges). `effort` (default 1 each) weighs the critical path only. Edges of an atom to itself are ignored.
 * @throws {RangeError} when an edge names an atom outside `0 … atomCount - 1`.
 */
export function planWaves(atomCount: number, edges: readonly DependencyEdge[], effort?: Float64Array): PlannedWaves {
  const { sources, targets } = endpoints(atomCount, edges);
  const { cut, ordering, components } = cutCycles(atomCount, edges, sources, targets);
  const graph = buildAdjacency(atomCount, sources, targets, (e) => ordering[e] === 1);
  const members = groupByUnit(components);
  const unitWave = layer(graph, components, members);
  const waveOf = new Int32Array(atomCount);
  let totalWaves = 0;
  for (let i = 0; i < atomCount; i += 1) {
    waveOf[i] = at(unitWave, at(components.of, i));
    totalWaves = Math.max(totalWaves, at(waveOf, i));
  }
  const profile = new Int32Array(totalWaves);
  for (let i = 0; i < atomCount; i += 1) profile[at(waveOf, i) - 1] = at(profile, at(waveOf, i) - 1) + 1;
  return {
    waveOf,
    unitOf: components.of,
    totalWaves,
    maxParallelism: profile.reduce((most, n) => Math.max(most, n), 0),
    topologicalOrder: orderByWave(waveOf, profile, members),
    hasCycles: cut.length > 0 || components.count < atomCount,
    cut,
    criticalPath: chainsOfDependents(graph, components, members, effort),
    slack: slackOf(graph, components, members, unitWave, totalWaves),
    profile,
  };
}

function endpoints(atomCount: number, edges: readonly DependencyEdge[]): { sources: Int32Array; targets: Int32Array } {
  const sources = new Int32Array(edges.length);
  const targets = new Int32Array(edges.length);
  edges.forEach((edge, e) => {
    if (!(edge.from >= 0 && edge.from < atomCount && edge.to >= 0 && edge.to < atomCount)) {
      throw new RangeError(`Edge ${edge.from} -> ${edge.to} leaves the ${atomCount} atoms of the graph`);
    }
    sources[e] = edge.from;
    targets[e] = edge.to;
  });
  return { sources, targets };
}

interface Members {
  readonly offsets: Int32Array;
  /** Atoms by unit, units dependencies first, atoms ascending within. */
  readonly atoms: Int32Array;
}

function groupByUnit(components: Components): Members {
  const offsets = new Int32Array(components.count + 1);
  for (let u = 0; u < components.count; u += 1) offsets[u + 1] = at(offsets, u) + at(components.sizes, u);
  const cursor = offsets.slice(0, components.count);
  const atoms = new Int32Array(components.of.length);
  for (let i = 0; i < atoms.length; i += 1) {
    const unit = at(components.of, i);
    atoms[at(cursor, unit)] = i;
    cursor[unit] = at(cursor, unit) + 1;
  }
  return { offsets, atoms };
}

/** Calls `visit` for each ordering edge between two different units, by unit of the dependent, in the given direction. */
function forEachUnitEdge(
  graph: Adjacency,
  components: Components,
  members: Members,
  dependenciesFirst: boolean,
  visit: (dependent: number, dependency: number) => void,
): void {
  for (let k = 0; k < members.atoms.length; k += 1) {
    const atom = at(members.atoms, dependenciesFirst ? k : members.atoms.length - 1 - k);
    const unit = at(components.of, atom);
    for (let slot = at(graph.offsets, atom); slot < at(graph.offsets, atom + 1); slot += 1) {
      const other = at(components.of, at(graph.targets, slot));
      if (other !== unit) visit(unit, other);
    }
  }
}

function layer(graph: Adjacency, components: Components, members: Members): Int32Array {
  const wave = new Int32Array(components.count).fill(1);
  forEachUnitEdge(graph, components, members, true, (unit, dependency) => {
    if (at(wave, dependency) >= at(wave, unit)) wave[unit] = at(wave, dependency) + 1;
  });
  return wave;
}

function chainsOfDependents(
  graph: Adjacency,
  components: Components,
  members: Members,
  effort: Float64Array | undefined,
): Float64Array {
  const own = new Float64Array(components.count);
  for (let i = 0; i < components.of.length; i += 1) {
    const unit = at(components.of, i);
    own[unit] = at(own, unit) + (effort === undefined ? 1 : at(effort, i));
  }
  const chain = own.slice();
  forEachUnitEdge(graph, components, members, false, (unit, dependency) => {
    chain[dependency] = Math.max(at(chain, dependency), at(own, dependency) + at(chain, unit));
  });
  return Float64Array.from(components.of, (unit) => at(chain, unit));
}

function slackOf(
  graph: Adjacency,
  components: Components,
  members: Members,
  unitWave: Int32Array,
  totalWaves: number,
): Int32Array {
  const latest = new Int32Array(components.count).fill(totalWaves);
  forEachUnitEdge(graph, components, members, false, (unit, dependency) => {
    latest[dependency] = Math.min(at(latest, dependency), at(latest, unit) - 1);
  });
  return Int32Array.from(components.of, (unit) => at(latest, unit) - at(unitWave, unit));
}

/** Wave by wave; within a wave the atoms of a unit stay together. */
function orderByWave(waveOf: Int32Array, profile: Int32Array, members: Members): Int32Array {
  const cursor = new Int32Array(profile.length);
  for (let w = 1; w < profile.length; w += 1) cursor[w] = at(cursor, w - 1) + at(profile, w - 1);
  const order = new Int32Array(waveOf.length);
  for (const atom of members.atoms) {
    const wave = at(waveOf, atom) - 1;
    order[at(cursor, wave)] = atom;
    cursor[wave] = at(cursor, wave) + 1;
  }
  return order;
}
