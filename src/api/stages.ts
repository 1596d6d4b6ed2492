import type {
  AtomId,
  AtomStatus,
  MasterplanId,
  MasterplanStatus,
  PlanningStatus,
  Priority,
  ProjectCheck,
  ReviewId,
} from '../domain/index.ts';
import type {
  Artifact,
  ControlInput,
  ExecutionResults,
  ExecutionView,
  RecentExecution,
  RecentPrecision,
  StageJobView,
  StartInput,
} from '../execution/index.ts';
import type {
  Actor,
  ClaimOptions,
  Decision,
  Page,
  QueueFilter,
  ReviewDetail,
  ReviewItem,
  ReviewStatistics,
  StatisticsScope,
} from '../review/index.ts';

/** What the API asks of the stages, each function bound to what it needs. Shapes are those of the stages' doors. */
export interface Stages {
  createMasterplan(input: CreateMasterplanInput): Promise<MasterplanView>;
  getMasterplan(masterplanId: MasterplanId): Promise<MasterplanView | null>;
  listMasterplans(query: {
    userId?: string;
    limit: number;
    cursor?: string;
  }): Promise<{ items: readonly MasterplanView[]; nextCursor: string | null }>;
  listTasks(masterplanId: MasterplanId): Promise<readonly TaskView[]>;
  deleteMasterplan(masterplanId: MasterplanId): Promise<unknown>;
  readDecomposition(masterplanId: MasterplanId): Promise<DecomposeSummary | null>;
  readGraph(masterplanId: MasterplanId): Promise<GraphSummary | null>;
  submitStage(input: { masterplanId: MasterplanId; kind: 'decompose' | 'build_graph' }): Promise<{ jobId: string }>;
  awaitStage(jobId: string, deadlineMs: number): Promise<StageJobView>;
  startExecution(input: StartInput): Promise<ExecutionView>;
  getExecutionStatus(masterplanId: MasterplanId): Promise<ExecutionView | null>;
  getExecutionResults(masterplanId: MasterplanId, page: ResultsPage): Promise<ExecutionResults>;
  exportArtifact(masterplanId: MasterplanId): Promise<Artifact>;
  listRecentExecutions(options: { limit: number }): Promise<readonly RecentExecution[]>;
  getRecentPrecision(limit: number): Promise<RecentPrecision>;
  listReviewQueue(filter: QueueFilter, page: { limit: number; cursor?: string }): Promise<Page<ReviewItem>>;
  getReview(reviewId: ReviewId): Promise<ReviewDetail | null>;
  claimNextReview(reviewer: string, options: ClaimOptions): Promise<ReviewItem | null>;
  assignReview(reviewId: ReviewId, input: Actor & { to: string; leaseSeconds?: number }): Promise<ReviewItem>;
  releaseReview(reviewId: ReviewId, actor: Actor): Promise<ReviewItem>;
  approveReview(reviewId: ReviewId, decision: Decision): Promise<ReviewItem>;
  skipReview(reviewId: ReviewId, decision: Decision): Promise<ReviewItem>;
  rejectReview(reviewId: ReviewId, decision: Decision): Promise<ReviewItem>;
  editReview(reviewId: ReviewId, decision: Decision & { code: string }): Promise<ReviewItem>;
  regenerateReview(reviewId: ReviewId, decision: Decision): Promise<ReviewItem>;
  reviewStatistics(scope: StatisticsScope): Promise<ReviewStatistics>;
  pauseExecution(input: ControlInput): Promise<ExecutionView>;
  resumeExecution(input: ControlInput): Promise<ExecutionView>;
  cancelExecution(input: ControlInput): Promise<ExecutionView>;
  retryAtom(input: ControlInput & { readonly atomId: AtomId }): Promise<ExecutionView>;
  retryFailed(input: ControlInput): Promise<ExecutionView>;
}

export interface ResultsPage {
  readonly limit: number;
  /** Number of the atom behind which the page begins. */
  readonly cursor?: string;
  readonly status?: AtomStatus;
}

export interface CreateMasterplanInput {
  readonly userRequest: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly spec?: unknown;
  readonly tasks?: readonly {
    readonly name: string;
    readonly description: string;
    readonly language?: string;
    readonly file_path: string;
    readonly code?: string;
    readonly tests?: string[];
    readonly depends_on?: string[];
    readonly priority?: Priority;
  }[];
  readonly files?: readonly {
    readonly path: string;
    readonly content: string;
    readonly encoding?: 'utf-8' | 'base64';
  }[];
  readonly config?: MasterplanSettings;
}

export interface MasterplanSettings {
  readonly provider?: string;
  readonly model?: string;
  readonly budget_usd?: number;
  readonly max_attempts?: number;
  readonly concurrency?: number;
  readonly review_fraction?: number;
  readonly seed?: number;
}

export interface MasterplanView {
  readonly masterplanId: string;
  readonly discoveryId: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly userRequest: string;
  readonly projectName: string;
  readonly description: string | null;
  readonly status: MasterplanStatus;
  readonly planningStatus: PlanningStatus;
  readonly provider: string | null;
  readonly totalPhases: number;
  readonly totalMilestones: number;
  readonly totalTasks: number;
  readonly totalAtoms: number;
  readonly totalWaves: number;
  readonly maxParallelism: number;
  readonly graphId: string | null;
  readonly precisionPercent: number | null;
  readonly understood: readonly string[];
  readonly assumed: readonly string[];
  readonly leftOut: readonly string[];
  readonly checks: readonly ProjectCheck[];
  readonly config: object;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface TaskView {
  readonly taskId: string;
  readonly taskNumber: number;
  readonly name: string;
  readonly description: string;
}

export interface DecomposeSummary {
  readonly masterplanId: string;
  readonly totalAtoms: number;
  readonly totalTasks: number;
  readonly stats: {
    readonly avgLoc: number;
    readonly maxLoc: number;
    readonly avgComplexity: number;
    readonly avgContextCompleteness: number;
    readonly avgAtomicityScore: number;
    readonly needsReviewCount: number;
    readonly byLanguage: Readonly<Record<string, number>>;
  };
}

export interface GraphSummary {
  readonly graphId: string;
  readonly masterplanId: string;
  readonly totalAtoms: number;
  readonly totalEdges: number;
  readonly totalWaves: number;
  readonly waves: readonly { readonly waveNumber: number; readonly totalAtoms: number }[];
  readonly maxParallelism: number;
  readonly hasCycles: boolean;
  readonly stats: Readonly<Record<string, unknown>>;
}
