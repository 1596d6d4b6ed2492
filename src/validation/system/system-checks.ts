import { availableParallelism } from 'node:os';
import { posix } from 'node:path';
import type { AcceptanceCriterion, CheckResult, ProjectCheck, SourceFile } from '../../domain/index.ts';
import type { Sandbox } from '../../adapters/sandbox/index.ts';
import { notRun } from '../report.ts';
import { acceptanceChecks } from './acceptance.ts';
import { Limiter } from './limiter.ts';
import type { PartContext } from './part-run.ts';
import { checkNodePart } from './node-checks.ts';
import { checkPythonPart } from './python-checks.ts';
import { checkReactVitePart } from './react-vite-checks.ts';
import { securityCheck, vulnerabilitiesCheck } from './security-scan.ts';
import type { Toolchains } from './toolchains.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

interface Project {
  readonly files: readonly SourceFile[];
  readonly checks: readonly ProjectCheck[];
  readonly criteria?: readonly AcceptanceCriterion[];
  readonly only?: readonly string[];
}

interface Environment {
  readonly sandbox: Sandbox;
  readonly toolchains: Toolchains;
}

/** One limit for the whole process: concurrent validations share the cores. */
const limiter = new Limiter(availableParallelism());

const UNMEASURED = notRun('performance', 'speed is not measured by this version');

/** Checks of the project as a whole, beside those of its parts. */
function projectChecks(project: Project, parts: readonly CheckResult[]): CheckResult[] {
  if (project.only !== undefined) return [];
  return [
    ...acceptanceChecks(project.criteria ?? [], parts),
    securityCheck(project.files),
    vulnerabilitiesCheck(),
    UNMEASURED,
  ];
}

function adviceFor(toolchains: Toolchains, toolchain: string): string {
  return toolchains.states.find((state) => state.name === toolchain)?.detail ?? `${toolchain} is not known here`;
}

function checkPart(
  environment: Environment,
  check: ProjectCheck,
  files: readonly SourceFile[],
  workspace: Workspace,
  run: { readonly signal?: AbortSignal | undefined; readonly only?: readonly string[] | undefined },
): Promise<CheckResult[]> {
  const { signal, only } = run;
  const { sandbox, toolchains } = environment;
  const context: PartContext = {
    name: check.name,
    directory: posix.normalize(check.directory),
    folder: workspace.folder,
    sandbox,
    limiter,
    ...(signal === undefined ? {} : { signal }),
    ...(only === undefined ? {} : { only }),
  };
  const advice = adviceFor(toolchains, check.toolchain);
  switch (check.toolchain) {
    case 'python':
      return checkPythonPart(context, toolchains.python, files, advice);
    case 'react-vite':
      return checkReactVitePart(context, toolchains.nodePackages, files, workspace, advice);
    case 'node':
      return checkNodePart(context, toolchains.node, files, workspace, advice);
  }
}

/** All level 4 checks of a project. Every tool runs in the sandbox; without one, nothing runs and every check says why. */
export async function runSystemChecks(
  environment: Environment,
  project: Project,
  signal?: AbortSignal,
): Promise<CheckResult[]> {
  const { sandbox } = environment;
  if (project.checks.length === 0)
    return [notRun('tests', 'the plan names no part that can be checked as a whole'), ...projectChecks(project, [])];
  if (!sandbox.confined) {
    const reason = `generated code is not run unconfined: ${sandbox.reason ?? 'no sandbox'}`;
    const parts = project.checks.map((check) => ({ ...notRun('tests', reason), part: check.name }));
    return [...parts, ...projectChecks(project, parts)];
  }
  const workspace = await openWorkspace(project.files);
  try {
    const parts = await Promise.all(
      project.checks.map((check) =>
        checkPart(environment, check, project.files, workspace, { signal, only: project.only }),
      ),
    );
    return [...parts.flat(), ...projectChecks(project, parts.flat())];
  } finally {
    await workspace.remove();
  }
}
