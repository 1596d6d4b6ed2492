/** Breaking lines of generated Python that are too long the way black does. */
import { fileText, LINE_WIDTH } from './layout.ts';

const OPENING = '([{';
const CLOSING = ')]}';

interface Pair {
  readonly open: number;
  readonly close: number;
}

interface Scan {
  /** Bracket pairs that lie in no other one, in order. */
  readonly pairs: readonly Pair[];
  /** Commas outside of brackets. */
  readonly commas: readonly number[];
}

/** Where a text literal that begins at `at` ends. */
function endOfLiteral(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && text[end] !== text[at]) end += text[end] === '\\\\' ? 2 : 1;
  return end;
}

function scan(text: string): Scan {
  const pairs: Pair[] = [];
  const commas: number[] = [];
  const open: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '"' || char === "'") at = endOfLiteral(text, at);
    else if (OPENING.includes(char)) open.push(at);
    else if (CLOSING.includes(char)) {
      const start = open.pop() ?? 0;
      if (open.length === 0) pairs.push({ open: start, close: at });
    } else if (char === ',' && open.length === 0) commas.push(at);
  }
  return { pairs, commas };
}

/** The parts of a list: split at commas outside of brackets; a trailing comma gives no part. */
function partsOf(list: string): string[] {
  const bounds = [-1, ...scan(list).commas, list.length];
  const parts = bounds.slice(1).map((end, index) => list.slice((bounds[index] ?? -1) + 1, end).trim());
  return parts.filter((part) => part !== '');
}

/** The brackets that a long line is broken at: those of a function's parameters, else the last ones that hold something. */
function splitPair(line: string): Pair | undefined {
  const filled = scan(line).pairs.filter((pair) => pair.close > pair.open + 1);
  return /^\s*def /.test(line) ? filled[0] : filled.at(-1);
}

/** A call's arguments may share a line; a literal's entries and a single parameter get lines of their own. */
function mayStayFlat(line: string, { open }: Pair, parts: readonly string[]): boolean {
  if (/^\s*def /.test(line)) return parts.length > 1;
  return /[\w)\]]/.test(line.charAt(open - 1));
}

function inParentheses(line: string): string[] {
  const match = /^(\s*)(.* = )([^=]+)$/.exec(line);
  if (match === null) return [line];
  const [, indent = '', head = '', value = ''] = match;
  return [`${indent}${head}(`, `${indent}    ${value}`, `${indent})`];
}

/** A line, broken where it is too long and has a place to break at. */
function wrapped(line: string): string[] {
  if (line.length <= LINE_WIDTH || /^\s*("""|#|from )/.test(line)) return [line];
  const pair = splitPair(line);
  if (pair === undefined) return inParentheses(line);
  const indent = /^\s*/.exec(line)?.[0] ?? '';
  const inside = line.slice(pair.open + 1, pair.close);
  // A comprehension takes no comma behind it: the formatter breaks it.
  if (/ for \w+ in /.test(inside)) return [line];
  const parts = partsOf(inside);
  const flat = `${indent}    ${parts.join(', ')}`;
  const head = line.slice(0, pair.open + 1);
  const tail = `${indent}${line.slice(pair.close)}`;
  if (mayStayFlat(line, pair, parts) && flat.length <= LINE_WIDTH) return [head, flat, tail];
  return [head, ...parts.flatMap((part) => wrapped(`${indent}    ${part},`)), tail];
}

/** The text of a Python file with its long lines broken. */
export function pythonText(text: string): string {
  return fileText(text.split('\n').flatMap(wrapped).join('\n'));
}
