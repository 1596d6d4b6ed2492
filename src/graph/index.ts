export { planWaves, type PlannedWaves } from './waves.ts';
export { resolveEdges, type PathAlias, type ProgramFile, type ResolveOptions } from './resolve/index.ts';
