import { hasGrammar, type SourceParser } from '../adapters/parser/index.ts';
import { pythonStructureProblems } from './python/structure.ts';
import { opinionOn } from './syntax-opinion.ts';
import type { SyntaxProblem } from './syntax-problem.ts';
import { treeProblems } from './tree-problems.ts';
import { jsonProblems, TYPESCRIPT_FAMILY, typescriptProblems } from './typescript-problems.ts';
import { cssProblems, htmlProblems } from './web-problems.ts';

/** Longest parse, in milliseconds. */
const PARSE_BUDGET_MS = 5_000;

/** The problems of one text, or the reason why nobody can say. */
export type SyntaxVerdict = { readonly problems: readonly SyntaxProblem[] } | { readonly notRun: string };

/** What is left of a grammar's problems when somebody else has looked at the text. */
function withSecondOpinion(language: string, text: string, problems: readonly SyntaxProblem[]): SyntaxProblem[] {
  const opinion = opinionOn(language, text);
  if (opinion === 'right') return [];
  return problems.map((problem) => ({ ...problem, certain: opinion === 'wrong' }));
}

function grammarProblems(parser: SourceParser, language: string, text: string): SyntaxVerdict {
  const tree = parser.read(language, text, { budgetMs: PARSE_BUDGET_MS });
  if (tree === null) return { notRun: `parsing did not end within ${PARSE_BUDGET_MS / 1_000} s` };
  const problems = tree.rootNode.hasError ? treeProblems(tree) : [];
  if (problems.length > 0) return { problems: withSecondOpinion(language, text, problems) };
  return { problems: language === 'python' ? pythonStructureProblems(tree, text) : [] };
}

function judge(parser: SourceParser, file: { path: string; language: string }, text: string): SyntaxVerdict {
  if (TYPESCRIPT_FAMILY.has(file.language)) return { problems: typescriptProblems(file.language, text) };
  if (file.language === 'json') return { problems: jsonProblems(file.path, text) };
  if (file.language === 'css') return { problems: cssProblems(text) };
  if (file.language === 'html') return { problems: htmlProblems(text) };
  if (!hasGrammar(file.language)) return { notRun: `no parser for ${file.language} is installed` };
  return grammarProblems(parser, file.language, text);
}

/**
 * Judges the syntax of a whole text. TypeScript and JavaScript are judged by the TypeScript compiler's parser and JSON by a
 * strict reader: the grammars flag some right code of these (0.6 % of real TypeScript files) and let some wrong code pass. HTML
 * and CSS, whose readers recover from everything, are judged by what is opened and never closed. What only a grammar refuses is
 * not certain and counts as a warning; Python is settled by the linter's parser, and brackets that do not match settle it anywhere.
 */
export function judgeSyntax(
  parser: SourceParser,
  file: { readonly path: string; readonly language: string },
  text: string,
): SyntaxVerdict {
  try {
    return judge(parser, file, text);
  } catch (error) {
    // Text nested so deeply that the parser's own stack ends is no program that anyone could compile.
    if (!(error instanceof RangeError)) throw error;
    return {
      problems: [{ start: 0, end: text.length, rule: 'too-deep', message: 'the code is nested too deeply to be read' }],
    };
  }
}
