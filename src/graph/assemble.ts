/** From atomized files to one graph: numbers the atoms across files and collects the edges of every kind. */
import type { AtomizedFile } from '../atomization/index.ts';
import type { DependencyEdge } from '../domain/index.ts';
import { findAliases } from './aliases.ts';
import { resolveEdges, type PathAlias, type ProgramFile } from './resolve/index.ts';

export interface AssembledGraph {
  /** Graph index of the first atom of each file. */
  readonly firstAtom: readonly number[];
  readonly atomCount: number;
  readonly edges: DependencyEdge[];
  /** Expected effort of each atom: what the critical path is weighed by. */
  readonly effort: Float64Array;
}

/** A file as stored or as read: its text is needed only for configuration files. */
export interface GraphSource {
  readonly file: AtomizedFile;
  readonly text: () => string;
}

/** Numbers the atoms in the order of the files and finds the edges between them. */
export function assembleGraph(sources: readonly GraphSource[]): AssembledGraph {
  const firstAtom: number[] = [];
  let atomCount = 0;
  for (const { file } of sources) {
    firstAtom.push(atomCount);
    atomCount += file.atoms.length;
  }
  const effort = new Float64Array(atomCount);
  const files = sources.map(({ file }, f) => programFile(file, firstAtom[f] ?? 0, effort));
  const aliases: PathAlias[] = findAliases(sources.map(({ file, text }) => ({ path: file.path, text })));
  return { firstAtom, atomCount, edges: resolveEdges(files, { aliases }), effort };
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
