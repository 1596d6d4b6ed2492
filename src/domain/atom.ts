/** An atom: a run of bytes of one file, about ten lines of code, cut along the syntax tree. The atoms of a file tile it. */

/** What an atom is within its file. */
export const ATOM_ROLES = [
  'import',
  'declaration',
  'signature',
  'body',
  'member',
  'element',
  'statement',
  'text',
  'damaged',
] as const;
export type AtomRole = (typeof ATOM_ROLES)[number];

export const SEVERITIES = ['critical', 'error', 'warning', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** One atomicity criterion that an atom does not meet. */
export interface AtomicityViolation {
  /** Number of the criterion, 1 to 10. */
  readonly criterion: number;
  readonly name: string;
  readonly severity: Severity;
  readonly message: string;
  readonly suggestion: string;
}

/** Where an atom sits in its file. Offsets count bytes from 0, end exclusive; lines count from 1, both ends inclusive. */
export interface SourceRange {
  readonly startByte: number;
  readonly endByte: number;
  readonly startLine: number;
  readonly endLine: number;
}

/** A file to atomize or to put atoms together into. */
export interface SourceFile {
  readonly path: string;
  readonly language: string;
  readonly bytes: Uint8Array;
}

/** What a newcomer needs to know to write the atom again: stored as `context_json`. Field names are those of the database. */
export interface AtomContext {
  readonly imports: readonly { readonly module: string; readonly names: readonly string[]; readonly line: number }[];
  readonly defines: readonly { readonly name: string; readonly kind: string; readonly line: number }[];
  readonly uses: readonly { readonly name: string; readonly kind: string; readonly line: number }[];
  readonly types: readonly {
    readonly name: string;
    readonly type: string;
    readonly source: 'annotation' | 'inferred' | 'none';
  }[];
  readonly preconditions: readonly string[];
  readonly postconditions: readonly string[];
  readonly side_effects: readonly string[];
  readonly docstring: string | null;
  readonly enclosing: readonly string[];
  readonly test_cases: readonly { readonly file: string; readonly name: string; readonly line: number }[];
  readonly language_version: string | null;
  /** For each of the five parts, 0 or 1 fifth as a share of 0.20, and why. Their sum is `completeness_score`. */
  readonly completeness: readonly { readonly part: string; readonly score: number; readonly reason: string }[];
  readonly completeness_score: number;
}
