/** Edges kept between runs: when files change, only what can have changed is resolved again. */
import type { DependencyEdge } from '../../domain/index.ts';
import { IMPORT } from '../facts.ts';
import { EdgeSet } from './edge-set.ts';
import { resolveFile, type ResolveOptions } from './edges.ts';
import { Inference } from './infer.ts';
import { Program, type ProgramFile } from './program.ts';

/** A file with what tells one content from another, e.g. a hash. */
export interface VersionedFile extends ProgramFile {
  readonly version: string;
}

export interface EdgeResolver {
  /** All edges of the files, the same as `resolveEdges` gives. */
  resolve(files: readonly VersionedFile[]): DependencyEdge[];
  /** How many files the last call resolved. */
  readonly resolvedFiles: number;
}

/** An edge by file and position of the atom in it, which stay when other files change. */
interface KeptEdge {
  readonly from: number;
  readonly toPath: string;
  readonly to: number;
  readonly edge: DependencyEdge;
}

/**
 * A resolver that remembers. What a file's names mean depends on the files it reaches through imports and on nothing else; so
 * after a change those are resolved again that reach a changed file, and all of them when files came or went.
 */
export function createEdgeResolver(options: ResolveOptions = {}): EdgeResolver {
  let versions = new Map<string, string>();
  let kept = new Map<string, KeptEdge[]>();
  let resolvedFiles = 0;
  return {
    get resolvedFiles() {
      return resolvedFiles;
    },
    resolve(files) {
      const ordered = [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
      const program = new Program(ordered, options.aliases);
      const changed = new Set(
        ordered.filter((file) => versions.get(file.path) !== file.version).map((file) => file.path),
      );
      const moved = ordered.length !== versions.size || ordered.some((file) => !versions.has(file.path));
      const stale = moved ? new Set(ordered.map((file) => file.path)) : reaching(program, changed);
      const inference = new Inference(program);
      const places = placesOf(ordered);
      const byPath = new Map(ordered.map((file) => [file.path, file]));
      const edges = new EdgeSet();
      const next = new Map<string, KeptEdge[]>();
      for (const file of ordered) {
        const old = stale.has(file.path) ? undefined : kept.get(file.path);
        const own = old ?? keep(program, inference, file, places);
        next.set(file.path, own);
        restore(own, file, byPath, edges);
      }
      versions = new Map(ordered.map((file) => [file.path, file.version]));
      kept = next;
      resolvedFiles = stale.size;
      return edges.sorted();
    },
  };
}

/** The changed files and all that import them, directly or not. */
function reaching(program: Program, changed: ReadonlySet<string>): Set<string> {
  const importers = new Map<string, string[]>();
  for (const unit of program.units) {
    const count = unit.facts.imports.length / IMPORT.width;
    for (let row = 0; row < count; row += 1) {
      for (const path of program.reachedBy(unit, row)) {
        const known = importers.get(path);
        if (known === undefined) importers.set(path, [unit.path]);
        else known.push(unit.path);
      }
    }
  }
  const found = new Set(changed);
  const queue = [...changed];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    for (const importer of importers.get(path) ?? []) {
      if (found.has(importer)) continue;
      found.add(importer);
      queue.push(importer);
    }
  }
  return found;
}

function placesOf(files: readonly ProgramFile[]): Map<number, { path: string; at: number }> {
  const places = new Map<number, { path: string; at: number }>();
  for (const file of files) file.atoms.forEach((atom, at) => places.set(atom.index, { path: file.path, at }));
  return places;
}

function keep(
  program: Program,
  inference: Inference,
  file: ProgramFile,
  places: ReadonlyMap<number, { path: string; at: number }>,
): KeptEdge[] {
  const edges = new EdgeSet();
  resolveFile(program, inference, file, edges);
  return edges.sorted().map((edge) => {
    const to = places.get(edge.to);
    return { from: places.get(edge.from)?.at ?? -1, toPath: to?.path ?? '', to: to?.at ?? -1, edge };
  });
}

function restore(
  own: readonly KeptEdge[],
  file: ProgramFile,
  byPath: ReadonlyMap<string, ProgramFile>,
  edges: EdgeSet,
): void {
  for (const { from, toPath, to, edge } of own) {
    const target = byPath.get(toPath)?.atoms[to];
    const source = file.atoms[from];
    if (source !== undefined && target !== undefined) {
      edges.add(source.index, target.index, edge.type, edge.strength, () => edge.reason);
    }
  }
}
