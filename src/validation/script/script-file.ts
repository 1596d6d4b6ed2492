/** A file of the project as text. */
export interface ScriptFile {
  /** Relative to the project's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}
