import { readdirSync, readFileSync } from 'node:fs';

/** What a process and everything below it uses. */
export interface TreeUsage {
  readonly processes: number;
  /** Private resident memory in MiB; pages shared with files or other processes are left out. */
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

function memoryOf(pid: number): number {
  try {
    const [, resident = '0', shared = '0'] = readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ');
    return Math.max(0, Number(resident) - Number(shared)) * PAGE_MB;
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
