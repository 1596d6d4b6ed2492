export { planWaves, type PlannedWaves } from './waves.ts';
export { resolveEdges, type PathAlias, type ProgramFile, type ResolveOptions } from './resolve/index.ts';
export { buildMasterplanGraph, readGraph, type GraphSummary } from './build.ts';
export { graphFiles, graphPath, toJsonDocument, type GraphedAtom, type GraphedFolder } from './folder.ts';
