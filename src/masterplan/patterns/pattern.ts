import type { PromptPattern } from '../../adapters/llm/provider.ts';

/** A piece of code worth imitating, and what it is for. */
export interface Pattern {
  /** Unique within its collection: lower case, words joined by "-". */
  readonly id: string;
  /** What somebody would ask for, in one sentence. */
  readonly purpose: string;
  /** Language id, as atoms have it. */
  readonly language: string;
  readonly code: string;
}

/** What an example is looked for. */
export interface PatternQuestion {
  /** Name and description of what is to be written. */
  readonly text: string;
  readonly path: string;
  readonly language: string;
  /** Whose approved atoms may be shown; nobody's when it is missing. */
  readonly userId?: string | null;
}

/** Finds examples. It never fails: without an answer there are none, and the log says why. */
export interface PatternSource {
  find(question: PatternQuestion): Promise<PromptPattern[]>;
}
