/** Source in, atoms out: every byte of a file in exactly one atom, about ten lines of code each. */
export { atomizeInThread, type AtomizeOptions } from './atomize-file.ts';
export type { AtomDraft, AtomizedFile, SyntaxProblem } from './atomized-file.ts';
export { decomposeMasterplan, type DecomposeOptions } from './decompose.ts';
export { readDecomposition, type DecomposeSummary } from './summary.ts';
export { ATOMIZE_LIMITS, type AtomizeManyOptions, type Atomizer, createAtomizer } from './pool.ts';
export {
  atomizePath,
  type AtomizePathOptions,
  type AtomizeReport,
  isLossless,
  reportOn,
  type WorstAtom,
} from './report.ts';
export { readSources, type FolderSources } from './folder.ts';
export { linkNames } from './project-names.ts';
export { linkTests } from './project-tests.ts';
export * from './facts/types.ts';
