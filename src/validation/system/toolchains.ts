import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sandbox, SandboxSpec } from '../../adapters/sandbox/index.ts';
import { findNodePackages, type NodePackages, PACKAGES_INSIDE } from './node-packages.ts';
import { findPython, type Python } from './python-toolchain.ts';
import type { ToolchainState } from './toolchain-state.ts';

export interface Toolchains {
  readonly states: ToolchainState[];
  readonly python: Python | null;
  /** For React and Vite. */
  readonly nodePackages: NodePackages | null;
  /** For services and libraries on Node. */
  readonly node: NodePackages | null;
}

/** Runs a tool in the sandbox on an empty project; null when it works there, else what it said. */
async function tryInside(sandbox: Sandbox, spec: Pick<SandboxSpec, 'argv' | 'readOnly'>): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), 'mge-toolchain-'));
  try {
    const result = await sandbox.run({ ...spec, directory: folder, timeoutMs: 30_000, memoryMb: 1_024 });
    return result.exitCode === 0 ? null : (result.stderr.trim().split('\n').at(-1) ?? 'it does not start');
  } catch (error) {
    return (error as Error).message;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What is installed must also work from inside: a folder that only its owner may read, for one, does not. */
async function confirmed(
  sandbox: Sandbox,
  state: ToolchainState,
  spec: Pick<SandboxSpec, 'argv' | 'readOnly'> | null,
): Promise<ToolchainState> {
  if (!sandbox.confined || !state.available || spec === null) return state;
  const problem = await tryInside(sandbox, spec);
  return problem === null
    ? state
    : { ...state, available: false, detail: `${state.detail}; it does not work in the sandbox: ${problem}` };
}

/** Looks for what level 4 needs on this machine and tries it in the sandbox. No generated code is started here. */
export async function detectToolchains(sandbox: Sandbox, pythonCandidates?: readonly string[]): Promise<Toolchains> {
  const sandboxState: ToolchainState = {
    name: 'sandbox',
    available: sandbox.confined,
    detail: sandbox.confined ? `${sandbox.name}, probed` : (sandbox.reason ?? 'not confined'),
  };
  const { python, state: foundPython } = await findPython(pythonCandidates);
  const { packages, state: foundPackages } = findNodePackages('react-vite');
  const { packages: servicePackages, state: foundNode } = findNodePackages('node');
  const [pythonState, packagesState, nodeState] = await Promise.all([
    confirmed(
      sandbox,
      foundPython,
      python && { argv: [python.executable, '-c', 'import pytest'], readOnly: python.readOnly },
    ),
    confirmed(
      sandbox,
      foundPackages,
      packages && {
        argv: ['node', `${PACKAGES_INSIDE}/vite/bin/vite.js`, '--version'],
        readOnly: [{ from: packages.root, to: PACKAGES_INSIDE }],
      },
    ),
    confirmed(
      sandbox,
      foundNode,
      servicePackages && {
        argv: ['node', `${PACKAGES_INSIDE}/typescript/bin/tsc`, '--version'],
        readOnly: [{ from: servicePackages.root, to: PACKAGES_INSIDE }],
      },
    ),
  ]);
  return {
    states: [sandboxState, pythonState, packagesState, nodeState],
    // A Python that lacks a package may still do for projects that do not need it; one that does not start does not.
    python: foundPython.available && !pythonState.available ? null : python,
    nodePackages: packagesState.available ? packages : null,
    node: nodeState.available ? servicePackages : null,
  };
}
