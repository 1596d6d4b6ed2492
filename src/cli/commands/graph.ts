import { createAtomizer } from '../../atomization/index.ts';
import { graphPath, toJsonDocument, type GraphedFolder } from '../../graph/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';

/** Cut edges that are named in the report; the JSON form has all. */
const SHOWN_CUTS = 10;

function report(graph: GraphedFolder): string[] {
  const files = new Set(graph.atoms.map((atom) => atom.file)).size;
  const name = (index: number) => {
    const atom = graph.atoms[index];
    return atom ? `${atom.file}:${atom.startLine} ${atom.name}` : '';
  };
  const types = new Map<string, number>();
  for (const edge of graph.edges) types.set(edge.type, (types.get(edge.type) ?? 0) + 1);
  return [
    `${graph.atoms.length} atoms of ${files} files, ${graph.edges.length} edges`,
    ...[...types].map(([type, count]) => `  ${type.padEnd(14)} ${count}`),
    `${graph.totalWaves} waves, at most ${graph.maxParallelism} atoms side by side${graph.hasCycles ? ', with cycles' : ''}`,
    ...graph.cut.slice(0, SHOWN_CUTS).map((edge) => `cut: ${name(edge.from)} -> ${name(edge.to)}: ${edge.cutReason}`),
    ...(graph.cut.length > SHOWN_CUTS
      ? [`… and ${graph.cut.length - SHOWN_CUTS} more cut edges (--json lists them)`]
      : []),
  ];
}

/** Draws the graph of a folder: a short report, or all atoms and edges as JSON. */
export async function runGraph(path: string, options: { json?: boolean }): Promise<ExitCode> {
  const atomizer = createAtomizer();
  try {
    const graph = await graphPath(atomizer, path);
    if (options.json) process.stdout.write(`${JSON.stringify(toJsonDocument(graph))}\n`);
    else for (const line of report(graph)) process.stdout.write(`${line}\n`);
    return EXIT.ok;
  } finally {
    await atomizer.close();
  }
}
