import type { DependencyEdge } from '../../domain/index.ts';
import type { ResolveOptions } from './edges.ts';
import type { ProgramFile } from './program.ts';
import { createEdgeResolver } from './resolver.ts';

export type { ResolveOptions } from './edges.ts';
export type { ProgramFile } from './program.ts';
export type { PathAlias } from './paths.ts';
export { createEdgeResolver, type EdgeResolver, type VersionedFile } from './resolver.ts';

/**
 * All dependency edges between the atoms of a project, sorted. Files whose language has no facts take part with their atoms only.
 * Pure: the same files give the same edges, in any order of files.
 */
export function resolveEdges(files: readonly ProgramFile[], options: ResolveOptions = {}): DependencyEdge[] {
  return createEdgeResolver(options).resolve(files.map((file) => ({ ...file, version: '' })));
}
