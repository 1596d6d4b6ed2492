/** A graph made small enough to read: its files, folders or waves instead of its atoms. */
import type { DependencyType } from '../domain/index.ts';
import type { GraphView, ViewedAtom } from './view.ts';

export const EXPORT_GROUPS = ['atoms', 'files', 'folders', 'waves'] as const;
/** What the nodes of an export stand for. */
export type ExportGroup = (typeof EXPORT_GROUPS)[number];

export interface AggregateNode {
  /** Path of the file or folder, or number of the wave. */
  readonly id: string;
  readonly atoms: number;
  /** Waves of its first and its last atom, 1-based; 0 before waves are planned. */
  readonly firstWave: number;
  readonly lastWave: number;
}

export interface AggregateEdge {
  readonly from: string;
  readonly to: string;
  /** Pairs of atoms, one in each, that an edge joins. */
  readonly pairs: number;
  /** Edges by type; several between one pair count each. */
  readonly types: Readonly<Partial<Record<DependencyType, number>>>;
  /** How many of the edges a cycle was cut at. */
  readonly cut: number;
}

export interface AggregatedGraph {
  readonly group: Exclude<ExportGroup, 'atoms'>;
  readonly nodes: readonly AggregateNode[];
  /** What lies inside one node is left out. */
  readonly edges: readonly AggregateEdge[];
}

/** The folder of a path; `.` for the topmost. */
export function folderOfPath(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '.' : path.slice(0, slash);
}

const KEYS: Readonly<Record<AggregatedGraph['group'], (atom: ViewedAtom) => string>> = {
  files: (atom) => atom.file,
  folders: (atom) => folderOfPath(atom.file),
  waves: (atom) => String(atom.wave ?? 0),
};

/** Joins the atoms of each file, folder or wave. Nodes are in order of first appearance, waves by number. */
export function aggregate(view: GraphView, group: AggregatedGraph['group']): AggregatedGraph {
  const keyOf = view.atoms.map(KEYS[group]);
  const nodes = new Map<string, { id: string; atoms: number; firstWave: number; lastWave: number }>();
  view.atoms.forEach((atom, i) => {
    const id = keyOf[i] ?? '';
    const wave = atom.wave ?? 0;
    const known = nodes.get(id);
    if (known === undefined) nodes.set(id, { id, atoms: 1, firstWave: wave, lastWave: wave });
    else {
      known.atoms += 1;
      known.firstWave = Math.min(known.firstWave, wave);
      known.lastWave = Math.max(known.lastWave, wave);
    }
  });
  const listed = [...nodes.values()];
  if (group === 'waves') listed.sort((a, b) => a.firstWave - b.firstWave);
  return { group, nodes: listed, edges: joinEdges(view, keyOf) };
}

function joinEdges(view: GraphView, keyOf: readonly string[]): AggregateEdge[] {
  interface Joined {
    from: string;
    to: string;
    pairs: Set<number>;
    types: Partial<Record<DependencyType, number>>;
    cut: number;
  }
  const edges = new Map<string, Joined>();
  for (const edge of view.edges) {
    const [from, to] = [keyOf[edge.from], keyOf[edge.to]];
    if (from === undefined || to === undefined || from === to) continue;
    const key = `${from}\n${to}`;
    const known = edges.get(key) ?? { from, to, pairs: new Set(), types: {}, cut: 0 };
    known.pairs.add(edge.from * view.atoms.length + edge.to);
    known.types[edge.type] = (known.types[edge.type] ?? 0) + 1;
    if (edge.cut !== undefined) known.cut += 1;
    edges.set(key, known);
  }
  return [...edges.values()].map((edge) => ({ ...edge, pairs: edge.pairs.size }));
}
