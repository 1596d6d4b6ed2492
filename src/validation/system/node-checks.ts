import { decodeSource } from '../../adapters/parser/index.ts';
import type { CheckResult, SourceFile } from '../../domain/index.ts';
import { notRun } from '../report.ts';
import { readCompilerOutput } from './compiler-output.ts';
import type { NodePackages } from './node-packages.ts';
import { checkNodePackages, type NodePart, nodeTool, typesCheck, vitestCheck } from './node-part.ts';
import { commandsOf } from './node-scripts.ts';
import { nodeStartup } from './node-startup.ts';
import { isWanted, judgeByExit, type PartContext, toolCheck } from './part-run.ts';
import type { Workspace } from './workspace.ts';

const CHECKS = ['types', 'build', 'tests', 'startup'];

/** Runs commands one after the other until one fails; ends as that one did. */
export const RUN_IN_ORDER = String.raw`
import { spawnSync } from 'node:child_process';
for (const [program, ...args] of JSON.parse(process.argv[1])) {
  const { status } = spawnSync(program === 'node' ? process.execPath : program, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
`;

function buildCheck(context: PartContext, { packages, manifest }: NodePart): Promise<CheckResult> {
  const none = (reason: string) => Promise.resolve({ ...notRun('build', reason), part: context.name });
  const script = manifest.scripts['build'];
  if (script === undefined) return none('package.json has no script "build"');
  const { commands, problem } = commandsOf(script);
  if (problem !== null) return none(problem);
  const run = nodeTool(packages, '', [], 180_000);
  const argv = ['node', '--input-type=module', '-e', RUN_IN_ORDER, JSON.stringify(commands)];
  return toolCheck(context, 'build', { ...run, argv }, (result) =>
    judgeByExit(result, 'build', context.directory, readCompilerOutput(result.stdout, context.directory)),
  );
}

const TESTS = /(?:^|\/)(?:tests?|__tests__)\/|\.(?:test|spec)\./;

/** Whether some source of the part listens for connections. */
function isServer(files: readonly SourceFile[], directory: string): boolean {
  const prefix = directory === '.' ? '' : `${directory}/`;
  return files.some(
    ({ path, bytes }) =>
      path.startsWith(prefix) &&
      /\.[cm]?[jt]s$/.test(path) &&
      !TESTS.test(path.slice(prefix.length)) &&
      /\.listen\(|\bserve\(/.test(decodeSource(bytes).text),
  );
}

function startupCheck(context: PartContext, part: NodePart, files: readonly SourceFile[]): Promise<CheckResult> {
  if (isServer(files, context.directory)) return nodeStartup(context, part, files);
  return Promise.resolve({ ...notRun('startup', 'the part starts no server'), part: context.name });
}

function testsCheck(context: PartContext, { packages, manifest }: NodePart): Promise<CheckResult> {
  if (manifest.dependencies['vitest'] !== undefined) return vitestCheck(context, packages);
  return Promise.resolve({
    ...notRun('tests', 'only tests of vitest are run, which it does not declare'),
    part: context.name,
  });
}

function staticCheck(context: PartContext, { packages, manifest }: NodePart): Promise<CheckResult> {
  if (manifest.hasTsconfig) return typesCheck(context, packages, manifest.hasReferences);
  return Promise.resolve({ ...notRun('types', 'there is no tsconfig.json'), part: context.name });
}

/** Level 4 of a part that runs on Node: its packages are known, it type-checks, builds, its tests pass, its server answers. */
export function checkNodePart(
  context: PartContext,
  packages: NodePackages | null,
  files: readonly SourceFile[],
  workspace: Workspace,
  advice: string,
): Promise<CheckResult[]> {
  return checkNodePackages(context, packages, { files, workspace, advice }, CHECKS, (part) =>
    Promise.all([
      ...(isWanted(context, 'types') ? [staticCheck(context, part)] : []),
      ...(isWanted(context, 'build') ? [buildCheck(context, part)] : []),
      ...(isWanted(context, 'tests') ? [testsCheck(context, part)] : []),
      ...(isWanted(context, 'startup') ? [startupCheck(context, part, files)] : []),
    ]),
  );
}
