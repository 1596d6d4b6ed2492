import type {
  AtomId,
  ExecutionStatus,
  MasterplanId,
  MasterplanStatus,
  PlanningStatus,
  Priority,
  ProjectCheck,
  WaveStatus,
} from '../domain/index.ts';

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
  startExecution(input: StartExecutionInput): Promise<ExecutionView>;
  getExecutionStatus(masterplanId: MasterplanId): Promise<ExecutionView | null>;
  pauseExecution(input: ExecutionControl): Promise<ExecutionView>;
  resumeExecution(input: ExecutionControl): Promise<ExecutionView>;
  cancelExecution(input: ExecutionControl): Promise<ExecutionView>;
  retryAtom(input: ExecutionControl & { readonly atomId: AtomId }): Promise<ExecutionView>;
  retryFailed(input: ExecutionControl): Promise<ExecutionView>;
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

export interface StageJobView {
  readonly jobId: string;
  readonly status: 'queued' | 'running' | 'completed' | 'failed';
  readonly error: { readonly code: string; readonly message: string } | null;
}

export interface StartExecutionInput {
  readonly masterplanId: MasterplanId;
  readonly maxWaves?: number;
  readonly startedBy: string;
  readonly traceparent?: string;
  readonly concurrency?: number;
}

export interface ExecutionControl {
  readonly masterplanId: MasterplanId;
  /** Subject of the token. */
  readonly by: string;
  readonly reason?: string;
}

export interface ExecutionView {
  readonly executionId: string;
  readonly masterplanId: string;
  readonly status: ExecutionStatus;
  readonly pausedReason: string | null;
  readonly currentWave: number;
  readonly totalWaves: number;
  readonly waveLimit: number | null;
  readonly atomsTotal: number;
  readonly atomsCompleted: number;
  readonly atomsSucceeded: number;
  readonly atomsFailed: number;
  readonly atomsBlocked: number;
  readonly atomsRunning: number;
  readonly atomsReady: number;
  readonly completionPercent: number;
  readonly precisionPercent: number | null;
  readonly precision: Readonly<Record<string, unknown>> | null;
  readonly provider: string;
  readonly model: string | null;
  readonly totalCostUsd: number;
  readonly totalTimeSeconds: number;
  readonly startedBy: string;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
  readonly waves: readonly {
    readonly waveNumber: number;
    readonly totalAtoms: number;
    readonly completedAtoms: number;
    readonly failedAtoms: number;
    readonly status: WaveStatus;
    readonly startedAt: Date | null;
    readonly completedAt: Date | null;
  }[];
}
