/** The lines of a text: where they start, which hold code. */
export interface Lines {
  readonly count: number;
  /** Position at which line i (from 0) starts; one entry more than lines: the end of the text. */
  readonly start: Uint32Array;
  /** Position of the first character that is not a space; the end of the line where it is blank. */
  readonly firstInk: Uint32Array;
  /** Position behind the last character that is not a space. */
  readonly lastInk: Uint32Array;
  /** 1 where the line holds code; blank lines never do. */
  readonly code: Uint8Array;
}

const LF = 10;
const SPACE = 32;
const BOM = 0xfeff;
const NBSP = 0xa0;

const isSpace = (unit: number): boolean => unit <= SPACE || unit === NBSP || unit === BOM;

/** Counts line ends first, so that the columns are made once and of the right size. */
function countLines(text: string): number {
  let lines = 1;
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) lines++;
  if (!text.includes('\r')) return lines;
  for (let i = text.indexOf('\r'); i >= 0; i = text.indexOf('\r', i + 1)) if (text.charCodeAt(i + 1) !== LF) lines++;
  return lines;
}

/**
 * Splits a text into lines at LF, CR LF and lone CR. Every line that is not blank counts as code until `markComments` says
 * otherwise. A text that ends with a line end has an empty last line.
 */
export function linesOf(text: string): Lines {
  const count = countLines(text);
  const start = new Uint32Array(count + 1);
  const firstInk = new Uint32Array(count);
  const lastInk = new Uint32Array(count);
  const code = new Uint8Array(count);
  const length = text.length;
  let lf = text.indexOf('\n');
  let cr = text.indexOf('\r');
  let from = 0;
  for (let line = 0; line < count; line++) {
    if (lf >= 0 && lf < from) lf = text.indexOf('\n', from);
    if (cr >= 0 && cr < from) cr = text.indexOf('\r', from);
    const endsAtCr = cr >= 0 && (lf < 0 || cr < lf);
    const end = endsAtCr ? cr : lf >= 0 ? lf : length;
    let first = from;
    while (first < end && isSpace(text.charCodeAt(first))) first++;
    let last = end;
    while (last > first && isSpace(text.charCodeAt(last - 1))) last--;
    firstInk[line] = first;
    lastInk[line] = last;
    code[line] = last > first ? 1 : 0;
    from = Math.min(length, end + (endsAtCr && lf === cr + 1 ? 2 : 1));
    start[line + 1] = from;
  }
  return { count, start, firstInk, lastInk, code };
}

/** Marks the lines on which [from, to) is all there is as holding no code. */
export function markComment(lines: Lines, from: number, to: number, fromLine: number): number {
  let line = fromLine;
  while (line < lines.count && (lines.start[line] as number) < to) {
    const covered = (lines.firstInk[line] as number) >= from && (lines.lastInk[line] as number) <= to;
    if (covered) lines.code[line] = 0;
    line++;
  }
  return line - 1;
}

/** The line on which a position lies, by bisection. */
export function lineOf(lines: Lines, position: number): number {
  let low = 0;
  let high = lines.count - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lines.start[middle] as number) <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}
