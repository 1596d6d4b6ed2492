export type { ContractFile, TaskContract } from './contract/task-contract.ts';
export { type LevelReport, reportOf, scoreLevel } from './report.ts';
export { storeReport, storeReports, type ReportScope } from './store.ts';
export type { FileTests } from './running/running-checks.ts';
export { RedisResultCache } from './redis-result-cache.ts';
export { TestOutcomes } from './system/test-outcomes.ts';
export { createValidation, type Validation } from './validation.ts';
