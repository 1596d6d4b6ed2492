import { readdirSync, readFileSync } from 'node:fs';

/** What a process and everything below it uses. */
export interface TreeUsage {
  readonly processes: number;
  /** Resident memory in MiB: private, and each process's part of what it shares with others; pages of files are left out. */
  readonly memoryMb: number;
}

const PAGE_MB = 4_096 / (1024 * 1024);

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

function kilobytes(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? 0);
}

/** Below this, shared memory is not looked at closely, which takes the kernel a walk through the process's memory. */
const SMALL_SHARE_KB = 1_024;

/** Anonymous memory shared between processes, each page divided by the number of those that have it; it is in no limit of the kernel. */
function sharedMb(pid: number): number {
  const resident = kilobytes(readFileSync(`/proc/${pid}/status`, 'latin1'), 'RssShmem');
  if (resident < SMALL_SHARE_KB) return 0;
  try {
    return kilobytes(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'), 'Pss_Shmem') / 1_024;
  } catch {
    return resident / 1_024;
  }
}

function memoryOf(pid: number): number {
  try {
    const [, resident = '0', shared = '0'] = readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ');
    return Math.max(0, Number(resident) - Number(shared)) * PAGE_MB + sharedMb(pid);
  } catch {
    return 0;
  }
}

/** Milliseconds of a tick in /proc: USER_HZ is 100 on every architecture that Node runs on. */
const TICK_MS = 10;

/** Processor time that a process has used so far, in milliseconds; 0 where the system does not tell. */
export function cpuMsOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // Behind the name, which may hold anything: state is the third field, user and system time the 14th and 15th.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return 0;
  }
}

/** Adds up a process tree from /proc. Processes that end while it looks count as gone. */
export function treeUsage(rootPid: number): TreeUsage {
  const open = [rootPid];
  let processes = 0;
  let memoryMb = 0;
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    processes += 1;
    memoryMb += memoryOf(pid);
    open.push(...childrenOf(pid));
  }
  return { processes, memoryMb };
}
