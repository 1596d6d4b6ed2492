import type { SandboxResult } from './sandbox.ts';

/** A program that sets up confinement and then runs something in it. */
export interface ConfinedCommand {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Bytes that the set-up reads from `INPUT_DESCRIPTOR`, one piece after the other. What lies in shared memory is not copied on the way. */
  readonly input?: readonly Uint8Array[];
}

/** Descriptor on which a set-up reads its `input`, and which the program does not get. */
export const INPUT_DESCRIPTOR = 4;

export interface LaunchLimits {
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly processes: number;
  /** Processor time in milliseconds of the program itself, where the system tells it; without it only wall time counts. */
  readonly cpuMs?: number;
  readonly outputBytes: number;
  readonly signal?: AbortSignal;
}

/** What the launching thread is to do: limits without their signal, which comes as an order of its own. */
export type LaunchJob =
  | { readonly kind: 'run'; readonly command: ConfinedCommand; readonly limits: Omit<LaunchLimits, 'signal'> }
  | { readonly kind: 'capture'; readonly command: ConfinedCommand; readonly timeoutMs: number };
export type LaunchOrder =
  | {
      readonly id: number;
      readonly job: LaunchJob;
      /** One shared number, where the leader of the process group is written as soon as it is there: a message could be lost with the thread. */
      readonly pid: Int32Array;
    }
  | { readonly abort: number };

/** What the launching thread says: how a job ended. */
export type LaunchReply =
  | { readonly id: number; readonly result: SandboxResult | Uint8Array }
  | { readonly id: number; readonly error: Error; readonly isUnavailable: boolean };
