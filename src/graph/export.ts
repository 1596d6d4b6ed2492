/** A graph as a document that other programs draw or read. */
import type { GraphView, ViewedAtom } from './view.ts';

export const EXPORT_FORMATS = ['json', 'dot', 'graphml', 'mermaid'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export const EXPORT_CONTENT_TYPES: Readonly<Record<ExportFormat, string>> = {
  json: 'application/json',
  dot: 'text/vnd.graphviz',
  graphml: 'application/graphml+xml',
  mermaid: 'text/plain; charset=utf-8',
};

export interface ExportOptions {
  /** Above this many atoms, drawings (DOT and Mermaid) show files instead; default 150. JSON and GraphML are always whole. */
  readonly drawnAtoms?: number;
}

/** Writes a graph in one of the formats. The same graph gives the same text. */
export function exportGraph(view: GraphView, format: ExportFormat, options: ExportOptions = {}): string {
  switch (format) {
    case 'json':
      return JSON.stringify(toDocument(view), null, 2);
    case 'graphml':
      return toGraphml(view);
    case 'dot':
      return toDot(drawing(view, options.drawnAtoms ?? 150));
    case 'mermaid':
      return toMermaid(drawing(view, options.drawnAtoms ?? 150));
  }
}

/** The JSON form: atoms by id, edges from the use to what is used. */
export function toDocument(view: GraphView): Record<string, unknown> {
  const id = (index: number): string => view.atoms[index]?.id ?? '';
  return {
    atoms: view.atoms,
    edges: view.edges.map(({ from, to, ...rest }) => ({ from: id(from), to: id(to), ...rest })),
  };
}

interface Drawing {
  readonly groups: readonly {
    readonly title: string;
    readonly nodes: readonly { readonly id: string; readonly label: string }[];
  }[];
  readonly lines: readonly {
    readonly from: string;
    readonly to: string;
    readonly label: string;
    readonly weak: boolean;
  }[];
}

function drawing(view: GraphView, drawnAtoms: number): Drawing {
  return view.atoms.length <= drawnAtoms ? atomDrawing(view) : fileDrawing(view);
}

/** Atoms grouped by wave; one line per pair. */
function atomDrawing(view: GraphView): Drawing {
  const waves = new Map<number, { id: string; label: string }[]>();
  view.atoms.forEach((atom, i) => {
    const wave = atom.wave ?? 0;
    const nodes = waves.get(wave) ?? [];
    nodes.push({ id: `a${String(i)}`, label: `${atom.name}\n${place(atom)}` });
    waves.set(wave, nodes);
  });
  const pairs = new Map<string, { from: string; to: string; types: Set<string>; weak: boolean }>();
  for (const edge of view.edges) {
    const key = `${String(edge.from)} ${String(edge.to)}`;
    const known = pairs.get(key) ?? {
      from: `a${String(edge.from)}`,
      to: `a${String(edge.to)}`,
      types: new Set(),
      weak: true,
    };
    known.types.add(edge.type);
    known.weak &&= edge.type === 'temporal' || edge.cut !== undefined;
    pairs.set(key, known);
  }
  return {
    groups: [...waves].sort((a, b) => a[0] - b[0]).map(([wave, nodes]) => ({ title: `wave ${String(wave)}`, nodes })),
    lines: [...pairs.values()].map((pair) => ({ ...pair, label: [...pair.types].join(', ') })),
  };
}

/** Files grouped by folder, with the number of atom pairs on each line. */
function fileDrawing(view: GraphView): Drawing {
  const files = new Map<string, { id: string; atoms: number; first: number; last: number }>();
  for (const atom of view.atoms) {
    const known = files.get(atom.file) ?? { id: `f${String(files.size)}`, atoms: 0, first: Infinity, last: 0 };
    known.atoms += 1;
    known.first = Math.min(known.first, atom.wave ?? 0);
    known.last = Math.max(known.last, atom.wave ?? 0);
    files.set(atom.file, known);
  }
  const folders = new Map<string, { id: string; label: string }[]>();
  for (const [path, file] of files) {
    const slash = path.lastIndexOf('/');
    const folder = slash < 0 ? '.' : path.slice(0, slash);
    const nodes = folders.get(folder) ?? [];
    nodes.push({
      id: file.id,
      label: `${path.slice(slash + 1)}\n${String(file.atoms)} atoms, waves ${String(file.first)}-${String(file.last)}`,
    });
    folders.set(folder, nodes);
  }
  const lines = new Map<string, { from: string; to: string; pairs: Set<string> }>();
  for (const edge of view.edges) {
    const from = files.get(view.atoms[edge.from]?.file ?? '')?.id;
    const to = files.get(view.atoms[edge.to]?.file ?? '')?.id;
    if (from === undefined || to === undefined || from === to) continue;
    const line = lines.get(`${from} ${to}`) ?? { from, to, pairs: new Set() };
    line.pairs.add(`${String(edge.from)} ${String(edge.to)}`);
    lines.set(`${from} ${to}`, line);
  }
  return {
    groups: [...folders].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([title, nodes]) => ({ title, nodes })),
    lines: [...lines.values()].map((line) => ({
      from: line.from,
      to: line.to,
      label: String(line.pairs.size),
      weak: false,
    })),
  };
}

