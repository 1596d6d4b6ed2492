export type { AtomInput } from './atom-checks.ts';
export { LEVEL_THRESHOLDS, LEVEL_WEIGHTS, type LevelReport } from './report.ts';
export { storeReport, storeReports, type ReportScope } from './store.ts';
export type { ToolchainState } from './system/toolchain-state.ts';
export { createValidation, type SystemProject, type Validation, type ValidationOptions } from './validation.ts';
