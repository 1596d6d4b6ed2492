/** A file's text as another file of the project sees it. */
export interface ContractFile {
  readonly path: string;
  /** Language id. */
  readonly language: string;
  readonly text: string;
}

/**
 * What a candidate is held to beyond its own text: what was asked for, and what others already rely on. Nothing of it is run.
 * The same for an atom of a plan (its task, its dependents of the graph) and for a file that somebody brought.
 */
export interface TaskContract {
  /** What was asked for, in words; may hold examples (`>>> f(1)` and their results, `assert f(1) == 2`). */
  readonly description: string;
  /** Source in the file's language that declares what has to exist: stubs with signatures and docstrings. Empty: nothing declared. */
  readonly declarations: string;
  /** The name that has to exist at the file's top level; null where the task names none. */
  readonly entry: string | null;
  /** Files that use the checked one (callers, tests). They are read for what they import, call, await and expect. */
  readonly dependents: readonly ContractFile[];
  /** Other files of the project that the checked one may import. */
  readonly siblings: readonly ContractFile[];
  /** Paths of all files of the project, whether their text is here or not; missing where they are not known: then no import of a file is judged. */
  readonly paths?: readonly string[];
  /** Packages that the project declares beside the language's own library; null where unknown. */
  readonly packages: readonly string[] | null;
}
