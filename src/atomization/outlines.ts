/** What hangs together in languages that have no grammar here: one small reader of lines each. */
import type { Lines } from './lines.ts';
import { newOutline, type Outline } from './text-cuts.ts';

type OutlineReader = (text: string, lines: Lines) => Outline;

const MAX_LEVEL = 30;

function inkOf(text: string, lines: Lines, line: number): string {
  return text.slice(lines.firstInk[line], lines.lastInk[line]);
}

/** Paragraphs: a line belongs to the one above it unless a blank line stands between, or it is indented less. */
function paragraphs(text: string, lines: Lines): Outline {
  const outline = newOutline(lines);
  let inside = false;
  for (let line = 0; line < lines.count; line++) {
    const ink = inkOf(text, lines, line);
    if (ink !== '' && inside) outline.level[line] = 1;
    inside = ink !== '';
  }
  return outline;
}

const HEADING = /^#{1,6}(\s|$)/;
const FENCE = /^(```+|~~~+)/;
const LIST_ITEM = /^([-*+]|\d+[.)])\s/;

function markdown(text: string, lines: Lines): Outline {
  const outline = newOutline(lines);
  let fence = '';
  let inside = false;
  for (let line = 0; line < lines.count; line++) {
    const ink = inkOf(text, lines, line);
    const marker = FENCE.exec(ink)?.[1] ?? '';
    if (fence !== '') {
      outline.level[line] = 2;
      if (marker.startsWith(fence) && ink === marker) fence = '';
      inside = true;
    } else if (marker !== '') {
      // An indented fence belongs to the list item above it.
      outline.level[line] = inside || (lines.firstInk[line] as number) > (lines.start[line] as number) ? 1 : 0;
      fence = marker;
      inside = true;
    } else if (HEADING.test(ink)) {
      outline.strong[line] = 1;
      inside = false;
    } else {
      const indent = (lines.firstInk[line] as number) - (lines.start[line] as number);
      const startsItem = LIST_ITEM.test(ink);
      if (ink !== '') outline.level[line] = Math.min(MAX_LEVEL, inside || indent > 0 ? 1 + (startsItem ? 0 : 1) : 0);
      inside = ink !== '';
    }
  }
  return outline;
}

const STAGE = /^FROM\b/i;

function dockerfile(text: string, lines: Lines): Outline {
  const outline = newOutline(lines);
  let continued = false;
  let heredoc = '';
  for (let line = 0; line < lines.count; line++) {
    const ink = inkOf(text, lines, line);
    if (ink === '') continue;
    if (heredoc !== '') {
      outline.level[line] = 1;
      if (ink === heredoc) heredoc = '';
      continue;
    }
    if (ink.startsWith('#')) {
      outline.comment[line] = 1;
      outline.level[line] = continued ? 1 : 0;
      continue;
    }
    outline.level[line] = continued ? 1 : 0;
    if (!continued && STAGE.test(ink)) outline.strong[line] = 1;
    continued = ink.endsWith('\\') || ink.endsWith('`');
    heredoc = /<<-?["']?(\w+)["']?/.exec(ink)?.[1] ?? '';
  }
  return outline;
}

/** Where a scan over SQL or SCSS stands. */
interface ScanState {
  depth: number;
  /** What ends the string or comment that the scan is in; empty outside. */
  until: string;
  inComment: boolean;
  statementOpen: boolean;
  /** SQL only: what is being created may have a body of statements; how many `BEGIN` and `CASE` of it are open. */
  routine: 'none' | 'maybe' | 'yes';
  blocks: number;
}

const SQL_WORD = /[A-Za-z_]\w*/y;
const SQL_ROUTINE = /^(TRIGGER|PROCEDURE|FUNCTION|EVENT|PACKAGE)$/;
const SQL_OTHER = /^(TABLE|VIEW|INDEX|TYPE|SEQUENCE|SCHEMA|DATABASE|ROLE|USER|EXTENSION)$/;
/** `END IF` ends what no `BEGIN` began. */
const SQL_INNER_END = /\s+(IF|LOOP|WHILE|REPEAT|FOR|CASE)\b/iy;

/** Reads a word of SQL outside strings: the statements in the body of a trigger or procedure do not end it. Returns its length. */
function sqlWord(text: string, at: number, state: ScanState): number {
  SQL_WORD.lastIndex = at;
  const word = SQL_WORD.exec(text)?.[0].toUpperCase() ?? '';
  if (word === '') return 1;
  if (!state.statementOpen) state.routine = word === 'CREATE' ? 'maybe' : 'none';
  else if (state.routine === 'maybe' && SQL_ROUTINE.test(word)) state.routine = 'yes';
  else if (state.routine === 'maybe' && SQL_OTHER.test(word)) state.routine = 'none';
  if (state.routine === 'yes') {
    SQL_INNER_END.lastIndex = at + word.length;
    if (word === 'BEGIN' || (word === 'CASE' && state.blocks > 0)) state.blocks++;
    else if (word === 'END') {
      const inner = SQL_INNER_END.exec(text);
      // The word behind `END` opens nothing: it says what ends.
      if (inner === null || inner[1]?.toUpperCase() === 'CASE') state.blocks = Math.max(0, state.blocks - 1);
      if (inner !== null) return word.length + inner[0].length;
    }
  }
  return word.length;
}

