import type {
  AcceptanceCriterion,
  GraphId,
  MasterplanId,
  MasterplanStatus,
  PlanningStatus,
  Priority,
  ProjectCheck,
  TaskComplexity,
  TaskId,
} from '../domain/index.ts';

/** A masterplan as other stages and the API see it. */
export interface MasterplanView {
  readonly masterplanId: MasterplanId;
  readonly discoveryId: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly userRequest: string;
  readonly projectName: string;
  readonly description: string | null;
  readonly status: MasterplanStatus;
  readonly planningStatus: PlanningStatus;
  /** Null for masterplans of an MVP database. */
  readonly provider: string | null;
  readonly model: string | null;
  readonly techStack: Readonly<Record<string, string>>;
  readonly totalPhases: number;
  readonly totalMilestones: number;
  readonly totalTasks: number;
  readonly totalAtoms: number;
  readonly totalWaves: number;
  readonly maxParallelism: number;
  readonly graphId: GraphId | null;
  readonly precisionPercent: number | null;
  /** What the plan took from the request, what it assumed, what it left out. */
  readonly understood: readonly string[];
  readonly assumed: readonly string[];
  readonly leftOut: readonly string[];
  readonly checks: readonly ProjectCheck[];
  /** provider, model, budget_usd, max_attempts, concurrency, review_fraction, seed, deterministic. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A task: one file of the produced project. */
export interface TaskView {
  readonly taskId: TaskId;
  readonly masterplanId: MasterplanId;
  /** 1-based, in plan order. */
  readonly taskNumber: number;
  readonly phase: string;
  readonly milestone: string;
  readonly name: string;
  readonly description: string;
  readonly filePath: string | null;
  readonly targetFiles: readonly string[];
  readonly language: string | null;
  readonly taskType: string | null;
  readonly complexity: TaskComplexity;
  readonly priority: Priority;
  readonly status: string;
  readonly dependsOn: readonly TaskId[];
  readonly acceptance: readonly AcceptanceCriterion[];
  readonly hasDraft: boolean;
  readonly draftBytes: number;
}
