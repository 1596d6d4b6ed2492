/** What a piece of work costs this process and those that it started, and how long it kept the event loop. */
import { readdirSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Clock ticks of Linux's `/proc`, in milliseconds. */
const TICK_MS = 10;
const WATCH_MS = 5;

function statOf(pid: string): { parent: string; ticks: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // utime, stime, and those of children that have ended.
    const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
    return { parent: fields[1] ?? '', ticks };
  } catch {
    return null;
  }
}

/** CPU milliseconds of the processes below this one, also of those that have ended; 0 where there is no `/proc`. */
function childrenCpuMs(): number {
  let pids: string[];
  try {
    pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return 0;
  }
  const stats = new Map(pids.flatMap((pid) => (statOf(pid) === null ? [] : [[pid, statOf(pid)] as const])));
  const own = String(process.pid);
  const isBelow = (pid: string): boolean => {
    for (let up = stats.get(pid)?.parent; up !== undefined && up !== '0'; up = stats.get(up)?.parent)
      if (up === own) return true;
    return false;
  };
  const below = pids.filter(isBelow).reduce((sum, pid) => sum + (stats.get(pid)?.ticks ?? 0), 0);
  const ended = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (below + Number(ended[13] ?? 0) + Number(ended[14] ?? 0)) * TICK_MS;
}

/** CPU milliseconds of this process and of those below it. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000 + childrenCpuMs();
}

/** CPU milliseconds of the main thread alone; null where the system does not tell. */
function mainThreadMs(): number | null {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return null;
  }
}

export interface LoopFigures {
  /** Longest delay of a timer, in milliseconds; on a busy machine most of it is waiting for a core. */
  readonly longestMs: number;
  /** Most CPU time that the main thread used between two beats of a timer, 5 ms apart: what a block costs on a machine of any load. */
  readonly longestCpuMs: number | null;
}

/** Watches the event loop from now on; the returned function ends it. */
export function watchLoop(): () => LoopFigures {
  const delay = monitorEventLoopDelay({ resolution: WATCH_MS });
  let last = mainThreadMs();
  let longest = 0;
  const beat = setInterval(() => {
    const now = mainThreadMs();
    if (now !== null && last !== null) longest = Math.max(longest, now - last);
    last = now;
  }, WATCH_MS);
  delay.enable();
  return () => {
    clearInterval(beat);
    delay.disable();
    return {
      longestMs: Math.round(delay.max / 1e5) / 10,
      longestCpuMs: last === null ? null : Math.round(longest * 10) / 10,
    };
  };
}

/** The value below which a share of the values lie; 0 of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
