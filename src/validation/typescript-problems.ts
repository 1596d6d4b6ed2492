import type TypeScript from 'typescript';
import { compiler } from './script/compiler.ts';
import { MAX_PROBLEMS, type SyntaxProblem } from './syntax-problem.ts';

/** Languages whose syntax the TypeScript compiler decides. */
export const TYPESCRIPT_FAMILY: ReadonlySet<string> = new Set(['typescript', 'tsx', 'javascript']);

const FILE_NAMES: Readonly<Record<string, string>> = { typescript: 'file.ts', tsx: 'file.tsx', javascript: 'file.js' };

/** `parseDiagnostics` is what the parser itself found; the public API has it only behind a whole program. */
interface ParsedSource extends TypeScript.SourceFile {
  readonly parseDiagnostics: readonly TypeScript.DiagnosticWithLocation[];
}

function toProblem(ts: typeof TypeScript, diagnostic: TypeScript.DiagnosticWithLocation): SyntaxProblem {
  return {
    start: diagnostic.start,
    end: diagnostic.start + diagnostic.length,
    rule: `TS${diagnostic.code}`,
    message: ts.flattenDiagnosticMessageText(diagnostic.messageText, ' '),
  };
}

function isTypeSyntax(ts: typeof TypeScript, node: TypeScript.Node): boolean {
  return (
    ts.isTypeNode(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isEnumDeclaration(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isNonNullExpression(node)
  );
}

/** Type syntax, which the parser reads in JavaScript files too. `extends Base` is a type node in the tree but plain JavaScript. */
function typeSyntaxInJavaScript(ts: typeof TypeScript, source: TypeScript.SourceFile): SyntaxProblem[] {
  const problems: SyntaxProblem[] = [];
  const visit = (node: TypeScript.Node): void => {
    if (problems.length >= MAX_PROBLEMS) return;
    if (!ts.isExpressionWithTypeArguments(node) && isTypeSyntax(ts, node)) {
      const start = node.getStart(source);
      problems.push({
        start,
        end: node.end,
        rule: 'typescript-in-javascript',
        message: 'this is TypeScript, in a JavaScript file',
      });
      return;
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return problems;
}

/** What the TypeScript compiler's parser says about a text of its family: the judge where the grammar is stricter or laxer. */
export function typescriptProblems(language: string, text: string): SyntaxProblem[] {
  const ts = compiler();
  const name = FILE_NAMES[language] ?? 'file.ts';
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, language === 'javascript') as ParsedSource;
  const problems = source.parseDiagnostics.slice(0, MAX_PROBLEMS).map((diagnostic) => toProblem(ts, diagnostic));
  if (language === 'javascript' && problems.length === 0) return typeSyntaxInJavaScript(ts, source);
  return problems;
}

const COMMENTED_JSON =
  /(^|\/)(tsconfig[^/]*|jsconfig[^/]*|devcontainer|\.eslintrc|\.babelrc|\.swcrc|api-extractor)(\.json)?$|\.jsonc$|(^|\/)\.vscode\//;

/** Problems of a JSON text. Comments and trailing commas are allowed where the file's readers allow them (tsconfig.json and kin). */
export function jsonProblems(path: string, text: string): SyntaxProblem[] {
  const body = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const lenient = COMMENTED_JSON.test(path);
  if (!lenient) {
    try {
      JSON.parse(body);
      return [];
    } catch {
      // The compiler's reader below knows the position; the engine's message has a different form in every version of Node.
    }
  }
  const ts = compiler();
  const parsed = ts.parseJsonText('file.json', text) as TypeScript.JsonSourceFile &
    Pick<ParsedSource, 'parseDiagnostics'>;
  const problems = parsed.parseDiagnostics.slice(0, MAX_PROBLEMS).map((diagnostic) => toProblem(ts, diagnostic));
  if (problems.length > 0 || lenient) return problems;
  return [strictJsonProblem(body, text.length - body.length)];
}

/** For what only the strict reader refuses (a trailing comma, a comment): the first position after which nothing can be read. */
function strictJsonProblem(body: string, offset: number): SyntaxProblem {
  const match = /,(\s*[}\]])|\/\/|\/\*/.exec(body);
  const start = (match?.index ?? Math.max(0, body.length - 1)) + offset;
  return {
    start,
    end: start + 1,
    rule: 'strict-json',
    message: 'JSON allows neither comments nor a comma after the last element',
  };
}
