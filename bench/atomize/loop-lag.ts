/** Loaded into a process before its program: answers over IPC how long its event loop was held up since the last question. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What is asked of the process, and its answer; milliseconds beyond what a free loop takes. */
export interface LoopLag {
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  /** CPU of the process since its start, in milliseconds. */
  readonly cpuMs: number;
}

const RESOLUTION_MS = 5;
const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delays.enable();

process.on('message', (question) => {
  if (question !== 'lag') return;
  const lag = (nanoseconds: number): number => Math.max(0, Math.round(nanoseconds / 1e4) / 100 - RESOLUTION_MS);
  const { user, system } = process.cpuUsage();
  const answer: LoopLag = {
    p95: lag(delays.percentile(95)),
    p99: lag(delays.percentile(99)),
    max: lag(delays.max),
    cpuMs: Math.round((user + system) / 1000),
  };
  delays.reset();
  process.send?.(answer);
});
// The channel to the bench must not keep the service alive.
process.channel?.unref();
