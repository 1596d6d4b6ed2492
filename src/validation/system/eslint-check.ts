import { posix } from 'node:path';
import type { CheckResult, Finding } from '../../domain/index.ts';
import { notRun } from '../report.ts';
import { type NodePart, nodeTool } from './node-part.ts';
import { howItEnded, judgeByExit, type PartContext, toolCheck } from './part-run.ts';

const REPORT = '/tmp/mge-eslint.json';

/** Findings kept of one run. */
const MAX_FINDINGS = 100;

interface LintedFile {
  readonly filePath: string;
  readonly messages: readonly {
    readonly ruleId: string | null;
    readonly severity: number;
    readonly message: string;
    readonly line?: number;
    readonly column?: number;
  }[];
}

/** Reads `eslint --format json`; `root` is where the part is in the sandbox. */
export function readEslintReport(report: string, root: string, directory: string): Finding[] {
  let files: readonly LintedFile[];
  try {
    files = JSON.parse(report) as readonly LintedFile[];
  } catch {
    return [];
  }
  const findings = files.flatMap(({ filePath, messages }) =>
    messages.map(({ ruleId, severity, message, line = 1, column = 1 }): Finding => ({
      file: posix.join(directory, posix.relative(root, filePath)),
      line,
      column,
      rule: ruleId ?? 'eslint',
      severity: severity === 2 ? 'error' : 'warning',
      message,
      suggestion: null,
    })),
  );
  return findings.slice(0, MAX_FINDINGS);
}

/**
 * ESLint with the part's own rules, where its script `lint` is `eslint .`. Exit code 2 says that ESLint itself could not run, for
 * example because a plugin is not there: nothing is known of the code then.
 */
export async function eslintCheck(context: PartContext, part: NodePart): Promise<CheckResult[]> {
  const { packages, manifest } = part;
  if (!/^eslint \.($| )/.test(manifest.scripts['lint'] ?? '')) return [];
  if (packages.versionOf('eslint') === null)
    return [{ ...notRun('lint', 'eslint is not installed beside this program'), part: context.name }];
  const args = ['.', '--format', 'json', '--output-file', REPORT];
  const run = { ...nodeTool(packages, 'eslint/bin/eslint.js', args, 120_000), resultFile: REPORT };
  const check = await toolCheck(context, 'lint', run, (result) => {
    const output = `${result.stdout}\n${result.stderr}`.trim().slice(-8_000);
    if (result.exitCode !== 0 && result.exitCode !== 1)
      return { outcome: 'not_run', reason: `ESLint could not run: ${howItEnded(result)}`, findings: [], output };
    const root = posix.join('/project', context.directory);
    const findings = readEslintReport(result.result ?? '', root, context.directory);
    return judgeByExit(result, 'eslint', context.directory, findings);
  });
  return [check];
}
