/** Legal cuts of files without a syntax tree: between paragraphs, statements, instructions or blocks, by rules over lines. */
import { addCut, type Cuts, LIMITS, newCuts } from './cuts.ts';
import type { Lines } from './lines.ts';
import { locBetween, type Measure } from './measure.ts';

/** How the lines of a text hang together. */
export interface Outline {
  /** Nesting of each line: 0 begins something of its own, more belongs to a line above. Blank lines do not matter. */
  readonly level: Uint8Array;
  /** 1 for lines that hold no code although they are not blank: comments. */
  readonly comment: Uint8Array;
  /** 1 for lines that a person would rather cut before: headings, the beginning of a stage. */
  readonly strong: Uint8Array;
}

export function newOutline(lines: Lines): Outline {
  return {
    level: new Uint8Array(lines.count),
    comment: new Uint8Array(lines.count),
    strong: new Uint8Array(lines.count),
  };
}

const LEVEL_PENALTY = 0.6;
const ADJACENT_PENALTY = 0.3;
const INLINE_PENALTY = 3;

/** A line longer than this is cut at spaces, since nothing else is known about it. */
const LONG_LINE = 2048;
const INLINE_STEP = 1500;

const isBlank = (lines: Lines, line: number): boolean => lines.firstInk[line] === lines.lastInk[line];

/** For each line, whether everything of its level around it, with the line that it hangs on, is too large for one atom. */
function needsCutting(lines: Lines, measure: Measure, outline: Outline): Uint8Array {
  const needed = new Uint8Array(lines.count);
  // Blocks that are open: the line they hang on, by level.
  const openers: number[] = [];
  const close = (toLevel: number, last: number): void => {
    while (openers.length > toLevel) {
      const opener = openers.pop() as number;
      if (locBetween(measure, opener, last) <= LIMITS.maxLoc) continue;
      const level = openers.length + 1;
      for (let line = opener + 1; line <= last; line++) if (outline.level[line] === level) needed[line] = 1;
    }
  };
  let last = 0;
  for (let line = 0; line < lines.count; line++) {
    if (isBlank(lines, line)) continue;
    const level = outline.level[line] as number;
    close(level, last);
    while (openers.length < level) openers.push(last);
    last = line;
  }
  close(0, last);
  return needed;
}

/** Cuts inside one line that is too long to be an atom: at spaces. */
function addInlineCuts(cuts: Cuts, text: string, lines: Lines, line: number): void {
  const end = lines.start[line + 1] as number;
  for (let from = lines.start[line] as number; end - from > LONG_LINE;) {
    const space = text.lastIndexOf(' ', from + INLINE_STEP);
    if (space <= from) return;
    from = space + 1;
    addCut(cuts, from, line, INLINE_PENALTY, -1);
  }
}

/** The first line of the comments that stand right before `line`. */
function withComments(lines: Lines, outline: Outline, line: number): number {
  let first = line;
  while (first > 0 && outline.comment[first - 1] === 1 && outline.level[first - 1] === outline.level[line]) first--;
  return first;
}

export function outlineCuts(text: string, lines: Lines, measure: Measure, outline: Outline): Cuts {
  const cuts = newCuts();
  const needed = needsCutting(lines, measure, outline);
  let inked = 0;
  for (let line = 0; line < lines.count; line++) {
    if (isBlank(lines, line)) continue;
    const level = outline.level[line] as number;
    const isComment = outline.comment[line] === 1;
    if (inked++ > 0 && !(isComment && outline.comment[line - 1] === 1) && (level === 0 || needed[line] === 1)) {
      const leads = withComments(lines, outline, line);
      if (leads === line) {
        const apart = isBlank(lines, line - 1) || outline.strong[line] === 1;
        const penalty = level * LEVEL_PENALTY + (apart ? 0 : ADJACENT_PENALTY);
        addCut(cuts, lines.start[line] as number, line, penalty, -1);
      }
    }
    if ((lines.start[line + 1] as number) - (lines.start[line] as number) > LONG_LINE)
      addInlineCuts(cuts, text, lines, line);
  }
  addCut(cuts, text.length, lines.count - 1, 0, -1);
  return cuts;
}
