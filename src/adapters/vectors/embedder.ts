import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { entryBeside } from '../threads/entry.ts';

/** Numbers in one embedding. */
export const DIMENSIONS = 384;
/** The library starts threads of its own from 24 texts on, each with its copy of the model. */
const TEXTS_PER_CALL = 23;
/** 15 MB. */
const CACHE_ENTRIES = 10_000;

export interface Embedder {
  /** One vector of length 1 for each text, in order. Equal texts are computed once. */
  embed(texts: readonly string[]): Promise<Float32Array[]>;
  /** Ends the thread. Calls under way fail. */
  close(): Promise<void>;
}

interface Waiting {
  resolve(vectors: Float32Array[]): void;
  reject(error: Error): void;
}

/**
 * Embeds texts with all-MiniLM-L6-v2, which reads the first 256 tokens (some 1,000 characters of prose, 700 of code), offline, in one worker thread that starts at the first use. Results are kept by the
 * hash of the text, 10,000 of them.
 */
export function createEmbedder(): Embedder {
  const cache = new Map<string, Float32Array>();
  const waiting = new Map<number, Waiting>();
  let worker: Worker | null = null;
  let lastCall = 0;
  let closed = false;

  const failAll = (thread: Worker, error: Error) => {
    if (worker !== thread) return;
    worker = null;
    for (const call of waiting.values()) call.reject(error);
    waiting.clear();
  };
  const start = (): Worker => {
    const entry = entryBeside(import.meta.url, 'embedding-worker');
    const thread = new Worker(entry.url, { execArgv: entry.execArgv });
    thread.on('message', (answer: { call: number; vectors?: Float32Array[]; problem?: string }) => {
      const call = waiting.get(answer.call);
      waiting.delete(answer.call);
      if (waiting.size === 0) thread.unref();
      if (answer.vectors) call?.resolve(answer.vectors);
      else call?.reject(new Error(`embedding failed: ${answer.problem ?? 'no reason given'}`));
    });
    thread.on('error', (error) => failAll(thread, error));
    thread.on('exit', () => failAll(thread, new Error('the embedding thread has ended')));
    return thread;
  };
  const compute = (texts: readonly string[]): Promise<Float32Array[]> => {
    if (closed) return Promise.reject(new Error('the embedder is closed'));
    const thread = (worker ??= start());
    const call = (lastCall += 1);
    thread.ref();
    return new Promise((resolve, reject) => {
      waiting.set(call, { resolve, reject });
      thread.postMessage({ call, texts });
    });
  };
  const remember = (key: string, vector: Float32Array) => {
    // A map keeps the order of insertion: what was used longest ago stands first.
    cache.delete(key);
    cache.set(key, vector);
    if (cache.size > CACHE_ENTRIES) cache.delete(cache.keys().next().value ?? '');
  };

  return {
    embed: async (texts) => {
      const keys = texts.map((text) => createHash('sha256').update(text).digest('base64'));
      const found = new Map<string, Float32Array>();
      const missing = new Map<string, string>();
      keys.forEach((key, i) => {
        const known = cache.get(key);
        if (known) found.set(key, known);
        else missing.set(key, texts[i] ?? '');
      });
      const todo = [...missing];
      for (let from = 0; from < todo.length; from += TEXTS_PER_CALL) {
        const part = todo.slice(from, from + TEXTS_PER_CALL);
        const vectors = await compute(part.map(([, text]) => text));
        part.forEach(([key], i) => found.set(key, vectors[i] ?? new Float32Array(DIMENSIONS)));
      }
      return keys.map((key) => {
        const vector = found.get(key) ?? new Float32Array(DIMENSIONS);
        remember(key, vector);
        return vector;
      });
    },
    close: async () => {
      closed = true;
      await worker?.terminate();
    },
  };
}
