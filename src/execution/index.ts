export { listCostEvents, readCost, type CostEvent, type CostReport } from './cost-report.ts';
export { suggestForReview } from './suggest-for-review.ts';
export { estimateMasterplan, type Expected, type MasterplanEstimate } from './estimate/estimate-masterplan.ts';
export type { ExecutionDefaults, ExecutionDeps } from './deps.ts';
export { startExecution, type StartInput } from './start-execution.ts';
export {
  cancelExecution,
  pauseExecution,
  resumeExecution,
  retryAtom,
  retryFailed,
  type ControlInput,
} from './control-execution.ts';
export { cancelMasterplan, type CancelledMasterplan } from './cancel-masterplan.ts';
export { rerunExecution, type RerunAtom, type RerunInput, type RerunPreview } from './rerun.ts';
export { overrideBudget, type BudgetOverride, type BudgetView } from './override-budget.ts';
export { getConcurrency, type ConcurrencyStatus } from './concurrency-status.ts';
export { replayDeadLetter, type ReplayInput } from './replay-dead-letter.ts';
export type { ExecutionView, WaveView } from './execution-view.ts';
export {
  getExecutionResults,
  getExecutionStatus,
  getRecentPrecision,
  listExecutionEvents,
  listRecentExecutions,
  type AtomResult,
  type ExecutionResults,
  type RecentExecution,
  type RecentPrecision,
  type StoredEvent,
} from './read-executions.ts';
export { EventFeed, type EventFeedOptions } from './live/event-feed.ts';
export { findLive, type LivePosition } from './live/find-live.ts';
export { isTerminal, type Snapshot } from './live/read-live.ts';
export type { EventSink, FeedEnd } from './live/subscription.ts';
export type { ExecutionEventType } from './statements/record-events.ts';
export {
  awaitStage,
  getStageJob,
  submitStage,
  type StageHandler,
  type StageJobView,
  type StageKind,
  type StageRequest,
} from './stage-jobs.ts';
export type { ValidationTarget } from './validation-target.ts';
export type { StoredLevelReport } from './validate-on-call.ts';
export { createWorker, type Worker, type WorkerDeps, type WorkerTimings } from './worker.ts';
export { createStageHandlers } from './stage-handlers.ts';
export { exportArtifact, type Artifact, type AtomProvenance, type Manifest } from './export-artifact.ts';
export type { AtomBody, AttemptOutcome, ClaimedAtom } from './attempt-outcome.ts';
export type { Precision, PrecisionPart } from './precision.ts';
