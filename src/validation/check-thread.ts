/** Entry of a checking thread: parses and applies the rules, off the event loop of the program. */
import { parentPort } from 'node:worker_threads';
import { openParser } from '../adapters/parser/index.ts';
import { checkAtom } from './atom-checks.ts';
import type { CheckJob, CheckReply } from './check-pool.ts';
import { checkModule } from './module-checks.ts';

if (parentPort === null) throw new Error('check-thread is started as a worker thread');
const port = parentPort;
const parser = await openParser();

port.on('message', ({ id, job }: { id: number; job: CheckJob }) => {
  let reply: CheckReply;
  try {
    const checks = job.kind === 'atom' ? checkAtom(parser, job.input) : checkModule(parser, job.file, job.contract);
    reply = { id, checks };
  } catch (error) {
    reply = { id, error: (error as Error).message };
  }
  port.postMessage(reply);
});
