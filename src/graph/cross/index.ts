/** Edges across languages and processes that the web has: requests to routes, tables to models, classes to styles, variables to settings. */
import type { DependencyEdge } from '../../domain/index.ts';
import { classEdges } from './classes.ts';
import { CrossEdges } from './cross-edges.ts';
import { environmentEdges } from './environment.ts';
import { httpEdges } from './http.ts';
import { ProjectFiles } from './project-files.ts';
import { scan, type CrossFile } from './source-text.ts';
import { tableEdges } from './tables.ts';

export interface CrossSource {
  readonly path: string;
  readonly language: string;
  readonly text: string;
  /** Ascending and without gaps; positions are UTF-16 indexes, `index` names the atom in the graph. */
  readonly atoms: readonly { readonly startIndex: number; readonly endIndex: number; readonly index: number }[];
}

/** What a file must hold to be read at all. */
const CANDIDATE =
  /fetch|axios|request|useSWR|[rR]outer|Blueprint|[fF]astify|\bFastAPI|\bFlask|express|\.(?:get|post|put|patch|delete|route)\s*[<(]|["'`]\/|__tablename__|[a-z]Table\(|\bTable\(|ForeignKey|\bModel\b|\bop\.|\bSELECT\b|\bINSERT\b|\bUPDATE\b|\bDELETE\b|\bselect\b.*\bfrom\b|className|\.module\.|env|BaseSettings/;
const READ = new Set(['python', 'typescript', 'tsx', 'javascript']);
const WHOLE = new Set(['css', 'scss', 'less', 'html', 'sql', 'yaml', 'text', 'bash']);
const SETTINGS = /(^|\/)\.env(\.[\w-]+)*$|\.env$|compose[\w.-]*\.ya?ml$/;

/**
 * All such edges, sorted. Each is `temporal` with a strength of at most 0.4 and says in words what it is. Found in the text of files
 * that hold a candidate: a request whose path is made at run time, or a name that is put together, gives none.
 */
export function findCrossEdges(sources: readonly CrossSource[]): DependencyEdge[] {
  const files = sources.filter(isCandidate).map((source) => {
    const file = crossFile(source);
    return { file, scanned: scan(file.text, file.language) };
  });
  if (files.length === 0) return [];
  const project = new ProjectFiles(sources.map(crossFile));
  const edges = new CrossEdges();
  httpEdges(files, project, edges);
  tableEdges(files, edges);
  classEdges(files, project, edges);
  environmentEdges(files, edges);
  return edges.all().sort((a, b) => a.from - b.from || a.to - b.to);
}

function isCandidate({ path, language, text }: CrossSource): boolean {
  if (SETTINGS.test(path)) return true;
  if (WHOLE.has(language)) return language !== 'text' && language !== 'bash' && language !== 'yaml';
  return READ.has(language) && CANDIDATE.test(text);
}

function crossFile({ path, language, text, atoms }: CrossSource): CrossFile {
  return {
    path,
    language,
    text,
    atomAt(position) {
      let low = 0;
      let high = atoms.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((atoms[middle]?.startIndex ?? 0) <= position) low = middle + 1;
        else high = middle;
      }
      const atom = atoms[low - 1];
      return atom !== undefined && position < atom.endIndex ? atom.index : -1;
    },
  };
}
