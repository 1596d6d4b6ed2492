/** The thread's side of the pool. */
import { parentPort } from 'node:worker_threads';
import { openParser } from '../adapters/parser/index.ts';
import { atomizeInThread } from './atomize-file.ts';
import type { WorkerReply, WorkerRequest } from './worker-protocol.ts';

const parser = await openParser();

parentPort?.on('message', (request: WorkerRequest) => {
  const files = request.files.map((file) => atomizeInThread(parser, file, { withFacts: request.withFacts }));
  const reply: WorkerReply = { files };
  parentPort?.postMessage(reply);
});
