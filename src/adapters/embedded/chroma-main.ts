// A process of its own: Chroma's server. Started by chroma-server.ts.
import { Worker } from 'node:worker_threads';
import { runGuarded } from './guarded-child.ts';

// The server never returns, so it gets a thread; this one keeps watching whether the program still lives.
const SERVE = `const { workerData } = require('node:worker_threads'); require(workerData.module).cli(workerData.arguments);`;

runGuarded(async (task) => {
  const worker = new Worker(SERVE, { eval: true, workerData: task });
  worker.once('error', (error) => {
    process.stderr.write(`${error.stack ?? error.message}\n`);
    process.exit(1);
  });
  worker.once('exit', (code) => process.exit(code === 0 ? 1 : code));
});
