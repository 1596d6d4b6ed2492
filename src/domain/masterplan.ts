/** What a plan is made of, as plain data: the planner's output and the input of the atomizer. */

export const PRIORITIES = ['must', 'should', 'could'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Share of the accepted atoms that a person looks at when the masterplan does not say. */
export const DEFAULT_REVIEW_FRACTION = 0.18;

export const TASK_COMPLEXITIES = ['low', 'medium', 'high', 'critical'] as const;
export type TaskComplexity = (typeof TASK_COMPLEXITIES)[number];

/** One file's worth of work. */
export interface PlannedTask {
  /** Unique within the plan; other tasks refer to it in `dependsOn`. */
  readonly key: string;
  readonly name: string;
  readonly description: string;
  /** Path inside the produced project: relative, `/`-separated, no `..`. */
  readonly filePath: string;
  /** A language id of the parser table, or `text`. */
  readonly language: string;
  /** Draft source; null when the provider will write it atom by atom. */
  readonly draft: Uint8Array | null;
  readonly taskType: string;
  readonly complexity: TaskComplexity;
  readonly priority: Priority;
  readonly dependsOn: readonly string[];
  readonly acceptance: readonly AcceptanceCriterion[];
}

/** A requirement and how it is proven: `test` names a test of the produced project, as its runner reports it. */
export interface AcceptanceCriterion {
  readonly text: string;
  readonly priority: Priority;
  readonly test: string | null;
}

export interface PlannedMilestone {
  readonly name: string;
  readonly description: string;
  readonly tasks: readonly PlannedTask[];
}

export interface PlannedPhase {
  readonly name: 'setup' | 'core' | 'polish';
  readonly description: string;
  readonly milestones: readonly PlannedMilestone[];
}

/** How the produced project is checked as a whole (level 4). One entry per part that has its own toolchain. */
export interface ProjectCheck {
  readonly name: string;
  /** Folder of the part inside the project; `.` for the root. */
  readonly directory: string;
  readonly toolchain: 'python' | 'react-vite' | 'node';
}

export interface Plan {
  readonly projectName: string;
  readonly description: string;
  readonly architectureStyle: string;
  readonly techStack: Readonly<Record<string, string>>;
  readonly phases: readonly PlannedPhase[];
  readonly checks: readonly ProjectCheck[];
  /** What the planner took from the request, what it assumed, and what it left out: shown to the client, never hidden. */
  readonly understood: readonly string[];
  readonly assumed: readonly string[];
  readonly leftOut: readonly string[];
}

/** All tasks of a plan in plan order. */
export function tasksOf(plan: Plan): PlannedTask[] {
  return plan.phases.flatMap((phase) => phase.milestones.flatMap((milestone) => milestone.tasks));
}
