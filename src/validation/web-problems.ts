import type { SyntaxProblem } from './syntax-problem.ts';

/**
 * HTML and CSS have no text that their readers refuse: they recover. What no recovery makes right is something that is opened and
 * never closed, which is also how truncated text looks. The grammars flag far more (a bare `>`, `url(./a.css)`, `width <= 600px`).
 */

const CLOSERS: Readonly<Record<string, string>> = { '{': '}', '(': ')', '[': ']' };

function problem(start: number, rule: string, message: string): SyntaxProblem {
  return { start, end: start + 1, rule, message };
}

/** The position after a CSS string, comment or bare `url(…)` that begins at `at`; `at` where none begins, -1 where it does not end. */
function skipOpaque(text: string, at: number): number {
  const char = text[at];
  if (text.startsWith('/*', at)) {
    const end = text.indexOf('*/', at + 2);
    return end < 0 ? -1 : end + 2;
  }
  if (char === '"' || char === "'") {
    for (let i = at + 1; i < text.length; i++) {
      if (text[i] === '\\') i += 1;
      else if (text[i] === char) return i + 1;
      else if (text[i] === '\n') return -1;
    }
    return -1;
  }
  const url = /^url\(\s*(?!["'\s])/i.exec(text.slice(at, at + 40));
  if (url === null) return at;
  const end = text.indexOf(')', at + url[0].length);
  return end < 0 ? -1 : end + 1;
}

/** Brackets, strings and comments of a style sheet that do not close, and closing brackets that nothing opened. */
export function cssProblems(text: string): SyntaxProblem[] {
  const open: { char: string; at: number }[] = [];
  let at = 0;
  while (at < text.length) {
    const after = skipOpaque(text, at);
    if (after < 0) return [problem(at, 'unclosed', 'this is opened here and never closed')];
    if (after > at) {
      at = after;
      continue;
    }
    const char = text[at] ?? '';
    if (char === '\\') at += 1;
    else if (CLOSERS[char] !== undefined) open.push({ char, at });
    else if (char === '}' || char === ')' || char === ']') {
      const last = open.pop();
      if (last === undefined || CLOSERS[last.char] !== char)
        return [problem(at, 'unopened', `"${char}" closes nothing that is open here`)];
    }
    at += 1;
  }
  return open.map(({ char, at: where }) => problem(where, 'unclosed', `"${char}" is opened here and never closed`));
}

/** Elements whose content is no markup. */
const RAW_ELEMENT = /^<(script|style|textarea|title)\b/i;

/** The position after the tag that begins at `at`, with quoted values read as one; -1 where it does not end. */
function endOfTag(text: string, at: number): number {
  let quote = '';
  for (let i = at; i < text.length; i++) {
    const char = text[i] ?? '';
    if (quote !== '') quote = char === quote ? '' : quote;
    else if ((char === '"' || char === "'") && /=\s*$/.test(text.slice(Math.max(at, i - 10), i))) quote = char;
    else if (char === '>') return i + 1;
  }
  return -1;
}

/** Comments, tags and raw elements (`script`, `style`) of a page that do not close. */
export function htmlProblems(text: string): SyntaxProblem[] {
  let at = text.indexOf('<');
  while (at >= 0) {
    if (text.startsWith('<!--', at)) {
      const end = text.indexOf('-->', at + 4);
      if (end < 0) return [problem(at, 'unclosed', 'the comment is never closed')];
      at = text.indexOf('<', end + 3);
      continue;
    }
    if (!/^<[a-z/!?]/i.test(text.slice(at, at + 2))) {
      at = text.indexOf('<', at + 1);
      continue;
    }
    const end = endOfTag(text, at);
    if (end < 0) return [problem(at, 'unclosed', 'the tag is never closed')];
    const raw = RAW_ELEMENT.exec(text.slice(at, at + 12))?.[1];
    const close =
      raw === undefined || text[end - 2] === '/' ? end : text.toLowerCase().indexOf(`</${raw.toLowerCase()}`, end);
    if (close < 0) return [problem(at, 'unclosed', `<${raw ?? ''}> is never closed`)];
    at = text.indexOf('<', close);
  }
  return [];
}