function place(atom: ViewedAtom): string {
  return `${atom.file}:${String(atom.startLine)}-${String(atom.endLine)}`;
}

function toDot({ groups, lines }: Drawing): string {
  const quote = (text: string): string =>
    `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
  const out = ['digraph dependencies {', '  rankdir=LR;', '  node [shape=box, fontname="sans-serif", fontsize=10];'];
  groups.forEach((group, i) => {
    out.push(`  subgraph cluster_${String(i)} {`, `    label=${quote(group.title)};`);
    for (const node of group.nodes) out.push(`    ${node.id} [label=${quote(node.label)}];`);
    out.push('  }');
  });
  for (const line of lines) {
    out.push(`  ${line.from} -> ${line.to} [label=${quote(line.label)}${line.weak ? ', style=dashed' : ''}];`);
  }
  return [...out, '}', ''].join('\n');
}

function toMermaid({ groups, lines }: Drawing): string {
  const quote = (text: string): string =>
    `"${text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\n', '<br/>')}"`;
  const out = ['flowchart LR'];
  groups.forEach((group, i) => {
    out.push(`  subgraph g${String(i)}[${quote(group.title)}]`);
    for (const node of group.nodes) out.push(`    ${node.id}[${quote(node.label)}]`);
    out.push('  end');
  });
  for (const line of lines) out.push(`  ${line.from} ${line.weak ? '-.->' : '-->'}|${quote(line.label)}| ${line.to}`);
  return [...out, ''].join('\n');
}

const NODE_KEYS = ['file', 'startLine', 'endLine', 'name', 'role', 'wave'] as const;
const EDGE_KEYS = ['type', 'strength', 'reason', 'cut'] as const;

function toGraphml(view: GraphView): string {
  const escape = (value: unknown): string =>
    String(value)
      .replace(CONTROL, '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;');
  const data = (key: string, value: unknown): string =>
    value === undefined || value === null ? '' : `<data key="${key}">${escape(value)}</data>`;
  const out = ['<?xml version="1.0" encoding="UTF-8"?>', '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'];
  const kind = (key: string): string =>
    ['startLine', 'endLine', 'wave'].includes(key) ? 'int' : key === 'strength' ? 'double' : 'string';
  for (const key of NODE_KEYS) out.push(`  <key id="${key}" for="node" attr.name="${key}" attr.type="${kind(key)}"/>`);
  for (const key of EDGE_KEYS) out.push(`  <key id="${key}" for="edge" attr.name="${key}" attr.type="${kind(key)}"/>`);
  out.push('  <graph id="dependencies" edgedefault="directed">');
  for (const atom of view.atoms) {
    out.push(`    <node id="${escape(atom.id)}">${NODE_KEYS.map((key) => data(key, atom[key])).join('')}</node>`);
  }
  for (const edge of view.edges) {
    const from = escape(view.atoms[edge.from]?.id ?? '');
    const to = escape(view.atoms[edge.to]?.id ?? '');
    out.push(
      `    <edge source="${from}" target="${to}">${EDGE_KEYS.map((key) => data(key, edge[key])).join('')}</edge>`,
    );
  }
  return [...out, '  </graph>', '</graphml>', ''].join('\n');
}

/** Characters that XML does not allow. */
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g;
