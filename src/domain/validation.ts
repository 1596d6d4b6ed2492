import type { Severity } from './atom.ts';

export const VALIDATION_LEVELS = ['atomic', 'module', 'component', 'system'] as const;
export type ValidationLevel = (typeof VALIDATION_LEVELS)[number];

/** 1 to 4, as `validation_results.level_number`. */
export function levelNumber(level: ValidationLevel): 1 | 2 | 3 | 4 {
  return (VALIDATION_LEVELS.indexOf(level) + 1) as 1 | 2 | 3 | 4;
}

/** `not_run` is not a pass: it carries the reason and is left out of every score. */
export const CHECK_OUTCOMES = ['passed', 'failed', 'not_run'] as const;
export type CheckOutcome = (typeof CHECK_OUTCOMES)[number];

/** Something a check found. Lines and columns count from 1 in the assembled file. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly suggestion: string | null;
}

/** One test of the produced project, under the name that its runner reports. */
export interface TestCase {
  /** pytest: `tests/test_todos.py::test_create`; vitest: `src/todo.test.ts > list > shows items`. Paths are relative to the checked folder. */
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Milliseconds. */
  readonly durationMs: number;
  /** Why it failed or was skipped; null when it passed. */
  readonly message: string | null;
  /** The test's file in the project, where it is known apart from the name. */
  readonly file?: string;
}

/** The outcome of one check: one row of `validation_results`. */
export interface CheckResult {
  /** Closed set per level, e.g. `syntax`, `residue`, `types`, `unit`, `build`. */
  readonly testType: string;
  /** Name of the project part (`ProjectCheck.name`) that a level 4 check is about; absent elsewhere. */
  readonly part?: string;
  readonly outcome: CheckOutcome;
  /** Why it did not run; null when it ran. */
  readonly reason: string | null;
  readonly findings: readonly Finding[];
  /** Milliseconds. */
  readonly durationMs: number;
  /** Counts of the tests that a test runner reported; absent for checks that are not test runs. */
  readonly tests?: { readonly passed: number; readonly failed: number; readonly skipped: number };
  /** The tests behind the counts; absent for checks that are not test runs. */
  readonly cases?: readonly TestCase[];
  /** 0 to 1: how much it means to pass the tests that were judged; absent for checks that judge none. */
  readonly strength?: number;
  /** Tail of what the tool printed, for people. */
  readonly output?: string;
}
