import { createAtomizer } from '../../atomization/index.ts';
import { MgeError } from '../../domain/index.ts';
import {
  exportGraph,
  graphPath,
  impactOf,
  neighboursOf,
  pathsBetween,
  toJsonDocument,
  type ExportFormat,
  type ExportGroup,
  type GraphedFolder,
} from '../../graph/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

/** Entries of a list that are named in the report; the JSON form has all. */
const SHOWN = 10;

export interface GraphCommand {
  readonly json?: boolean;
  readonly checked?: boolean;
  readonly format?: ExportFormat;
  readonly group?: ExportGroup;
  /** Atoms are named by a place: `path:line`. */
  readonly neighbours?: string;
  readonly impact?: string;
  readonly from?: string;
  readonly to?: string;
}

/** Draws the graph of a folder: a short report, the answer to a question, or all of it in a format. */
export async function runGraph(path: string, options: GraphCommand): Promise<ExitCode> {
  if ((options.from === undefined) !== (options.to === undefined))
    throw new MgeError('VALIDATION_FAILED', '--from and --to ask one question together: name both.');
  const atomizer = createAtomizer();
  try {
    const graph = await graphPath(atomizer, path, { checked: options.checked === true });
    process.stdout.write(answerFor(graph, options));
    return EXIT.ok;
  } finally {
    await atomizer.close();
  }
}

/** What is printed for a graph and the options that were given. @throws {MgeError} NOT_FOUND for a place without an atom. */
export function answerFor(graph: GraphedFolder, options: GraphCommand): string {
  const { neighbours, impact, from, to, format, group } = options;
  if (neighbours !== undefined) return lines(describeNeighbours(graph, atomAt(graph, neighbours)));
  if (impact !== undefined) return lines(describeImpact(graph, atomAt(graph, impact)));
  if (from !== undefined && to !== undefined)
    return lines(describePaths(graph, atomAt(graph, from), atomAt(graph, to)));
  if (format !== undefined || group !== undefined)
    return `${exportGraph(graph, format ?? 'json', group === undefined ? {} : { group }).trimEnd()}\n`;
  return options.json ? `${JSON.stringify(toJsonDocument(graph))}\n` : lines(report(graph));
}

const lines = (text: readonly string[]): string => text.map((line) => `${line}\n`).join('');

/** The atom at `path:line`. @throws {MgeError} NOT_FOUND */
function atomAt(graph: GraphedFolder, place: string): number {
  const [, file, line] = /^(.*):(\d+)$/.exec(place) ?? [];
  const found = graph.atoms.findIndex(
    (atom) => atom.file === file && atom.startLine <= Number(line) && Number(line) <= atom.endLine,
  );
  if (found >= 0) return found;
  throw new MgeError('NOT_FOUND', `There is no atom at ${place}; atoms are named by path:line, e.g. app/main.py:12.`);
}

function nameOf(graph: GraphedFolder, index: number): string {
  const atom = graph.atoms[index];
  return atom ? `${atom.file}:${atom.startLine} ${atom.name}` : '';
}

function describeNeighbours(graph: GraphedFolder, atom: number): string[] {
  const { dependencies, dependents } = neighboursOf(graph, atom);
  const cut = (edge: { readonly cut?: string }): string => (edge.cut === undefined ? '' : ` (cut: ${edge.cut})`);
  return [
    `${nameOf(graph, atom)}, wave ${graph.atoms[atom]?.wave ?? 0}`,
    `depends on ${dependencies.length}`,
    ...dependencies.map((edge) => `  ${nameOf(graph, edge.to)}: ${edge.reason}${cut(edge)}`),
    `needed by ${dependents.length}`,
    ...dependents.map((edge) => `  ${nameOf(graph, edge.from)}: ${edge.reason}${cut(edge)}`),
  ];
}

function describeImpact(graph: GraphedFolder, atom: number): string[] {
  const concerned = impactOf(graph, atom);
  return [
    `${concerned.length} atoms wait for ${nameOf(graph, atom)}`,
    ...concerned.map((other) => `  ${other.steps} ${nameOf(graph, other.atom)}`),
  ];
}

function describePaths(graph: GraphedFolder, from: number, to: number): string[] {
  const paths = pathsBetween(graph, from, to);
  if (paths.length === 0) return [`${nameOf(graph, from)} does not wait for ${nameOf(graph, to)}`];
  return paths.flatMap((path, i) => [
    `chain ${i + 1}: ${nameOf(graph, from)}`,
    ...path.map((edge) => `  -> ${nameOf(graph, edge.to)}: ${edge.reason}`),
  ]);
}

function report(graph: GraphedFolder): string[] {
  const files = new Set(graph.atoms.map((atom) => atom.file)).size;
  const types = new Map<string, number>();
  for (const edge of graph.edges) types.set(edge.type, (types.get(edge.type) ?? 0) + 1);
  return [
    `${graph.atoms.length} atoms of ${files} files, ${graph.edges.length} edges`,
    ...[...types].map(([type, count]) => `  ${type.padEnd(14)} ${count}`),
    `${graph.totalWaves} waves, at most ${graph.maxParallelism} atoms side by side${graph.hasCycles ? ', with cycles' : ''}`,
    `atoms per wave: ${graph.stats.parallelismProfile.join(' ')}`,
    ...graph.reading.suggestions.slice(0, SHOWN).map(({ kind, text }) => `${kind}: ${text}`),
    ...(graph.reading.suggestions.length > SHOWN
      ? [`… and ${graph.reading.suggestions.length - SHOWN} more suggestions (--json lists them)`]
      : []),
  ];
}
