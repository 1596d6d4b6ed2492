import type { AtomContext, AtomicityViolation, AtomRole, SourceRange } from '../domain/index.ts';
import type { FileFacts } from './facts/types.ts';

/** One atom of a file, before it has an id. */
export interface AtomDraft {
  /** 0-based position within the file. */
  readonly ordinal: number;
  /** The atom that holds the header of the enclosing declaration; null at module level. */
  readonly parentOrdinal: number | null;
  readonly name: string;
  readonly description: string;
  readonly role: AtomRole;
  /** Dotted path of the declaration that the atom is or is part of; empty at module level. */
  readonly symbolPath: string;
  /** UTF-16 positions in the decoded text, end exclusive. */
  readonly startIndex: number;
  readonly endIndex: number;
  readonly range: SourceRange;
  /** Lines that hold code. */
  readonly loc: number;
  /** 1 + decisions. */
  readonly complexity: number;
  readonly violations: readonly AtomicityViolation[];
  /** 0 to 1, in hundredths. */
  readonly atomicityScore: number;
  readonly isAtomic: boolean;
  readonly context: AtomContext;
  /** Why the atom is larger than an atom should be; null when it is not. */
  readonly oversize: string | null;
}

export interface SyntaxProblem {
  readonly startLine: number;
  readonly endLine: number;
  readonly message: string;
  /** True when the parser of the language itself refuses the file; false where only a grammar stumbles: then it may be sound. */
  readonly certain: boolean;
}

/** A file and the atoms that tile it. */
export interface AtomizedFile {
  readonly path: string;
  readonly language: string;
  readonly encoding: string;
  readonly bytes: number;
  readonly lines: number;
  readonly syntaxErrors: readonly SyntaxProblem[];
  readonly atoms: readonly AtomDraft[];
  readonly facts: FileFacts | null;
  /** What a reader should know about how the file was cut: a limit that was met, a second opinion. */
  readonly notes: readonly string[];
}
