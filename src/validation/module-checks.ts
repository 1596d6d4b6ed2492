import { decodeSource, type SourceParser } from '../adapters/parser/index.ts';
import type { CheckResult, SourceFile } from '../domain/index.ts';
import { timed, toFindings } from './atom-checks.ts';
import type { TaskContract } from './contract/task-contract.ts';
import { duplicateDefinitions, knowsDefinitions } from './duplicates.ts';
import { notRun } from './report.ts';
import { judgeSyntax } from './syntax.ts';

function syntaxCheck(parser: SourceParser, file: SourceFile, text: string): CheckResult {
  const began = performance.now();
  const verdict = judgeSyntax(parser, file, text);
  if ('notRun' in verdict) return notRun('syntax', verdict.notRun);
  return timed('syntax', () => toFindings(file.path, text, verdict.problems), began);
}

function duplicatesCheck(parser: SourceParser, file: SourceFile, text: string): CheckResult {
  if (!knowsDefinitions(file.language)) return notRun('duplicates', `definitions of ${file.language} are not compared`);
  const tree = parser.parse(file.language, text);
  if (tree === null) return notRun('duplicates', 'the file could not be parsed in time');
  try {
    return timed('duplicates', () => toFindings(file.path, text, duplicateDefinitions(tree, file.language)));
  } finally {
    tree.delete();
  }
}

/** All level 2 checks of an assembled file. What this version does not check says so. */
export function checkModule(parser: SourceParser, file: SourceFile, contract?: TaskContract): CheckResult[] {
  const { text } = decodeSource(file.bytes);
  return [
    syntaxCheck(parser, file, text),
    duplicatesCheck(parser, file, text),
    notRun('imports', 'imports and names are not resolved at level 2 by this version'),
    notRun('naming', 'naming is not checked by this version'),
    notRun('contracts', 'exports are not compared with their users by this version'),
  ];
}
