/** CPU time of a bench and of everything that works for it, by what it is. Linux only. */
import { readdirSync, readFileSync } from 'node:fs';

/** Kernel ticks per second, as /proc counts CPU time (fixed on Linux). */
const TICKS = 100;

export type CpuUse = Readonly<Record<string, number>>;

interface Found {
  readonly parent: number;
  readonly kind: string;
  readonly seconds: number;
}

function kindOf(command: string): string {
  if (/postgres/.test(command)) return 'postgres';
  if (/valkey|redis/.test(command)) return 'redis';
  return /pyright/.test(command) ? 'pyright' : 'other';
}

/** The name in brackets may hold anything; the fields that count come after it. */
function fieldsOf(stat: string): number[] {
  return stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
}

function secondsOf(stat: string, fields: readonly number[]): number {
  const all = fieldsOf(stat);
  return fields.reduce((sum, n) => sum + (all[n] ?? 0), 0) / TICKS;
}

function read(pid: number): Found | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    return {
      parent: fieldsOf(stat)[1] ?? 0,
      kind: kindOf(command),
      // Of itself and of children that have ended.
      seconds: secondsOf(stat, [11, 12, 13, 14]),
    };
  } catch {
    return null;
  }
}

/** The main thread runs the worker and the model's server; the threads check, collect garbage and compile. */
function ownUse(): Record<string, number> {
  const { user, system } = process.cpuUsage();
  const main = secondsOf(readFileSync(`/proc/${process.pid}/task/${process.pid}/stat`, 'utf8'), [11, 12]);
  return { main, threads: (user + system) / 1e6 - main };
}

/** What was used between two looks. */
export function cpuBetween(before: CpuUse, after: CpuUse): CpuUse {
  return Object.fromEntries(
    Object.entries(after).map(([kind, seconds]) => [kind, Number((seconds - (before[kind] ?? 0)).toFixed(2))]),
  );
}

/** Seconds of CPU so far by kind: this process with its threads, and the servers that hold `mark` in their command line, with children. */
export function cpuUse(mark: string): CpuUse {
  const pids = readdirSync('/proc').map(Number).filter(Number.isInteger);
  const found = new Map<number, Found>();
  for (const pid of pids) {
    const process = read(pid);
    if (process !== null) found.set(pid, process);
  }
  const marked = new Set(pids.filter((pid) => pid === process.pid || commandOf(pid).includes(mark)));
  const belongs = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = found.get(at)?.parent)
      if (marked.has(at)) return true;
    return false;
  };
  const use: Record<string, number> = ownUse();
  for (const [pid, { kind, seconds }] of found)
    if (pid !== process.pid && belongs(pid)) use[kind] = (use[kind] ?? 0) + seconds;
  return use;
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
