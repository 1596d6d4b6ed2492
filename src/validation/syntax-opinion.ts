/**
 * A second opinion on text that only a grammar refuses. Grammars are sometimes wrong, so what they flag counts as a fault only
 * when somebody else finds one too: the parser of the language itself, or brackets that do not match.
 */
import { acceptsSyntax } from './python/ruff.ts';

export type SyntaxOpinion = 'right' | 'wrong' | 'unsure';

interface Lexis {
  /** One comment, string or character: brackets in it do not count. */
  readonly opaque: RegExp;
  /** Text whose strings or branches are not told apart here. */
  readonly beyond?: RegExp;
}

const STRING = String.raw`"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'`;
const COMMENT = String.raw`//[^\n]*|/\*[\s\S]*?\*/`;

const LEXES: Readonly<Record<string, Lexis>> = {
  go: { opaque: new RegExp(`${COMMENT}|\`[^\`]*\`|${STRING}`, 'y') },
  java: { opaque: new RegExp(String.raw`${COMMENT}|"""(?:\\[\s\S]|[^\\])*?"""|${STRING}`, 'y') },
  rust: {
    opaque: new RegExp(
      String.raw`${COMMENT}|b?r(#*)"[\s\S]*?"\1|"(?:\\[\s\S]|[^"\\])*"|'(?:\\(?:u\{[^}\n]*\}|x..|.)|[^'\\\n])'|'\w+`,
      'uy',
    ),
    beyond: /\/\*(?:(?!\*\/)[\s\S])*\/\*/,
  },
  csharp: {
    opaque: new RegExp(String.raw`${COMMENT}|@"(?:""|[^"])*"|${STRING}`, 'y'),
    beyond: /\$@?"|@\$"|"""|^\s*#\s*(?:if|elif|else)\b/m,
  },
};

const CLOSES: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };
const NOTICED = /["'`/(){}[\]]|\bb?r#*"/g;

/** Brackets in brackets that Python's compiler takes. */
const MAX_PYTHON_DEPTH = 200;

/** Whether the brackets of a text match; undefined where strings and comments cannot be told from the rest for sure. */
export function bracketsMatch(language: string, text: string): boolean | undefined {
  const lexis = LEXES[language];
  if (lexis === undefined || lexis.beyond?.test(text) === true) return undefined;
  const { opaque } = lexis;
  const open: string[] = [];
  NOTICED.lastIndex = 0;
  for (let found = NOTICED.exec(text); found !== null; found = NOTICED.exec(text)) {
    const char = found[0];
    opaque.lastIndex = found.index;
    if (opaque.test(text)) NOTICED.lastIndex = opaque.lastIndex;
    else if (/["'`]/.test(char)) return undefined;
    else if (/[([{]/.test(char)) open.push(char);
    else if (CLOSES[char] !== undefined && open.pop() !== CLOSES[char]) return false;
  }
  return open.length === 0;
}

/** Most brackets that are open at once, those in strings included. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const { 0: char } of text.matchAll(/[(){}[\]]/g)) {
    depth += CLOSES[char] === undefined ? 1 : -1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

/** What somebody other than the grammar says about a text that the grammar refuses. */
export function opinionOn(language: string, text: string): SyntaxOpinion {
  if (language === 'python') {
    if (depthOf(text) > MAX_PYTHON_DEPTH) return 'wrong';
    const accepted = acceptsSyntax(text);
    return accepted === null ? 'unsure' : accepted ? 'right' : 'wrong';
  }
  return bracketsMatch(language, text) === false ? 'wrong' : 'unsure';
}
