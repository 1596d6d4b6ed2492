import type { FileTests } from './running/running-checks.ts';
import type { TaskContract } from './contract/task-contract.ts';

/** One candidate and the file it goes into. */
export interface AtomInput {
  readonly path: string;
  readonly language: string;
  /** The file's bytes before the slice: accepted where accepted, else draft. */
  readonly before: Uint8Array;
  readonly candidate: Uint8Array;
  readonly after: Uint8Array;
  /**
   * The draft slice that the candidate replaces: what tells the candidate's problems from those that the file had before.
   * Without it, problems elsewhere that remain when the candidate is taken out do not count.
   */
  readonly draft?: Uint8Array;
  readonly atom: {
    readonly name: string;
    readonly role: string;
    readonly loc: number;
    readonly complexity: number;
    readonly isAtomic: boolean;
  };
  /** What the candidate is held to beyond its own text; without it, only the file itself is judged. */
  readonly contract?: TaskContract;
  /** Tests that touch the file, with everything else that they need; the checked file's own text is put in beside them. */
  readonly tests?: readonly FileTests[];
}
