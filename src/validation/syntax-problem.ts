/** Something that keeps a text from being a program of its language. Positions are UTF-16 indexes, end exclusive. */
export interface SyntaxProblem {
  readonly start: number;
  readonly end: number;
  readonly rule: string;
  readonly message: string;
  /** False where only a grammar says so, which is sometimes wrong: a warning, not a fault. Default true. */
  readonly certain?: boolean;
}

/** Problems beyond this many in one file say nothing new. */
export const MAX_PROBLEMS = 20;
