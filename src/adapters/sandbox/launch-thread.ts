/**
 * Starts, watches and kills sandboxed programs, for all of this program: copying a large process takes long, and the thread that does
 * it stands still meanwhile. The kernel kills what this thread has started when the thread ends, as it does when the program ends.
 */
import { parentPort } from 'node:worker_threads';
import type { LaunchJob, LaunchOrder, LaunchReply } from './launch-orders.ts';
import { captureResult, runConfined } from './run-confined.ts';
import { type SandboxResult, SandboxUnavailable } from './sandbox.ts';

const port = parentPort;
if (port === null) throw new Error('launch-thread runs as a worker thread only');

const running = new Map<number, AbortController>();
const reply = (message: LaunchReply): void => port.postMessage(message);

function perform(job: LaunchJob, pid: Int32Array, signal: AbortSignal): Promise<SandboxResult | Uint8Array> {
  if (job.kind === 'capture') return captureResult(job.command, job.timeoutMs);
  return runConfined(job.command, { ...job.limits, signal }, (leader) => Atomics.store(pid, 0, leader));
}

async function serve(id: number, job: LaunchJob, pid: Int32Array): Promise<void> {
  const control = new AbortController();
  running.set(id, control);
  try {
    // Texts are read here: of bytes that are no UTF-8, the longest result would take the other side tens of milliseconds.
    reply({ id, result: await perform(job, pid, control.signal) });
  } catch (error) {
    reply({ id, error: error as Error, isUnavailable: error instanceof SandboxUnavailable });
  } finally {
    running.delete(id);
  }
}

port.on('message', (order: LaunchOrder) => {
  if ('abort' in order) running.get(order.abort)?.abort();
  else void serve(order.id, order.job, order.pid);
});