/** What opens a string or a comment in a language, at position `i`; the text that ends it, or undefined. */
type Opener = (
  text: string,
  i: number,
) => { readonly until: string; readonly comment: boolean; readonly skip: number } | undefined;

const sqlOpener: Opener = (text, i) => {
  const character = text[i];
  if (character === '-' && text[i + 1] === '-') return { until: '\n', comment: true, skip: 2 };
  if (character === '/' && text[i + 1] === '*') return { until: '*/', comment: true, skip: 2 };
  if (character === "'" || character === '"' || character === '`') return { until: character, comment: false, skip: 1 };
  if (character !== '$') return undefined;
  const tag = /^\$(?:[A-Za-z_]\w*)?\$/.exec(text.slice(i, i + 66))?.[0];
  return tag === undefined ? undefined : { until: tag, comment: false, skip: tag.length };
};

const scssOpener: Opener = (text, i) => {
  const character = text[i];
  if (character === '/' && text[i + 1] === '/' && text[i - 1] !== ':') return { until: '\n', comment: true, skip: 2 };
  if (character === '/' && text[i + 1] === '*') return { until: '*/', comment: true, skip: 2 };
  if (character === "'" || character === '"') return { until: character, comment: false, skip: 1 };
  return undefined;
};

/** Reads [from, to) and moves the state on; returns whether anything but comment stood there. */
function scan(text: string, from: number, to: number, state: ScanState, opener: Opener, braces: boolean): boolean {
  let code = false;
  for (let i = from; i < to;) {
    if (state.until !== '') {
      const end = text.indexOf(state.until, i);
      if (!state.inComment) code = true;
      if (end < 0 || end >= to) return code;
      i = end + state.until.length;
      state.until = '';
      continue;
    }
    const opened = opener(text, i);
    if (opened !== undefined) {
      state.until = opened.until;
      state.inComment = opened.comment;
      if (!opened.comment) {
        code = true;
        state.statementOpen = true;
      }
      i += opened.skip;
      continue;
    }
    const character = text[i] as string;
    if (character > ' ') {
      const length = braces ? 1 : sqlWord(text, i, state);
      code = true;
      state.statementOpen = true;
      if (length > 1) {
        i += length;
        continue;
      }
      if (character === ';') state.statementOpen = state.blocks > 0;
      else if (braces && character === '{') {
        state.depth++;
        state.statementOpen = false;
      } else if (braces && character === '}') {
        state.depth = Math.max(0, state.depth - 1);
        state.statementOpen = false;
      } else if (!braces && character === '(') state.depth++;
      else if (!braces && character === ')') state.depth = Math.max(0, state.depth - 1);
    }
    i++;
  }
  return code;
}

function scanned(opener: Opener, braces: boolean): OutlineReader {
  return (text, lines) => {
    const outline = newOutline(lines);
    const state: ScanState = {
      depth: 0,
      until: '',
      inComment: false,
      statementOpen: false,
      routine: 'none',
      blocks: 0,
    };
    for (let line = 0; line < lines.count; line++) {
      const startsInside = state.until !== '';
      const closes = braces && text[lines.firstInk[line] as number] === '}';
      const { depth, statementOpen } = state;
      // A line that only closes a block belongs to the block.
      const level = depth + (statementOpen || startsInside ? 1 : 0) + (closes ? 1 : 0);
      const code = scan(text, lines.start[line] as number, lines.start[line + 1] as number, state, opener, braces);
      outline.level[line] = Math.min(MAX_LEVEL, level);
      if (!code && lines.firstInk[line] !== lines.lastInk[line]) outline.comment[line] = 1;
      if (!braces && !state.statementOpen) state.depth = 0;
    }
    return outline;
  };
}

/** By indentation: for code whose grammar gave up on it. */
function indentation(text: string, lines: Lines): Outline {
  const outline = newOutline(lines);
  const indents: number[] = [0];
  for (let line = 0; line < lines.count; line++) {
    const ink = inkOf(text, lines, line);
    if (ink === '') continue;
    const indent = (lines.firstInk[line] as number) - (lines.start[line] as number);
    while (indents.length > 1 && indent < (indents.at(-1) as number)) indents.pop();
    if (indent > (indents.at(-1) as number)) indents.push(indent);
    const closes = /^[)\]}]/.test(ink);
    outline.level[line] = Math.min(MAX_LEVEL, indents.length - 1 + (closes ? 1 : 0));
    if (/^(#|\/\/|--\s|\/\*|\*)/.test(ink)) outline.comment[line] = 1;
  }
  return outline;
}

const READERS: Readonly<Record<string, OutlineReader>> = {
  text: paragraphs,
  markdown,
  dockerfile,
  sql: scanned(sqlOpener, false),
  scss: scanned(scssOpener, true),
};

/** The outline of a text in a language without a tree; `damaged` when it has a grammar that could not read it. */
export function outlineOf(language: string, text: string, lines: Lines): Outline {
  const outline = (READERS[language] ?? indentation)(text, lines);
  outline.comment.forEach((isComment, line) => {
    if (isComment === 1) lines.code[line] = 0;
  });
  return outline;
}
