import type { CheckResult, SourceFile } from '../../domain/index.ts';
import { notRun } from '../report.ts';
import { eslintCheck } from './eslint-check.ts';
import type { NodePackages } from './node-packages.ts';
import { checkNodePackages, type NodePart, nodeTool, typesCheck, vitestCheck } from './node-part.ts';
import { isWanted, judgeByExit, type PartContext, toolCheck } from './part-run.ts';
import { reactStartup } from './react-startup.ts';
import type { Workspace } from './workspace.ts';

const CHECKS = ['types', 'build', 'tests', 'startup'];

function buildCheck(context: PartContext, packages: NodePackages): Promise<CheckResult> {
  const run = nodeTool(packages, 'vite/bin/vite.js', ['build', '--logLevel', 'warn'], 180_000);
  const inProduction = { ...run, env: { ...run.env, NODE_ENV: 'production' } };
  return toolCheck(context, 'build', inProduction, (result) => judgeByExit(result, 'vite-build', context.directory));
}

const one = (check: CheckResult): CheckResult[] => [check];

/** A page that does not build is not opened. */
async function buildAndOpen(context: PartContext, packages: NodePackages): Promise<CheckResult[]> {
  const build = await buildCheck(context, packages);
  if (!isWanted(context, 'startup')) return [build];
  if (build.outcome !== 'passed')
    return [build, { ...notRun('startup', 'there is no built page to open'), part: context.name }];
  return [build, await reactStartup(context, nodeTool(packages, 'vite/bin/vite.js', [], 60_000))];
}

async function checkParts(context: PartContext, part: NodePart): Promise<CheckResult[]> {
  const { packages, manifest } = part;
  const checks = [
    ...(isWanted(context, 'types') ? [typesCheck(context, packages, manifest.hasReferences).then(one)] : []),
    ...(isWanted(context, 'build') || isWanted(context, 'startup') ? [buildAndOpen(context, packages)] : []),
    ...(isWanted(context, 'lint') ? [eslintCheck(context, part)] : []),
    ...(isWanted(context, 'tests') ? [vitestCheck(context, packages).then(one)] : []),
  ];
  return (await Promise.all(checks)).flat();
}

/** Level 4 of a React and Vite part: its packages are known, it type-checks, builds, its linter finds nothing, its tests pass, its page renders. */
export function checkReactVitePart(
  context: PartContext,
  packages: NodePackages | null,
  files: readonly SourceFile[],
  workspace: Workspace,
  advice: string,
): Promise<CheckResult[]> {
  const project = { files, workspace, advice };
  return checkNodePackages(context, packages, project, CHECKS, (part) => checkParts(context, part));
}
