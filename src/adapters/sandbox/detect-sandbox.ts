import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../telemetry/logger.ts';
import { bubblewrapCommand } from './bubblewrap-command.ts';
import { type ConfinementRequest, DEFAULT_PROCESSES, withRequest } from './confinement.ts';
import { type ConfinedCommand, launch } from './launch.ts';
import { probe } from './probe.ts';
import {
  type Sandbox,
  type SandboxLayer,
  type SandboxResult,
  type SandboxSpec,
  SandboxUnavailable,
} from './sandbox.ts';
import { unshareCommand } from './unshare-command.ts';

const SYSTEM_FOLDERS = ['/usr/bin', '/usr/sbin', '/bin', '/sbin', '/usr/local/bin'];
const DEFAULT_OUTPUT_BYTES = 1024 * 1024;

/** Where a system program is, or null. Only system folders: the sandbox is not built from what the caller's PATH names. */
function findProgram(name: string): string | null {
  for (const folder of SYSTEM_FOLDERS) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // Not here; the next folder may have it.
    }
  }
  return null;
}

interface Candidate {
  readonly name: string;
  readonly command: (request: ConfinementRequest) => ConfinedCommand;
}

/** Ways of confining, best first. Root does not use bubblewrap: its processes would stay root's and no process limit would hold. */
function candidates(isRoot: boolean): Candidate[] {
  const bubblewrap = isRoot ? null : findProgram('bwrap');
  const found: Candidate[] = [];
  if (bubblewrap !== null) {
    found.push(
      {
        name: 'bubblewrap',
        command: (request) => bubblewrapCommand(request, bubblewrap, ['--unshare-user', '--disable-userns']),
      },
      { name: 'bubblewrap', command: (request) => bubblewrapCommand(request, bubblewrap, []) },
    );
  }
  const tools = ['unshare', 'setpriv', 'prlimit', 'mount', 'umount', 'pivot_root'];
  if (tools.every((tool) => findProgram(tool) !== null)) {
    found.push({ name: 'unshare', command: (request) => unshareCommand(request, isRoot) });
  }
  return found;
}

function runWith(candidate: Candidate, loopback: string | null, spec: SandboxSpec): Promise<SandboxResult> {
  return withRequest(spec, loopback, (request) =>
    launch(candidate.command(request), {
      timeoutMs: spec.timeoutMs,
      memoryMb: spec.memoryMb,
      // The processes of the confinement itself stand beside those of the program.
      processes: (spec.processes ?? DEFAULT_PROCESSES) + 16,
      outputBytes: spec.outputBytes ?? DEFAULT_OUTPUT_BYTES,
      ...(spec.signal === undefined ? {} : { signal: spec.signal }),
    }),
  );
}

/** A sandbox that runs nothing, because this machine offers no confinement. */
export function unconfined(reason: string, layers: readonly SandboxLayer[] = []): Sandbox {
  return {
    name: 'none',
    layers,
    confined: false,
    reason,
    run: () => Promise.reject(new SandboxUnavailable(reason)),
  };
}

/**
 * Finds the confinement that this machine offers and tries it: a probe runs inside and reports what it can see and do. Where a
 * needed layer is not in force, the result refuses to run anything and says why.
 */
export async function detectSandbox(log: Logger): Promise<Sandbox> {
  if (process.platform !== 'linux') return unconfined(`no confinement is known for ${process.platform}`);
  const ways = candidates(process.getuid?.() === 0);
  if (ways.length === 0)
    return unconfined('neither bubblewrap nor util-linux (unshare, setpriv, prlimit) is installed');
  const loopback = findProgram('ip');
  const reasons: string[] = [];
  let layers: readonly SandboxLayer[] = [];
  for (const way of ways) {
    const run = (spec: SandboxSpec): Promise<SandboxResult> => runWith(way, loopback, spec);
    try {
      const seen = await probe(run);
      if (seen.missing.length === 0) {
        log.debug({ sandbox: way.name }, 'sandbox found');
        return { name: way.name, layers: seen.layers, confined: true, reason: null, run };
      }
      layers = seen.layers;
      reasons.push(`${way.name}: not in force: ${seen.missing.join(', ')}`);
    } catch (error) {
      reasons.push(`${way.name}: ${(error as Error).message}`);
    }
  }
  log.warn({ reasons }, 'no sandbox');
  return unconfined(`no confinement is possible here (${reasons.join('; ')})`, layers);
}
