/** What DOT and Mermaid draw: labelled boxes in groups, and lines between them. */
import { aggregate, folderOfPath, type ExportGroup } from './aggregate.ts';
import type { GraphView, ViewedAtom } from './view.ts';

interface Box {
  readonly id: string;
  readonly label: string;
}

export interface Drawing {
  /** Groups without a title are not framed. */
  readonly groups: readonly { readonly title: string; readonly nodes: readonly Box[] }[];
  readonly lines: readonly {
    readonly from: string;
    readonly to: string;
    readonly label: string;
    readonly weak: boolean;
  }[];
}

export function draw(view: GraphView, group: ExportGroup): Drawing {
  return group === 'atoms' ? drawAtoms(view) : drawGroups(view, group);
}

/** Atoms grouped by wave; one line per pair. */
function drawAtoms(view: GraphView): Drawing {
  const waves = new Map<number, Box[]>();
  view.atoms.forEach((atom, i) => {
    const wave = atom.wave ?? 0;
    const nodes = waves.get(wave) ?? [];
    nodes.push({ id: `a${String(i)}`, label: `${atom.name}\n${place(atom)}` });
    waves.set(wave, nodes);
  });
  const pairs = new Map<string, { from: string; to: string; types: Set<string>; weak: boolean }>();
  for (const edge of view.edges) {
    const [from, to] = [`a${String(edge.from)}`, `a${String(edge.to)}`];
    const known = pairs.get(`${from} ${to}`) ?? { from, to, types: new Set(), weak: true };
    known.types.add(edge.type);
    known.weak &&= edge.type === 'temporal' || edge.cut !== undefined;
    pairs.set(`${from} ${to}`, known);
  }
  return {
    groups: [...waves].sort((a, b) => a[0] - b[0]).map(([wave, nodes]) => ({ title: `wave ${String(wave)}`, nodes })),
    lines: [...pairs.values()].map((pair) => ({ ...pair, label: [...pair.types].join(', ') })),
  };
}

/** Files in the frames of their folders, or folders or waves without frames; lines say how many pairs of atoms they stand for. */
function drawGroups(view: GraphView, group: Exclude<ExportGroup, 'atoms'>): Drawing {
  const { nodes, edges } = aggregate(view, group);
  const idOf = new Map(nodes.map((node, i) => [node.id, `f${String(i)}`]));
  const frames = new Map<string, Box[]>();
  for (const node of nodes) {
    const title = group === 'files' ? folderOfPath(node.id) : '';
    const known = frames.get(title) ?? [];
    known.push({ id: idOf.get(node.id) ?? '', label: labelOf(group, node) });
    frames.set(title, known);
  }
  return {
    groups: [...frames].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([title, boxes]) => ({ title, nodes: boxes })),
    lines: edges.map((edge) => ({
      from: idOf.get(edge.from) ?? '',
      to: idOf.get(edge.to) ?? '',
      label: String(edge.pairs),
      weak: Object.keys(edge.types).every((type) => type === 'temporal'),
    })),
  };
}

function labelOf(
  group: Exclude<ExportGroup, 'atoms'>,
  node: { id: string; atoms: number; firstWave: number; lastWave: number },
): string {
  const atoms = `${String(node.atoms)} atoms`;
  if (group === 'waves') return `wave ${node.id}\n${atoms}`;
  const name = group === 'files' ? node.id.slice(node.id.lastIndexOf('/') + 1) : node.id;
  return `${name}\n${atoms}, waves ${String(node.firstWave)}-${String(node.lastWave)}`;
}

function place(atom: ViewedAtom): string {
  return `${atom.file}:${String(atom.startLine)}-${String(atom.endLine)}`;
}

export function toDot({ groups, lines }: Drawing): string {
  const quote = (text: string): string =>
    `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
  const out = ['digraph dependencies {', '  rankdir=LR;', '  node [shape=box, fontname="sans-serif", fontsize=10];'];
  groups.forEach((group, i) => {
    if (group.title !== '') out.push(`  subgraph cluster_${String(i)} {`, `    label=${quote(group.title)};`);
    for (const node of group.nodes) out.push(`    ${node.id} [label=${quote(node.label)}];`);
    if (group.title !== '') out.push('  }');
  });
  for (const line of lines) {
    out.push(`  ${line.from} -> ${line.to} [label=${quote(line.label)}${line.weak ? ', style=dashed' : ''}];`);
  }
  return [...out, '}', ''].join('\n');
}

export function toMermaid({ groups, lines }: Drawing): string {
  const quote = (text: string): string =>
    `"${text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\n', '<br/>')}"`;
  const out = ['flowchart LR'];
  groups.forEach((group, i) => {
    if (group.title !== '') out.push(`  subgraph g${String(i)}[${quote(group.title)}]`);
    for (const node of group.nodes) out.push(`    ${node.id}[${quote(node.label)}]`);
    if (group.title !== '') out.push('  end');
  });
  for (const line of lines) out.push(`  ${line.from} ${line.weak ? '-.->' : '-->'}|${quote(line.label)}| ${line.to}`);
  return [...out, ''].join('\n');
}
