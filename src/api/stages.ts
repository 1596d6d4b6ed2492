import type { Suggestion } from '../adapters/llm/provider.ts';
import type { DecomposeSummary } from '../atomization/index.ts';
import type { AtomId, AtomStatus, MasterplanId, ReviewId } from '../domain/index.ts';
import type {
  Artifact,
  BudgetOverride,
  BudgetView,
  CancelledMasterplan,
  ConcurrencyStatus,
  ControlInput,
  CostEvent,
  CostReport,
  ExecutionResults,
  ExecutionView,
  MasterplanEstimate,
  RecentExecution,
  RecentPrecision,
  RerunInput,
  RerunPreview,
  StageJobView,
  StageRequest,
  StartInput,
} from '../execution/index.ts';
import type { GraphSummary, GraphView } from '../graph/index.ts';
import type { CreateMasterplanInput, ListQuery, MasterplanView, TaskView } from '../masterplan/index.ts';
import type {
  Actor,
  ClaimOptions,
  decideMany,
  Decision,
  ItemDecision,
  ItemOutcome,
  Page,
  QueueFilter,
  ReviewDetail,
  ReviewItem,
  ReviewStatistics,
  StatisticsScope,
} from '../review/index.ts';

/** What the API asks of the stages: the functions of their doors, each bound to what it needs. */
export interface Stages {
  createMasterplan(input: CreateMasterplanInput): Promise<MasterplanView>;
  getMasterplan(masterplanId: MasterplanId): Promise<MasterplanView | null>;
  listMasterplans(query: ListQuery): Promise<{ items: readonly MasterplanView[]; nextCursor: string | null }>;
  listTasks(masterplanId: MasterplanId): Promise<readonly TaskView[]>;
  deleteMasterplan(masterplanId: MasterplanId): Promise<void>;

  readDecomposition(masterplanId: MasterplanId): Promise<DecomposeSummary | null>;
  readGraph(masterplanId: MasterplanId): Promise<GraphSummary | null>;
  /** All atoms and edges of the graph. @throws {MgeError} GRAPH_NOT_BUILT */
  loadGraph(masterplanId: MasterplanId): Promise<GraphView>;
  /** Has workers run a stage; one that is under way already is joined. */
  submitStage(request: StageRequest): Promise<{ jobId: string }>;
  /** The job as it stands when it ends, or after `deadlineMs`. */
  awaitStage(jobId: string, deadlineMs: number): Promise<StageJobView>;

  /** @throws {MgeError} NOT_DECOMPOSED, GRAPH_NOT_BUILT */
  estimateMasterplan(masterplanId: MasterplanId): Promise<MasterplanEstimate>;
  readCost(masterplanId: MasterplanId): Promise<CostReport>;
  listCostEvents(
    masterplanId: MasterplanId,
    page: { limit: number; before?: string },
  ): Promise<{ items: readonly CostEvent[]; nextCursor: string | null }>;
  /** Forgets the cached answers that a plan kept or was given; gives their number. */
  forgetAnswers(masterplanId: MasterplanId): Promise<number>;
  startExecution(input: StartInput): Promise<ExecutionView>;
  getExecutionStatus(masterplanId: MasterplanId): Promise<ExecutionView | null>;
  getExecutionResults(masterplanId: MasterplanId, page: ResultsPage): Promise<ExecutionResults>;
  exportArtifact(masterplanId: MasterplanId): Promise<Artifact>;
  listRecentExecutions(options: { limit: number }): Promise<readonly RecentExecution[]>;
  getRecentPrecision(limit: number): Promise<RecentPrecision>;
  pauseExecution(input: ControlInput): Promise<ExecutionView>;
  resumeExecution(input: ControlInput): Promise<ExecutionView>;
  cancelExecution(input: ControlInput): Promise<ExecutionView>;
  retryAtom(input: ControlInput & { readonly atomId: AtomId }): Promise<ExecutionView>;
  retryFailed(input: ControlInput): Promise<ExecutionView>;
  cancelMasterplan(input: ControlInput): Promise<CancelledMasterplan>;
  rerunExecution(input: RerunInput): Promise<RerunPreview>;
  overrideBudget(input: BudgetOverride): Promise<BudgetView>;
  /** @param userId whose executions; null = everybody's. */
  getConcurrency(userId: string | null): Promise<ConcurrencyStatus>;

  listReviewQueue(filter: QueueFilter, page: { limit: number; cursor?: string }): Promise<Page<ReviewItem>>;
  getReview(reviewId: ReviewId): Promise<ReviewDetail | null>;
  claimNextReview(reviewer: string, options: ClaimOptions): Promise<ReviewItem | null>;
  assignReview(reviewId: ReviewId, input: Actor & { to: string; leaseSeconds?: number }): Promise<ReviewItem>;
  releaseReview(reviewId: ReviewId, actor: Actor): Promise<ReviewItem>;
  approveReview(reviewId: ReviewId, decision: Decision): Promise<ReviewItem>;
  /** All in one transaction; `along` too. */
  decideReviews(
    actor: Actor,
    decisions: readonly ItemDecision[],
    along: Parameters<typeof decideMany>[3],
  ): Promise<readonly ItemOutcome[]>;
  skipReview(reviewId: ReviewId, decision: Decision): Promise<ReviewItem>;
  rejectReview(reviewId: ReviewId, decision: Decision): Promise<ReviewItem>;
  editReview(reviewId: ReviewId, decision: Decision & { code: string }): Promise<ReviewItem>;
  regenerateReview(reviewId: ReviewId, decision: Decision): Promise<ReviewItem>;
  /** @throws {MgeError} REQUEST_NOT_SERVED for a provider that makes none; BUDGET_EXCEEDED. */
  suggestForReview(reviewId: string, signal: AbortSignal): Promise<readonly Suggestion[]>;
  reviewStatistics(scope: StatisticsScope): Promise<ReviewStatistics>;
}

export interface ResultsPage {
  readonly limit: number;
  /** Number of the atom behind which the page begins. */
  readonly cursor?: string;
  readonly status?: AtomStatus;
}
