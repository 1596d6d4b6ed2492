import type { Finding } from '../domain/index.ts';
import { FENCE, PLACEHOLDER_STATEMENT, residueRules, type ResidueRule } from './residue-rules.ts';
import { TextPositions } from './text-position.ts';

const HASH_COMMENTS: ReadonlySet<string> = new Set(['python', 'ruby', 'bash', 'yaml', 'toml', 'dockerfile']);
const SLASH_COMMENTS: ReadonlySet<string> = new Set([
  'typescript',
  'tsx',
  'javascript',
  'go',
  'java',
  'rust',
  'csharp',
  'php',
  'scss',
]);

/** The mark that begins a comment up to the end of the line; null where the language has none that is known here. */
function lineMark(language: string): string | null {
  if (HASH_COMMENTS.has(language)) return '#';
  if (SLASH_COMMENTS.has(language)) return '//';
  return language === 'sql' ? '--' : null;
}

/** True when the position lies behind a comment mark of its line, or in a block comment that began before it. */
function isInComment(text: string, index: number, language: string): boolean {
  const lineStart = text.lastIndexOf('\n', index - 1) + 1;
  const before = text.slice(lineStart, index);
  const mark = lineMark(language);
  if (mark !== null && (before.trimStart().startsWith(mark) || before.includes(` ${mark}`))) return true;
  if (/^\s*(?:\/?\*|<!--)/.test(before) || before.includes('/*')) return true;
  const opened = (open: string, close: string): boolean =>
    text.lastIndexOf(open, index) > text.lastIndexOf(close, index);
  return !HASH_COMMENTS.has(language) && (opened('/*', '*/') || opened('<!--', '-->'));
}

/** True when an odd number of triple quotes stands before the position: Python's docstrings may hold fenced examples. */
function isInPythonString(text: string, index: number, language: string): boolean {
  if (language !== 'python') return false;
  const before = text.slice(0, index);
  return ['"""', "'''"].some((quote) => (before.split(quote).length - 1) % 2 === 1);
}

function isHarmless(rule: ResidueRule, text: string, index: number, language: string): boolean {
  if (rule.inComment === true) return !isInComment(text, index, language);
  return rule === FENCE && (isInComment(text, index, language) || isInPythonString(text, index, language));
}

/** Positions of a rule's matches from `from` on, at their first character that is not space. */
function matches(rule: ResidueRule, text: string, from: number, language: string): number[] {
  return [...text.slice(from).matchAll(rule.pattern)]
    .map((match) => from + match.index + (match[0].length - match[0].trimStart().length))
    .filter((index) => !isHarmless(rule, text, index, language));
}

/** What the residue rules look at: a file, and where the candidate lies in it. */
export interface ResidueInput {
  readonly path: string;
  readonly language: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** The draft slice that the candidate replaces; null where there is none. */
  readonly draft: string | null;
  /** Lines of code that the atom was planned with. */
  readonly loc: number;
}

/** Lines that hold more than space and comment. */
function codeLines(text: string, language: string): string[] {
  const mark = lineMark(language);
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.trim());
  const isComment = (line: string): boolean =>
    (mark !== null && line.startsWith(mark) && !line.startsWith('#!')) || (mark === '//' && /^\/?\*/.test(line));
  return lines.filter((line) => line !== '' && !isComment(line));
}

function isEmptyAnswer({ draft, loc, language }: ResidueInput, candidate: string): boolean {
  if (codeLines(candidate, language).length > 0) return false;
  return draft === null ? loc > 0 : codeLines(draft, language).length > 0;
}

/** True when nothing but placeholders stands where the draft had statements. */
function isHollow({ draft, language }: ResidueInput, candidate: string): boolean {
  if (draft === null) return false;
  const lines = codeLines(candidate, language);
  const body = lines.filter((line) => !/[:{(,]$/.test(line) && !/^[)\]}]+[;,]?$/.test(line));
  if (body.length === 0 || !body.every((line) => PLACEHOLDER_STATEMENT.test(line))) return false;
  return codeLines(draft, language).length > lines.length;
}

/** Everything in a candidate that is a model's residue instead of code: fences, chat, refusals, elisions, empty answers. */
export function residueFindings(input: ResidueInput): Finding[] {
  const { path, language, start } = input;
  const text = input.text.slice(0, input.end);
  const candidate = text.slice(start);
  const positions = new TextPositions(input.text);
  const finding = (index: number, rule: string, message: string): Finding => ({
    file: path,
    ...positions.at(index),
    rule,
    severity: 'error',
    message,
    suggestion: null,
  });
  const findings = residueRules(language).flatMap((rule) =>
    matches(rule, text, start, language).map((index) => finding(index, rule.rule, rule.message)),
  );
  if (isEmptyAnswer(input, candidate)) {
    findings.push(finding(start, 'empty-candidate', 'the answer holds no code where the draft does'));
  } else if (isHollow(input, candidate)) {
    findings.push(finding(start, 'placeholder', 'a placeholder stands where the draft holds code'));
  }
  return findings;
}
