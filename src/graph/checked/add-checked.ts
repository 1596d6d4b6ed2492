/** Joins what a checker finds with what the own resolver finds. */
import type { AssembledGraph, GraphSource } from '../assemble.ts';
import { checkedScriptEdges } from './script-edges.ts';

/** What a graph is made with. */
export interface GraphOptions {
  /**
   * Adds what the TypeScript checker finds beyond the own resolver; default false. TypeScript and JavaScript only: other languages have
   * no such mode. Costs a program of the compiler, made in the calling thread.
   */
  readonly checked?: boolean;
}

/** The graph itself unless `checked`. Own edges first: where both say the same of a pair, the own reason stays. */
export function withChecked(
  graph: AssembledGraph,
  sources: readonly GraphSource[],
  { checked = false }: GraphOptions,
): AssembledGraph {
  if (!checked) return graph;
  const known = new Set(
    graph.edges.filter((e) => e.type !== 'temporal').map((e) => `${String(e.from)} ${String(e.to)}`),
  );
  const found = checkedScriptEdges(
    sources.map(({ file, text }, f) => ({
      path: file.path,
      text: text().replace(/^\uFEFF/, ''),
      atomAt: (position) => {
        const at = file.atoms.findIndex((atom) => atom.startIndex <= position && position < atom.endIndex);
        return at < 0 ? -1 : (graph.firstAtom[f] ?? 0) + at;
      },
    })),
  );
  const added = found.filter((e) => !known.has(`${String(e.from)} ${String(e.to)}`));
  return { ...graph, edges: [...graph.edges, ...added].sort((a, b) => a.from - b.from || a.to - b.to) };
}
