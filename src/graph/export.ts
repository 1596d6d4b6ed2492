/** A graph as a document that other programs draw or read. */
import { aggregate, type ExportGroup } from './aggregate.ts';
import { draw, toDot, toMermaid } from './drawing.ts';
import type { GraphView } from './view.ts';

export const EXPORT_FORMATS = ['json', 'dot', 'graphml', 'mermaid'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export const EXPORT_CONTENT_TYPES: Readonly<Record<ExportFormat, string>> = {
  json: 'application/json',
  dot: 'text/vnd.graphviz',
  graphml: 'application/graphml+xml',
  mermaid: 'text/plain; charset=utf-8',
};

export interface ExportOptions {
  /**
   * What the nodes stand for. Left out, JSON and GraphML have atoms, and drawings (DOT and Mermaid) the finest of atoms, files and
   * folders that does not exceed `drawnNodes`.
   */
  readonly group?: ExportGroup;
  /** Nodes that a drawing may have before it shows something coarser; default 150. */
  readonly drawnNodes?: number;
}

/** Writes a graph in one of the formats. The same graph gives the same text. */
export function exportGraph(view: GraphView, format: ExportFormat, options: ExportOptions = {}): string {
  switch (format) {
    case 'json':
      return JSON.stringify(toDocument(view, options.group), null, 2);
    case 'graphml':
      return toGraphml(tablesOf(view, options.group ?? 'atoms'));
    case 'dot':
      return toDot(draw(view, options.group ?? readableGroup(view, options.drawnNodes ?? 150)));
    case 'mermaid':
      return toMermaid(draw(view, options.group ?? readableGroup(view, options.drawnNodes ?? 150)));
  }
}

function readableGroup(view: GraphView, drawnNodes: number): ExportGroup {
  if (view.atoms.length <= drawnNodes) return 'atoms';
  return new Set(view.atoms.map((atom) => atom.file)).size <= drawnNodes ? 'files' : 'folders';
}

/** The JSON form: atoms by id and edges from the use to what is used; or groups of atoms and what joins them. */
export function toDocument(view: GraphView, group: ExportGroup = 'atoms'): Record<string, unknown> {
  if (group !== 'atoms') return { ...aggregate(view, group) };
  const id = (index: number): string => view.atoms[index]?.id ?? '';
  return {
    atoms: view.atoms,
    edges: view.edges.map(({ from, to, ...rest }) => ({ from: id(from), to: id(to), ...rest })),
  };
}

type Row = Readonly<Record<string, unknown>>;

interface Column {
  readonly key: string;
  readonly type: 'string' | 'int' | 'double';
}

/** What a GraphML file holds: nodes and edges with their data by column. */
interface Tables {
  readonly nodes: readonly (Row & { readonly id: string })[];
  readonly nodeColumns: readonly Column[];
  readonly edges: readonly (Row & { readonly from: string; readonly to: string })[];
  readonly edgeColumns: readonly Column[];
}

function column(key: string, type: Column['type'] = 'string'): Column {
  return { key, type };
}

const ATOM_COLUMNS = [
  column('file'),
  column('startLine', 'int'),
  column('endLine', 'int'),
  column('name'),
  column('role'),
  column('wave', 'int'),
];
const EDGE_COLUMNS = [column('type'), column('strength', 'double'), column('reason'), column('cut')];
const GROUP_COLUMNS = [column('atoms', 'int'), column('firstWave', 'int'), column('lastWave', 'int')];
const JOINED_COLUMNS = [column('pairs', 'int'), column('types'), column('cut', 'int')];

function tablesOf(view: GraphView, group: ExportGroup): Tables {
  if (group !== 'atoms') {
    const { nodes, edges } = aggregate(view, group);
    return {
      nodes: nodes.map((node) => ({ ...node })),
      nodeColumns: GROUP_COLUMNS,
      edges: edges.map((edge) => ({ ...edge })),
      edgeColumns: JOINED_COLUMNS,
    };
  }
  const id = (index: number): string => view.atoms[index]?.id ?? '';
  return {
    nodes: view.atoms.map((atom) => ({ ...atom })),
    nodeColumns: ATOM_COLUMNS,
    edges: view.edges.map((edge) => ({ ...edge, from: id(edge.from), to: id(edge.to) })),
    edgeColumns: EDGE_COLUMNS,
  };
}

function toGraphml(tables: Tables): string {
  const out = ['<?xml version="1.0" encoding="UTF-8"?>', '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'];
  // Ids of keys are unique in the document; `cut` is a column of both edges and groups of them, never of nodes.
  const declare = (columns: readonly Column[], owner: string): void => {
    for (const { key, type } of columns)
      out.push(`  <key id="${key}" for="${owner}" attr.name="${key}" attr.type="${type}"/>`);
  };
  declare(tables.nodeColumns, 'node');
  declare(tables.edgeColumns, 'edge');
  out.push('  <graph id="dependencies" edgedefault="directed">');
  for (const node of tables.nodes)
    out.push(`    <node id="${escapeXml(node.id)}">${dataOf(node, tables.nodeColumns)}</node>`);
  for (const edge of tables.edges)
    out.push(
      `    <edge source="${escapeXml(edge.from)}" target="${escapeXml(edge.to)}">${dataOf(edge, tables.edgeColumns)}</edge>`,
    );
  return [...out, '  </graph>', '</graphml>', ''].join('\n');
}

function dataOf(row: Row, columns: readonly Column[]): string {
  return columns
    .map(({ key }) => {
      const content = row[key];
      return content === undefined || content === null ? '' : `<data key="${key}">${escapeXml(content)}</data>`;
    })
    .join('');
}

/** Counts by name are written as the names. */
function escapeXml(value: unknown): string {
  const text = typeof value === 'object' && value !== null ? Object.keys(value).join(' ') : String(value);
  return text
    .replace(CONTROL, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Characters that XML does not allow. */
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g;
