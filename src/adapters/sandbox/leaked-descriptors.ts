import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** O_CLOEXEC in the octal `flags` of /proc/self/fdinfo. */
const CLOSE_ON_EXEC = 0o2000000;

function isInherited(descriptor: number): boolean {
  try {
    const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0;
  } catch {
    return false;
  }
}

/**
 * Descriptors above 3 that a child of this process would inherit: not Node's own, which close by themselves, but those that
 * whoever started this program left open.
 */
export function leakedDescriptors(): number[] {
  // Elsewhere than on Linux, what a child gets is closed by the system unless it is handed over.
  if (!existsSync('/proc/self/fd')) return [];
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((descriptor) => descriptor > 3 && isInherited(descriptor));
}
