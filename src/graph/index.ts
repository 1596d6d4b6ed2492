/** Atoms in, edges and waves out. */
export { buildMasterplanGraph, readGraph, type GraphSummary } from './build.ts';
export type { GraphOptions } from './checked/add-checked.ts';
export { EXPORT_GROUPS, type ExportGroup } from './aggregate.ts';
export { EXPORT_CONTENT_TYPES, EXPORT_FORMATS, exportGraph, type ExportFormat, type ExportOptions } from './export.ts';
export { graphFiles, graphPath, toJsonDocument, type GraphedFolder } from './folder.ts';
export { indexOfAtom, loadGraph } from './load.ts';
export {
  createEdgeResolver,
  resolveEdges,
  type EdgeResolver,
  type PathAlias,
  type ProgramFile,
  type ResolveOptions,
  type VersionedFile,
} from './resolve/index.ts';
export {
  impactOf,
  neighboursOf,
  pathsBetween,
  type GraphView,
  type Neighbours,
  type ViewedAtom,
  type ViewedEdge,
} from './view.ts';
export { planWaves, type PlannedWaves } from './waves.ts';
