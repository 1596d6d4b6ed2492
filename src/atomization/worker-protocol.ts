import type { SourceFile } from '../domain/index.ts';
import type { AtomizedFile } from './atomized-file.ts';

/** What the pool sends to a thread. */
export interface WorkerRequest {
  readonly files: readonly SourceFile[];
  readonly withFacts: boolean;
}

/** What the thread answers: one result per file, in order. */
export interface WorkerReply {
  readonly files: readonly AtomizedFile[];
}
