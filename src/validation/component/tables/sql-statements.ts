/** The statements of an SQL text and the parts of a list, found by brackets and quotes; comments count as blanks. */

export interface SqlPart {
  readonly text: string;
  /** Where it begins in the whole text. */
  readonly at: number;
}

const SKIPPED = /--[^\n]*|\/\*[\s\S]*?\*\//g;

/** What undoes a migration stands behind such a line. */
const UNDO = /^[ \t]*--[ \t]*(?:migrate:down|\+goose down|\+migrate down|down migration|rollback)\b/im;

/** The text that is carried out, at its own positions: without comments, and without what undoes it. */
export function executedSql(text: string): string {
  const undo = UNDO.exec(text);
  return text.slice(0, undo?.index ?? text.length).replace(SKIPPED, (found) => found.replace(/[^\n]/g, ' '));
}

function endOfQuote(text: string, open: number): number {
  const quote = text[open];
  if (quote === '$') {
    const [tag] = /^\$\w*\$/.exec(text.slice(open)) ?? [];
    const close = tag === undefined ? -1 : text.indexOf(tag, open + tag.length);
    return tag === undefined || close < 0 ? open : close + tag.length - 1;
  }
  const close = text.indexOf(quote ?? '', open + 1);
  return close < 0 ? text.length : close;
}

/** Splits at a separator that stands in no bracket and no quote. */
export function splitSql(text: string, separator: string, offset = 0): SqlPart[] {
  const parts: SqlPart[] = [];
  let depth = 0;
  let start = 0;
  const take = (end: number): void => {
    const raw = text.slice(start, end);
    if (raw.trim() !== '') parts.push({ text: raw.trim(), at: offset + start + raw.length - raw.trimStart().length });
    start = end + 1;
  };
  for (let i = 0; i < text.length; i += 1) {
    const c = text[i];
    if (c === "'" || c === '"' || c === '`' || c === '$') i = endOfQuote(text, i);
    else if (c === '(') depth += 1;
    else if (c === ')') depth -= 1;
    else if (c === separator && depth === 0) take(i);
  }
  take(text.length);
  return parts;
}

/** What stands in the first brackets, and where. */
export function bracketOf({ text, at }: SqlPart): SqlPart | null {
  const open = text.indexOf('(');
  if (open < 0) return null;
  let depth = 0;
  for (let i = open; i < text.length; i += 1) {
    const c = text[i];
    if (c === "'" || c === '"' || c === '`') i = endOfQuote(text, i);
    else if (c === '(') depth += 1;
    else if (c === ')' && --depth === 0) return { text: text.slice(open + 1, i), at: at + open + 1 };
  }
  return null;
}

/** A name without quotes and schema, in lower case. */
export function plainName(name: string): string {
  return (name.split('.').at(-1) ?? name).replaceAll(/["'`[\]]/g, '').toLowerCase();
}
