import type { SourceFile } from '../domain/index.ts';
import type { PackedFiles } from './packed-file.ts';

/** What the pool sends to a thread: files whose bytes lie in one block that changes hands. */
export interface WorkerRequest {
  readonly files: readonly {
    readonly path: string;
    readonly language: string;
    readonly start: number;
    readonly end: number;
  }[];
  readonly block: ArrayBuffer;
  readonly withFacts: boolean;
}

/** What the thread answers: one result per file, in order. */
export type WorkerReply = PackedFiles;

/** Copies the bytes of files into one block: what they are part of elsewhere stays there. */
export function requestFor(files: readonly SourceFile[], withFacts: boolean): WorkerRequest {
  const block = new ArrayBuffer(files.reduce((sum, file) => sum + file.bytes.length, 0));
  const bytes = new Uint8Array(block);
  let at = 0;
  const placed = files.map(({ path, language, bytes: own }) => {
    const start = at;
    bytes.set(own, start);
    at += own.length;
    return { path, language, start, end: at };
  });
  return { files: placed, block, withFacts };
}
