import type { Sandbox } from '../../adapters/sandbox/index.ts';
import { findNodePackages, type NodePackages } from './node-packages.ts';
import { findPython, type Python } from './python-toolchain.ts';
import type { ToolchainState } from './toolchain-state.ts';

export interface Toolchains {
  readonly states: ToolchainState[];
  readonly python: Python | null;
  readonly nodePackages: NodePackages | null;
}

/** Looks for what level 4 needs on this machine. Only programs of the host are started here, never generated code. */
export async function detectToolchains(sandbox: Sandbox, pythonCandidates?: readonly string[]): Promise<Toolchains> {
  const sandboxState: ToolchainState = {
    name: 'sandbox',
    available: sandbox.confined,
    detail: sandbox.confined ? `${sandbox.name}, probed` : (sandbox.reason ?? 'not confined'),
  };
  const python = await findPython(pythonCandidates);
  const nodePackages = findNodePackages();
  return {
    states: [sandboxState, python.state, nodePackages.state],
    python: python.python,
    nodePackages: nodePackages.packages,
  };
}
