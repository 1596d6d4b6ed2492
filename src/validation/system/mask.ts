/** A text without its comments, and one without the insides of its strings too. Both have every character at its old place. */
export interface Masked {
  readonly text: string;
  readonly code: string;
}

const PYTHON = /#[^\n]*|[rbuRBU]*("""|''')[\s\S]*?\1|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g;
const SCRIPT = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`/g;

function blank(part: string): string {
  return part.replaceAll(/[^\n]/g, ' ');
}

/** Blanks comments and strings. Strings keep their quotes in `code`; templates keep what they interpolate. */
export function mask(source: string, isPython: boolean): Masked {
  const pattern = isPython ? PYTHON : SCRIPT;
  const isComment = (part: string): boolean =>
    isPython ? part.startsWith('#') : part.startsWith('//') || part.startsWith('/*');
  const text = source.replaceAll(pattern, (part) => (isComment(part) ? blank(part) : part));
  const code = source.replaceAll(pattern, (part) => {
    if (isComment(part)) return blank(part);
    const start = part.search(/["'`]/);
    return part.slice(0, start + 1) + blank(part.slice(start + 1, -1)) + part.slice(-1);
  });
  return { text, code };
}
