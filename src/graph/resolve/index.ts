import type { DependencyEdge } from '../../domain/index.ts';
import { EdgeSet } from './edge-set.ts';
import { resolveNames, type ResolveOptions } from './edges.ts';
import type { ProgramFile } from './program.ts';

export type { ResolveOptions } from './edges.ts';
export type { ProgramFile } from './program.ts';
export type { PathAlias } from './paths.ts';

/**
 * All dependency edges between the atoms of a project, sorted. Files whose language has no facts take part with their atoms only.
 * Pure: the same files give the same edges, in any order of files.
 */
export function resolveEdges(files: readonly ProgramFile[], options: ResolveOptions = {}): DependencyEdge[] {
  const edges = new EdgeSet();
  const ordered = [...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  resolveNames(ordered, options, edges);
  return edges.sorted();
}
