import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import type { SandboxMode } from '../../config/index.ts';
import type { Logger } from '../telemetry/logger.ts';
import { bubblewrapCommand } from './bubblewrap-command.ts';
import { type ConfinementRequest, DEFAULT_PROCESSES, withRequest } from './confinement.ts';
import { type FilterInstaller, filterInstallers } from './filter-installer.ts';
import { launch } from './launch.ts';
import type { ConfinedCommand } from './launch-orders.ts';
import { probe } from './probe.ts';
import {
  type Sandbox,
  type SandboxLayer,
  type SandboxResult,
  type SandboxSpec,
  SandboxUnavailable,
} from './sandbox.ts';
import { type SystemCallFilter, systemCallFilter } from './system-call-filter.ts';
import { unshareCommand } from './unshare-command.ts';
import { detectInterpreters } from './wasm/detect-interpreters.ts';

const SYSTEM_FOLDERS = ['/usr/bin', '/usr/sbin', '/bin', '/sbin', '/usr/local/bin'];
const DEFAULT_OUTPUT_BYTES = 1024 * 1024;
const SYSTEM_CALLS = 'system-calls';

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
  /** What installs its system call filter; null for none. */
  readonly filter: string | null;
  readonly command: (request: ConfinementRequest) => ConfinedCommand;
}

/** Bubblewrap installs the filter itself. */
function bubblewrapCandidates(program: string, filter: SystemCallFilter | null): Candidate[] {
  const filters = filter === null ? [null] : [filter, null];
  return [['--unshare-user', '--disable-userns'], []].flatMap((extra) =>
    filters.map((own) => ({
      name: 'bubblewrap',
      filter: own === null ? null : 'bwrap',
      command: (request: ConfinementRequest) => bubblewrapCommand(request, program, extra, own),
    })),
  );
}

function unshareCandidates(isRoot: boolean, filter: SystemCallFilter | null): Candidate[] {
  const installers: (FilterInstaller | null)[] = filter === null ? [] : filterInstallers(filter, findProgram);
  return [...installers, null].map((installer) => ({
    name: 'unshare',
    filter: installer?.name ?? null,
    command: (request) => unshareCommand(request, isRoot, installer),
  }));
}

/**
 * Ways of confining, best first, each with a system call filter first. Root does not use bubblewrap: its processes
 * would stay root's and no process limit would hold.
 */
function candidates(isRoot: boolean): Candidate[] {
  const filter = systemCallFilter();
  const bubblewrap = isRoot ? null : findProgram('bwrap');
  const tools = ['unshare', 'setpriv', 'prlimit', 'mount', 'umount', 'pivot_root'];
  return [
    ...(bubblewrap === null ? [] : bubblewrapCandidates(bubblewrap, filter)),
    ...(tools.every((tool) => findProgram(tool) !== null) ? unshareCandidates(isRoot, filter) : []),
  ];
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

/** Why a way that works has no system call filter. */
function withoutFilter(layers: readonly SandboxLayer[], tried: readonly string[]): SandboxLayer[] {
  const why =
    systemCallFilter() === null
      ? `none is known for ${process.arch}`
      : tried.length === 0
        ? 'neither perl nor python3 is installed to install one'
        : tried.join('; ');
  return layers.map((layer) =>
    layer.name === SYSTEM_CALLS ? { ...layer, detail: `no system call filter: ${why}` } : layer,
  );
}

/** The confinement that one way makes, with the reason why not where it does not hold. */
async function tryWay(
  way: Candidate,
  loopback: string | null,
): Promise<{ layers: readonly SandboxLayer[]; reason: string | null; run: Sandbox['run'] }> {
  const run = (spec: SandboxSpec): Promise<SandboxResult> => runWith(way, loopback, spec);
  try {
    const { layers, missing } = await probe(run);
    const filter = layers.find((layer) => layer.name === SYSTEM_CALLS);
    if (missing.length > 0) return { layers, reason: `not in force: ${missing.join(', ')}`, run };
    return { layers, reason: way.filter === null || filter?.active === true ? null : (filter?.detail ?? 'none'), run };
  } catch (error) {
    return { layers: [], reason: (error as Error).message, run };
  }
}

/**
 * Finds the confinement that this machine offers and tries it: a probe runs inside and reports what it can see and do. Where a
 * needed layer is not in force, the result refuses to run anything and says why. The system call filter is not needed: where none
 * can be installed, the layer `system-calls` is inactive and says why. Where no program can be confined, WebAssembly interpreters serve
 * what they can.
 */
export async function detectSandbox(log: Logger, mode: SandboxMode = 'auto'): Promise<Sandbox> {
  if (mode === 'off') return unconfined('MGE_SANDBOX is off: generated code is not run');
  const programs = mode === 'wasm' ? unconfined('MGE_SANDBOX is wasm') : await detectConfinement(log);
  if (programs.confined || mode === 'namespaces') return programs;
  const found = await detectInterpreters();
  if ('interpreters' in found) {
    const { interpreters } = found;
    log.debug({ reason: programs.reason }, 'WebAssembly interpreters stand in for a sandbox of programs');
    return { ...programs, name: 'wasm', layers: interpreters.layers, interpreters };
  }
  const reason = `${programs.reason ?? ''}; no WebAssembly interpreters: ${found.reason}`;
  return unconfined(reason, programs.layers.length > 0 ? programs.layers : found.layers);
}

async function detectConfinement(log: Logger): Promise<Sandbox> {
  if (process.platform !== 'linux') return unconfined(`no confinement is known for ${process.platform}`);
  const ways = candidates(process.getuid?.() === 0);
  if (ways.length === 0)
    return unconfined('neither bubblewrap nor util-linux (unshare, setpriv, prlimit) is installed');
  const loopback = findProgram('ip');
  const reasons: string[] = [];
  let layers: readonly SandboxLayer[] = [];
  for (const way of ways) {
    const found = await tryWay(way, loopback);
    const label = way.filter === null ? way.name : `${way.name} with a filter by ${way.filter}`;
    if (found.reason === null) {
      log.debug({ sandbox: way.name, filter: way.filter }, 'sandbox found');
      const shown = way.filter === null ? withoutFilter(found.layers, reasons) : found.layers;
      return { name: way.name, layers: shown, confined: true, reason: null, run: found.run };
    }
    if (found.layers.length > 0) layers = found.layers;
    reasons.push(`${label}: ${found.reason}`);
  }
  log.warn({ reasons }, 'no sandbox');
  return unconfined(`no confinement is possible here (${reasons.join('; ')})`, layers);
}
