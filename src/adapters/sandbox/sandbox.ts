/** One thing that stands between generated code and the host, and whether it is in force on this machine. */
export interface SandboxLayer {
  readonly name: string;
  readonly active: boolean;
  readonly detail: string;
}

/** Host files to show inside, read-only. A plain path appears under the same path. */
export type ReadOnlyPath = string | { readonly from: string; readonly to: string };

export interface SandboxSpec {
  /** Program and arguments. `node` is this program's own Node; other names are looked up in the sandbox's PATH. */
  readonly argv: readonly string[];
  /** Host folder whose copy becomes the writable `/project`; the folder itself is never written to. Symbolic links stay links. */
  readonly directory: string;
  /** Folder inside the project to start in; default `.`. */
  readonly workingDirectory?: string;
  readonly readOnly?: readonly ReadOnlyPath[];
  /** The whole environment beside HOME, PATH, LANG and TMPDIR. */
  readonly env?: Readonly<Record<string, string>>;
  /** Wall time in milliseconds. */
  readonly timeoutMs: number;
  /** Memory of each process, and of all together, in MiB. */
  readonly memoryMb: number;
  /** What the program may write to the project and to /tmp, each, in MiB; default 256. */
  readonly diskMb?: number;
  /** Processes and threads; default 192. */
  readonly processes?: number;
  /** Bytes of standard output, and of standard error, after which the program is stopped; default 1 MiB. */
  readonly outputBytes?: number;
  /** Absolute path inside the sandbox of a file to hand back when the program has ended. */
  readonly resultFile?: string;
  readonly signal?: AbortSignal;
}

/** Why a program was stopped from outside; null when it ended by itself. */
export type SandboxStop = 'time' | 'memory' | 'processes' | 'output' | 'aborted' | null;

export interface SandboxResult {
  /** Null when a signal ended the program. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly stoppedBy: SandboxStop;
  readonly stdout: string;
  readonly stderr: string;
  /** Content of `resultFile` (at most 8 MiB); null when it was not asked for or not written. */
  readonly result: string | null;
  readonly durationMs: number;
}

/** What one job may use. */
export interface InterpreterLimits {
  /** Wall time in milliseconds, with the start of the interpreter. */
  readonly timeoutMs: number;
  /** Processor time in milliseconds, with the start of the interpreter; counted on Linux only. */
  readonly cpuMs: number;
  /** Memory of the interpreter in MiB. */
  readonly memoryMb: number;
  readonly signal?: AbortSignal;
}

/** How a job ended. */
export interface InterpreterResult {
  /** What the program handed back; null when it did not live to do so. */
  readonly result: string | null;
  /** Tail of what it printed. */
  readonly printed: string;
  /** Why the program itself could not be run to its end, as far as the interpreter says. */
  readonly problem: string | null;
  readonly stoppedBy: SandboxStop;
  readonly durationMs: number;
}

/**
 * Interpreters that are WebAssembly: for machines that offer no confinement of programs. Each job runs in an interpreter of its own, in a
 * process of its own.
 */
export interface Interpreters {
  readonly layers: readonly SandboxLayer[];
  /** Version of the Python language that they run. */
  readonly pythonVersion: string;
  /** `program` defines `run_wasm_job(text)`, which gives text. It is prepared once and kept. */
  python(program: string, job: string, limits: InterpreterLimits): Promise<InterpreterResult>;
  /** `program` reads `__job` and calls `__host('result', text)`. */
  script(program: string, job: string, limits: InterpreterLimits): Promise<InterpreterResult>;
}

/** Confinement could not be set up, so nothing was run. */
export class SandboxUnavailable extends Error {
  override readonly name = 'SandboxUnavailable';
}

/** Where generated code runs. No program runs where `confined` is false; interpreters may serve what they can then. */
export interface Sandbox {
  /** `unshare`, `bubblewrap`, `wasm` or `none`. */
  readonly name: string;
  readonly layers: readonly SandboxLayer[];
  /** True when every layer that is needed has been seen at work by a probe on this machine. */
  readonly confined: boolean;
  /** Why it is not confined; null where it is. */
  readonly reason: string | null;
  /** What runs single files where programs cannot be confined; absent where they can, and where nothing may run. */
  readonly interpreters?: Interpreters;
  /** @throws {SandboxUnavailable} when not confined, or when the confinement fails to come up. */
  run(spec: SandboxSpec): Promise<SandboxResult>;
}
