import type { CheckResult, ProjectCheck, SourceFile } from "../domain/index.ts";
import type { Sandbox } from "../adapters/sandbox/index.ts";
import type { AtomInput } from "./atom-checks.ts";
import { CheckAborted, CheckPool, type CheckJob } from "./check-pool.ts";
import type { TaskContract } from "./contract/task-contract.ts";
import { type LevelReport, notRun, reportOf } from "./report.ts";
import { runSystemChecks } from "./system/system-checks.ts";
import type { ToolchainState } from "./system/toolchain-state.ts";
import { detectToolchains, type Toolchains } from "./system/toolchains.ts";

export interface ValidationOptions {
  readonly sandbox: Sandbox;
  /** Checking threads; default: one less than the cores, at least 1. */
  readonly threads?: number;
  /** Longest time of one level 1 or 2 job in milliseconds; default 30,000. */
  readonly timeoutMs?: number;
  /** Programs of the host to look for; default: those that are found on the PATH. Tests pass their own. */
  readonly pythonCandidates?: readonly string[];
}

export interface SystemProject {
  readonly files: readonly SourceFile[];
  readonly checks: readonly ProjectCheck[];
}

/** The four levels. Levels 1 and 2 run in threads of this process, level 4 in the sandbox. */
export interface Validation {
  /** Level 1: a candidate inside its file. */
  validateAtom(input: AtomInput): Promise<LevelReport>;
  /** Level 2: an assembled file, held to its contract where one is given. */
  validateModule(
    file: SourceFile,
    contract?: TaskContract,
  ): Promise<LevelReport>;
  /** Level 3: the files of a folder or milestone (`paths`; all where absent) among those of the whole project. */
  validateComponent(
    files: readonly SourceFile[],
    paths?: readonly string[],
  ): Promise<LevelReport>;
  /** Level 4: the whole project with its own tools and tests. Never rejects for what the project does. */
  validateSystem(
    project: SystemProject,
    signal?: AbortSignal,
  ): Promise<LevelReport>;
  /** What level 4 can run on this machine. */
  toolchains(): Promise<ToolchainState[]>;
  close(): Promise<void>;
}

async function pooled(
  pool: CheckPool,
  job: CheckJob,
  firstCheck: string,
): Promise<CheckResult[]> {
  try {
    return await pool.run(job);
  } catch (error) {
    if (error instanceof CheckAborted)
      return [notRun(firstCheck, error.message)];
    throw error;
  }
}

/** Opens the validation. Nothing runs until the first call; toolchains are looked for at the first level 4. */
export async function createValidation(
  options: ValidationOptions,
): Promise<Validation> {
  const pool = new CheckPool({
    ...(options.threads === undefined ? {} : { threads: options.threads }),
    ...(options.timeoutMs === undefined
      ? {}
      : { timeoutMs: options.timeoutMs }),
  });
  let found: Promise<Toolchains> | undefined;
  const toolchains = (): Promise<Toolchains> =>
    (found ??= detectToolchains(options.sandbox, options.pythonCandidates));
  return {
    validateAtom: async (input) =>
      reportOf("atomic", await pooled(pool, { kind: "atom", input }, "syntax")),
    validateModule: async (file, contract) =>
      reportOf(
        "module",
        await pooled(
          pool,
          {
            kind: "module",
            file,
            ...(contract === undefined ? {} : { contract }),
          },
          "syntax",
        ),
      ),
    async validateComponent(files, paths) {
      if (files.length === 0)
        return reportOf("component", [
          notRun("contracts", "the component has no files"),
        ]);
      const input = { files, ...(paths === undefined ? {} : { paths }) };
      return reportOf(
        "component",
        await pooled(pool, { kind: "component", input }, "interfaces"),
      );
    },
    validateSystem: async (project, signal) =>
      reportOf(
        "system",
        await runSystemChecks(
          { sandbox: options.sandbox, toolchains: await toolchains() },
          project,
          signal,
        ),
      ),
    toolchains: async () => (await toolchains()).states,
    close: () => pool.close(),
  };
}
