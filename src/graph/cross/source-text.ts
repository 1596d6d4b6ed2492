/** Source text made safe to search: comments are blanked, strings are known. Lengths and lines stay as they are. */

/** A file as the passes over text see it. */
export interface CrossFile {
  readonly path: string;
  readonly language: string;
  readonly text: string;
  /** Graph index of the atom at a position; -1 for none. */
  atomAt(position: number): number;
}

export interface StringSpan {
  /** Position of the first character inside the quotes, and behind the last. */
  readonly start: number;
  readonly end: number;
  /** The part around which variables are put in: `f"…{x}…"`, `` `…${x}…` ``. */
  readonly template: boolean;
}

export interface Scanned {
  /** The text without comments, and without what stands in strings over several lines of Python. */
  readonly code: string;
  readonly strings: readonly StringSpan[];
}

const PYTHON = /#[^\n]*|([rRbBfFuU]{0,2})("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')/g;
const SCRIPT = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|()("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`)/g;
const SQL = /--[^\n]*|\/\*[\s\S]*?\*\//g;
const STYLE = /\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g;

const SCRIPTS = new Set(['typescript', 'tsx', 'javascript']);

export function isScript(language: string): boolean {
  return SCRIPTS.has(language);
}

const blank = (text: string): string => text.replace(/[^\n]/g, ' ');

/** Finds comments and strings by their marks. Not a parser: a quote inside a regular expression or JSX text ends at its line. */
export function scan(text: string, language: string): Scanned {
  const strings: StringSpan[] = [];
  const python = language === 'python';
  if (!python && !isScript(language)) {
    return { code: text.replace(language === 'sql' ? SQL : STYLE, blank), strings };
  }
  const code = text.replace(python ? PYTHON : SCRIPT, (found: string, prefix: string, quoted: string, at: number) => {
    if (quoted === undefined) return blank(found);
    const long = quoted.startsWith('"""') || quoted.startsWith("'''");
    const width = long ? 3 : 1;
    const start = at + prefix.length + width;
    const end = at + found.length - width;
    strings.push({ start, end, template: /f/i.test(prefix) || quoted.startsWith('`') });
    return long ? prefix + quoted.slice(0, 3) + blank(quoted.slice(3, -3)) + quoted.slice(-3) : found;
  });
  return { code, strings };
}

/** The position behind the bracket that closes the one at `open`; the end of the text where none does. Looks 4,000 characters far. */
export function closingOf(code: string, open: number): number {
  const limit = Math.min(code.length, open + 4_000);
  let depth = 0;
  for (let i = open; i < limit; i += 1) {
    const c = code[i];
    if (c === '(' || c === '[' || c === '{') depth += 1;
    else if (c === ')' || c === ']' || c === '}') {
      depth -= 1;
      if (depth === 0) return i + 1;
    } else if (c === '"' || c === "'" || c === '`') i = endOfQuote(code, i);
  }
  return limit;
}

function endOfQuote(code: string, open: number): number {
  const quote = code[open];
  for (let i = open + 1; i < code.length; i += 1) {
    if (code[i] === '\\') i += 1;
    else if (code[i] === quote) return i;
    else if (code[i] === '\n' && quote !== '`') return i;
  }
  return code.length;
}

/** The arguments of the call whose bracket opens at `open`, each with its position; blanks around them are left out. */
export function argumentsOf(code: string, open: number): { readonly text: string; readonly at: number }[] {
  const close = closingOf(code, open) - 1;
  const found: { text: string; at: number }[] = [];
  let depth = 0;
  let start = open + 1;
  const take = (end: number): void => {
    const raw = code.slice(start, end);
    const text = raw.trim();
    if (text !== '') found.push({ text, at: start + raw.length - raw.trimStart().length });
    start = end + 1;
  };
  for (let i = open + 1; i < close; i += 1) {
    const c = code[i];
    if (c === '"' || c === "'" || c === '`') i = endOfQuote(code, i);
    else if (c === '(' || c === '[' || c === '{') depth += 1;
    else if (c === ')' || c === ']' || c === '}') depth -= 1;
    else if (c === ',' && depth === 0) take(i);
  }
  take(close);
  return found;
}

/** 1-based line of a position. */
export function lineAt(text: string, position: number): number {
  let line = 1;
  for (let i = text.indexOf('\n'); i >= 0 && i < position; i = text.indexOf('\n', i + 1)) line += 1;
  return line;
}
