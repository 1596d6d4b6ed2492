/** The thread's side of the pool. */
import { parentPort } from 'node:worker_threads';
import { openParser } from '../adapters/parser/index.ts';
import { atomizeInThread } from './atomize-file.ts';
import { packFiles } from './packed-file.ts';
import type { WorkerRequest } from './worker-protocol.ts';

const parser = await openParser();

parentPort?.on('message', ({ files, block, withFacts }: WorkerRequest) => {
  const atomized = files.map(({ path, language, start, end }) =>
    atomizeInThread(parser, { path, language, bytes: new Uint8Array(block, start, end - start) }, { withFacts }),
  );
  const reply = packFiles(atomized);
  parentPort?.postMessage(reply, [reply.block]);
});
