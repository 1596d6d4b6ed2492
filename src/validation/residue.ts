import type { Finding } from '../domain/index.ts';
import { TextPositions } from './text-position.ts';

/** What a model leaves behind that is no code. */
interface ResidueRule {
  readonly rule: string;
  readonly pattern: RegExp;
  readonly message: string;
  /** Only inside comments: the words are harmless in a string or a document. */
  readonly inComment?: boolean;
}

const PROSE_LANGUAGES: ReadonlySet<string> = new Set(['markdown', 'text']);

const FENCE: ResidueRule = {
  rule: 'markdown-fence',
  pattern: /^[ \t]*(?:`{3,}|~{3,})[\w+#.-]*[ \t]*$/gm,
  message: 'a Markdown fence stands in the code; send the code alone',
};

const PHRASES: readonly ResidueRule[] = [
  {
    rule: 'model-voice',
    pattern: /\bas an? (?:AI|artificial intelligence)(?: language)?(?: model| assistant)\b/gi,
    message: 'the model speaks about itself instead of writing code',
  },
  {
    rule: 'refusal',
    pattern:
      /^[ \t]*(?:#|\/\/|\*|--)?[ \t]*I(?:['’]m| am) (?:sorry|unable|not able)\b[^\n]*\b(?:can(?:no|['’])t|unable|assist|help|provide|comply|generate)\b/gim,
    message: 'the model refuses instead of writing code',
  },
  {
    rule: 'chat-preamble',
    pattern:
      /^(?:Sure|Certainly|Of course|Absolutely)[,!.][^\n]*$|^Here(?: is|['’]s) (?:the|an?|your) (?:\w+ ){0,3}(?:code|implementation|function|file|version|solution)\b[^\n]*:[ \t]*$/gim,
    message: 'the answer begins with chat instead of code',
  },
];

const ELISIONS: readonly ResidueRule[] = [
  {
    rule: 'elision',
    pattern:
      /(?:\.{3}|…)\s*\(?(?:the\s+)?(?:rest|existing|remaining|previous|unchanged|same as|other (?:code|methods|functions|imports|fields)|more (?:code|methods|functions|fields)|omitted)\b[^\n]*/gi,
    message: 'a part is left out instead of written',
    inComment: true,
  },
  {
    rule: 'elision',
    pattern:
      /\b(?:rest|remainder) of (?:the |your |this )?(?:\w+ ){0,2}(?:code|file|function|class|method|implementation|component|logic|module)\b[^\n]*\b(?:unchanged|omitted|(?:goes|stays|remains|follows|is)(?: the)?(?: same| here)|as before|here|above)\b[^\n]*/gi,
    message: 'a part is left out instead of written',
    inComment: true,
  },
  {
    rule: 'elision',
    pattern:
      /\b(?:your|existing|previous|original|same|remaining|other) (?:code|implementation|logic|imports|methods|functions)(?: here)?\s*(?:\.{3}|…|here\b|goes here\b|unchanged\b|remains? the same\b)[^\n]*/gi,
    message: 'a part is left out instead of written',
    inComment: true,
  },
];

const LINE_COMMENT: Readonly<Record<string, string>> = {
  python: '#',
  ruby: '#',
  bash: '#',
  yaml: '#',
  toml: '#',
  dockerfile: '#',
  sql: '--',
};

/** True when the position lies behind a comment mark of its line, or in a block comment that began before it. */
function isInComment(text: string, index: number, language: string): boolean {
  const lineStart = text.lastIndexOf('\n', index - 1) + 1;
  const before = text.slice(lineStart, index);
  const mark = LINE_COMMENT[language] ?? '//';
  if (before.trimStart().startsWith(mark) || before.includes(` ${mark}`)) return true;
  if (/^\s*(?:\/?\*|<!--)/.test(before) || before.includes('/*')) return true;
  return (
    text.lastIndexOf('/*', index) > text.lastIndexOf('*/', index) ||
    text.lastIndexOf('<!--', index) > text.lastIndexOf('-->', index)
  );
}

/** True when an odd number of triple quotes stands before the position: Python's docstrings may hold fenced examples. */
function isInPythonString(text: string, index: number, language: string): boolean {
  if (language !== 'python') return false;
  const before = text.slice(0, index);
  return ['"""', "'''"].some((quote) => (before.split(quote).length - 1) % 2 === 1);
}

function matches(rule: ResidueRule, text: string, from: number, language: string): number[] {
  const found: number[] = [];
  const slice = text.slice(from);
  for (const match of slice.matchAll(rule.pattern)) {
    const index = from + match.index;
    const lead = match[0].length - match[0].trimStart().length;
    if (rule.inComment === true && !isInComment(text, index, language)) continue;
    found.push(index + lead);
  }
  return found;
}

/** What the residue rules look at: the file up to the end of the candidate, and where the candidate begins in it. */
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

function rulesFor(language: string): readonly ResidueRule[] {
  return PROSE_LANGUAGES.has(language)
    ? PHRASES.filter((rule) => rule.rule !== 'chat-preamble')
    : [FENCE, ...PHRASES, ...ELISIONS];
}

const PLACEHOLDER_BODY =
  /^(?:pass|\.\.\.|raise NotImplementedError(?:\(.*\))?|throw new Error\(\s*['"`](?:not implemented|to ?do|unimplemented)[^)]*\);?|(?:unimplemented|todo)!\(.*\);?)$/i;

function codeLines(text: string): string[] {
  return text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(?:#|\/\/|\/?\*)/.test(line));
}

/** True when nothing but placeholders stands where the draft had statements. */
function isHollow(candidate: string, draft: string | null): boolean {
  if (draft === null) return false;
  const lines = codeLines(candidate);
  const body = lines.filter((line) => !/[:{(,]$/.test(line) && !/^[)\]}]+[;,]?$/.test(line));
  if (body.length === 0 || !body.every((line) => PLACEHOLDER_BODY.test(line))) return false;
  return codeLines(draft).length > lines.length;
}

/** Everything in a candidate that is a model's residue instead of code: fences, chat, refusals, elisions, empty answers. */
export function residueFindings(input: ResidueInput): Finding[] {
  const { path, language, start, draft } = input;
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
  if (candidate.trim() === '') {
    const heldCode = draft === null ? input.loc > 0 : draft.trim() !== '';
    return heldCode ? [finding(start, 'empty-candidate', 'the answer is empty where the draft holds code')] : [];
  }
  const findings = rulesFor(language).flatMap((rule) =>
    matches(rule, text, start, language)
      .filter(
        (index) => rule !== FENCE || !(isInComment(text, index, language) || isInPythonString(text, index, language)),
      )
      .map((index) => finding(index, rule.rule, rule.message)),
  );
  if (isHollow(candidate, draft))
    findings.push(finding(start, 'placeholder', 'a placeholder stands where the draft holds code'));
  return findings;
}
