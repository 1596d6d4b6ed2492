import type { DependencyEdge } from '../../domain/index.ts';
import { EdgeSet } from './edge-set.ts';
import { resolveFile, type ResolveOptions } from './edges.ts';
import { Inference } from './infer.ts';
import { Program, type ProgramFile } from './program.ts';

export type { ResolveOptions } from './edges.ts';
export type { ProgramFile } from './program.ts';
export type { PathAlias } from './paths.ts';
export { createEdgeResolver, type EdgeResolver, type VersionedFile } from './resolver.ts';

/**
 * All dependency edges between the atoms of a project, sorted. Files whose language has no facts take part with their atoms only.
 * Pure: the same files give the same edges, in any order of files.
 */
export function resolveEdges(files: readonly ProgramFile[], options: ResolveOptions = {}): DependencyEdge[] {
  const ordered = [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const program = new Program(ordered, options.aliases);
  const inference = new Inference(program);
  const edges = new EdgeSet();
  for (const file of ordered) resolveFile(program, inference, file, edges);
  return edges.sorted();
}
