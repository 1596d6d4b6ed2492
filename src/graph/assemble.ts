/** From atomized files to one graph: numbers the atoms across files and collects the edges of every kind. */
import type { AtomizedFile } from '../atomization/index.ts';
import type { DependencyEdge } from '../domain/index.ts';
import { findAliases } from './aliases.ts';
import { findCrossEdges } from './cross/index.ts';
import { resolveEdges, type PathAlias, type ProgramFile } from './resolve/index.ts';

export interface AssembledGraph {
  /** Graph index of the first atom of each file. */
  readonly firstAtom: readonly number[];
  readonly atomCount: number;
  readonly edges: DependencyEdge[];
  /** Expected effort of each atom: what the critical path is weighed by. */
  readonly effort: Float64Array;
}

/** A file as stored or as read. */
export interface GraphSource {
  readonly file: AtomizedFile;
  readonly text: () => string;
}

/** Finds the edges of all files: from scratch unless something better is given. */
export type FindEdges = (files: readonly ProgramFile[], aliases: readonly PathAlias[]) => DependencyEdge[];

/** Numbers the atoms in the order of the files and finds the edges between them. */
export function assembleGraph(
  sources: readonly GraphSource[],
  findEdges: FindEdges = (files, aliases) => resolveEdges(files, { aliases }),
): AssembledGraph {
  const firstAtom: number[] = [];
  let atomCount = 0;
  for (const { file } of sources) {
    firstAtom.push(atomCount);
    atomCount += file.atoms.length;
  }
  const effort = new Float64Array(atomCount);
  const files = sources.map(({ file }, f) => programFile(file, firstAtom[f] ?? 0, effort));
  const aliases: PathAlias[] = findAliases(sources.map(({ file, text }) => ({ path: file.path, text })));
  const edges = [...findEdges(files, aliases), ...crossEdges(sources, files)].sort(
    (a, b) => a.from - b.from || a.to - b.to || (a.type < b.type ? -1 : a.type > b.type ? 1 : 0),
  );
  return { firstAtom, atomCount, edges: strongestPerType(edges), effort };
}

function crossEdges(sources: readonly GraphSource[], files: readonly ProgramFile[]): DependencyEdge[] {
  return findCrossEdges(
    sources.map(({ file, text }, f) => ({
      path: file.path,
      language: file.language,
      // Positions count from behind the mark that some files begin with.
      text: text().replace(/^\uFEFF/, ''),
      atoms: files[f]?.atoms ?? [],
    })),
  );
}

/** One edge per pair and type: where an order has two reasons, the one with more weight. `edges` are sorted. */
function strongestPerType(edges: readonly DependencyEdge[]): DependencyEdge[] {
  const kept: DependencyEdge[] = [];
  for (const edge of edges) {
    const last = kept.at(-1);
    if (last === undefined || last.from !== edge.from || last.to !== edge.to || last.type !== edge.type)
      kept.push(edge);
    else if (last.strength < edge.strength) kept[kept.length - 1] = edge;
  }
  return kept;
}

function programFile(file: AtomizedFile, first: number, effort: Float64Array): ProgramFile {
  const atoms = file.atoms.map((atom) => {
    effort[first + atom.ordinal] = Math.max(1, atom.loc) * Math.max(1, atom.complexity) ** 0.5;
    return {
      startIndex: atom.startIndex,
      endIndex: atom.endIndex,
      index: first + atom.ordinal,
      ...(atom.parentOrdinal === null ? {} : { parent: first + atom.parentOrdinal }),
    };
  });
  return { path: file.path, language: file.language, facts: file.facts, atoms, damaged: file.syntaxErrors.length > 0 };
}
