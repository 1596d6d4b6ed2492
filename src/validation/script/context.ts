import type TypeScript from 'typescript';
import type { TaskContract } from '../contract/task-contract.ts';
import type { Compiler } from './compiler.ts';
import type { Uses } from './uses.ts';

/** What the patterns look at: the checked file in its program. Positions are those of the augmented text. */
export interface ScriptContext {
  readonly ts: Compiler;
  /** Path of the file in its project. */
  readonly path: string;
  readonly program: TypeScript.Program;
  readonly checker: TypeScript.TypeChecker;
  readonly source: TypeScript.SourceFile;
  readonly isJavaScript: boolean;
  readonly uses: Uses;
  readonly contract: TaskContract | null;
}
