import type { TextFiles } from './bundle.ts';

/** How a test file is run. `pyscript` and `nodescript`: the file itself decides, by ending normally or not. */
export const RUN_KINDS = ['pyscript', 'unittest', 'pytest', 'nodescript', 'jest'] as const;
export type RunKind = (typeof RUN_KINDS)[number];

/** Calls to try on a piece of code; what they mean is said by `probe-plan.ts`. */
export interface ProbeCall {
  readonly fn: string;
  /** Arguments as source text of the language. */
  readonly args: string;
  /** What it must return, as source text; absent where only how it ends matters. */
  readonly expected?: string;
  /** Statements to run before, in the same scope; for examples that build on others. */
  readonly setup?: string;
}

/** One run of one text of the code against tests. */
export interface TestRunRequest {
  readonly kind: RunKind | 'probe';
  /** The project as far as the run needs it: the code under test, what it imports, the tests. */
  readonly files: TextFiles;
  /** The test file, or for `probe` the module under test. */
  readonly main: string;
  /** `even`: every other test in definition order, from the first. */
  readonly filter?: 'even' | 'all';
  /** Names of the tests to run, as the runner reports them; default all. */
  readonly tests?: readonly string[];
  /** Count `xtest`, `xit` and `xdescribe` as tests. */
  readonly skippedCount?: boolean;
  readonly calls?: readonly ProbeCall[];
  /** Texts with Python doctests, for `probe`. */
  readonly doctests?: readonly (readonly [name: string, text: string])[];
  /** For `probe`: functions whose own documentation is tried; default all. */
  readonly only?: readonly string[];
  /** For `probe`: also try arguments like those of the calls. */
  readonly vary?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Stop at the first test that fails. */
  readonly failFast?: boolean;
  /** The text under test carries marks, which are reported. */
  readonly marks?: boolean;
  /** Processor time in seconds, default 4. Wall time is limited to four times that. */
  readonly cpuSeconds?: number;
  /** Memory in MiB, default 512. */
  readonly memoryMb?: number;
  /** The project's folder that paths here are relative to; default: the project itself. */
  readonly root?: string;
  /** Packages that the project declares (`*`: any): code that needs one which this machine lacks is not judged. */
  readonly declared?: readonly string[];
  /** Run it even where a result of the same run is kept. */
  readonly again?: boolean;
}

/** One test that failed, with what helps to put it right. */
export interface TestFailure {
  readonly test: string;
  readonly message: string;
  /** The call or the test's own text. */
  readonly input?: string;
  readonly expected?: string;
  readonly actual?: string;
  /** The statement of the test at which it failed. */
  readonly statement?: string;
  /** Where in the code under test. */
  readonly file?: string;
  readonly line?: number;
  /** A module that could not be found. */
  readonly missing?: string;
}

/** How one call went. */
export interface ProbeAnswer {
  readonly fn: string;
  /** `example`: a call of the request; `doctest`: a failed example; `doctests`: counts; `again`: an example's call repeated; `near`, `edge`: varied arguments. */
  readonly role: 'example' | 'doctest' | 'doctests' | 'again' | 'near' | 'edge';
  /** Where a doctest stands: in the code's own documentation or in the task. */
  readonly origin?: 'own' | 'task';
  /** A doctest that calls one of the module's functions and nothing else. */
  readonly direct?: boolean;
  /** The arguments as source text. */
  readonly args: string;
  readonly expected?: string;
  /** `crash` means that the code raised; `hang` that it took too long. */
  readonly ended: 'value' | 'crash' | 'hang' | 'unusable';
  /** The value as text, or the exception. */
  readonly text: string;
  /** Type of the value or name of the exception. */
  readonly type: string;
  /** Whether it is what was expected; null where nothing was. */
  readonly matches: boolean | null;
  /** The arguments after the call differ from those before. */
  readonly mutated: boolean;
  /** A second call with the same arguments gave another answer. */
  readonly unstable: boolean;
  readonly line?: number | null;
}

export interface TestRunResult {
  /** `failed`: a test failed or the code ended, hung or broke the run. `not_run`: nothing can be said, `reason` says why. */
  readonly outcome: 'passed' | 'failed' | 'not_run';
  readonly reason: string | null;
  readonly passed: readonly string[];
  readonly failures: readonly TestFailure[];
  readonly answers?: readonly ProbeAnswer[];
  /** How often the run took each way of a marked text. */
  readonly marks?: Readonly<Record<string, number>>;
  /** Tail of what was printed. */
  readonly output: string;
  readonly durationMs: number;
}

/** A result that says nothing, and why. */
export function noRun(reason: string): TestRunResult {
  return { outcome: 'not_run', reason, passed: [], failures: [], output: '', durationMs: 0 };
}
