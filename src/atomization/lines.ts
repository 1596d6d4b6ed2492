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
const CR = 13;
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
  let line = 0;
  let first = -1;
  let last = 0;
  const length = text.length;
  for (let i = 0; i <= length; i++) {
    const unit = i < length ? text.charCodeAt(i) : LF;
    if (unit !== LF && unit !== CR) {
      if (unit > SPACE && !isSpace(unit)) {
        if (first < 0) first = i;
        last = i + 1;
      }
      continue;
    }
    if (unit === CR && text.charCodeAt(i + 1) === LF) continue;
    firstInk[line] = first < 0 ? i : first;
    lastInk[line] = first < 0 ? i : last;
    code[line] = first < 0 ? 0 : 1;
    line++;
    start[line] = Math.min(i + 1, length);
    first = -1;
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
