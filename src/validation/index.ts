export type { LevelReport } from './report.ts';
export { storeReport, storeReports, type ReportScope } from './store.ts';
export { createValidation, type Validation } from './validation.ts';
