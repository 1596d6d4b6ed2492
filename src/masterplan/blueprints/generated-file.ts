/** Groups of files that are finished together; `api:` and `screens:` are followed by the Pascal-case name of an entity. */
export type MilestoneKey =
  | 'skeleton'
  | 'backend-foundation'
  | 'backend-features'
  | 'backend-application'
  | 'frontend-foundation'
  | 'frontend-features'
  | 'frontend-application'
  | 'delivery'
  | `api:${string}`
  | `screens:${string}`;

/** One file of the produced project. */
export interface GeneratedFile {
  /** Relative to the root of the project. */
  readonly path: string;
  readonly content: string;
  /** What the file is for, as the name of the task that makes it. */
  readonly purpose: string;
  readonly milestone: MilestoneKey;
  /** `code`, `test`, `config` or `docs`. */
  readonly taskType: string;
}
