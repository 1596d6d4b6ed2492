import { decodeSource, type SourceParser } from '../adapters/parser/index.ts';
import type { CheckResult, SourceFile } from '../domain/index.ts';
import { timed, toFindings } from './atom-checks.ts';
import type { TaskContract } from './contract/task-contract.ts';
import { duplicateDefinitions, knowsDefinitions } from './duplicates.ts';
import type { StaticServices } from './language-checks.ts';
import { notRun } from './report.ts';
import { moduleStaticChecks } from './static-checks.ts';
import { judgeSyntax } from './syntax.ts';

function syntaxCheck(parser: SourceParser, file: SourceFile, text: string): CheckResult {
  const began = performance.now();
  const verdict = judgeSyntax(parser, file, text);
  if ('notRun' in verdict) return notRun('syntax', verdict.notRun);
  return timed('syntax', () => toFindings(file.path, text, verdict.problems), began);
}

function duplicatesCheck(parser: SourceParser, file: SourceFile, text: string): CheckResult {
  if (!knowsDefinitions(file.language)) return notRun('duplicates', `definitions of ${file.language} are not compared`);
  const tree = parser.read(file.language, text);
  if (tree === null) return notRun('duplicates', 'the file could not be parsed in time');
  return timed('duplicates', () => toFindings(file.path, text, duplicateDefinitions(tree, file.language)));
}

/** The level 2 checks that look at a file's text and form. */
export function checkModule(parser: SourceParser, file: SourceFile): CheckResult[] {
  const { text } = decodeSource(file.bytes);
  return [
    syntaxCheck(parser, file, text),
    duplicatesCheck(parser, file, text),
    notRun('naming', 'naming is not checked by this version'),
  ];
}

/** All level 2 checks of an assembled file: its form, then imports, semantics, types and contracts by its language's rules. */
export async function checkModuleWhole(
  parser: SourceParser,
  services: StaticServices,
  file: SourceFile,
  contract: TaskContract | null,
): Promise<CheckResult[]> {
  const checks = checkModule(parser, file);
  const parses = checks.every(({ testType, outcome }) => testType !== 'syntax' || outcome === 'passed');
  const { text } = decodeSource(file.bytes);
  const input = { path: file.path, language: file.language, text, contract };
  return [...checks, ...(await moduleStaticChecks(parser, services, input, parses))];
}
