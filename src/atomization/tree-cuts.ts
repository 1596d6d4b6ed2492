/** Finds the legal cut points of a parsed file: between the children of nodes that are too large to stay whole. */
import { ERROR_KIND, NODE_NAMED, type SyntaxTable } from '../adapters/parser/index.ts';
import { addCut, type Cuts, LIMITS, newCuts } from './cuts.ts';
import { lineOf, type Lines } from './lines.ts';
import { codeBetween, locBetween, type Measure } from './measure.ts';
import { BIT, type CompiledRules } from './rules/language-rules.ts';
import type { Survey } from './survey.ts';

/** Cost of a cut by what is cut apart; nesting adds to it. */
const PENALTY = {
  member: 0.1,
  statement: 0.5,
  arm: 0.3,
  element: 0.6,
  chain: 1.2,
  /** Between a header and its first statement: only where both together are too large. */
  header: 4,
  /** Inside an element or callback that would fit by itself: only where the statement around it is too large. */
  whole: 2.5,
  wholeCallable: 6,
  /** Between the last of a block's children and the bracket that ends it: only where they are too large together. */
  closer: 3,
  /** In the middle of a line: only on very long lines. */
  inline: 3,
  damaged: 0.3,
  perColumn: 0.05,
  perLevel: 0.2,
  /** Taken off next to a function or class. */
  declaration: 0.2,
} as const;

/** A blank line before a cut says that its writer would cut here too. */
const BLANK_LINE_FACTOR = 0.5;

/** Characters from which a line counts as so long that it may be cut in the middle. */
const LONG_LINE = 240;

/** A node that is too large to stay whole, on the way down to where the walk is. */
interface Frame {
  readonly node: number;
  readonly after: number;
  readonly bits: number;
  /** Blocks and containers around it. */
  readonly depth: number;
  readonly callable: number;
  /** Added to the penalty of every cut inside. */
  readonly extra: number;
  /** End of the last child that counts. */
  previousEnd: number;
  previousBits: number;
  /** Start of the comments and decorators that belong to the next child; -1 for none. */
  lead: number;
  /** Start of the decorators among them. */
  attached: number;
  items: number;
  separated: boolean;
  /** Name of the last child, where it is an overload without a body. */
  overload: string | undefined;
}

const LIST = BIT.block | BIT.container | BIT.chain | BIT.row;

class CutFinder {
  private readonly cuts: Cuts = newCuts();
  private readonly text: string;
  private readonly table: SyntaxTable;
  private readonly lines: Lines;
  private readonly measure: Measure;
  private readonly rules: CompiledRules;
  private readonly survey: Survey;
  private readonly frames: Frame[] = [];
  private nextUnit = 0;
  private nextError = 0;

  constructor(text: string, table: SyntaxTable, lines: Lines, measure: Measure, rules: CompiledRules, survey: Survey) {
    this.text = text;
    this.table = table;
    this.lines = lines;
    this.measure = measure;
    this.rules = rules;
    this.survey = survey;
  }

  run(): Cuts {
    const { table, frames } = this;
    for (let i = 0; i < table.count;) {
      let frame = frames.at(-1);
      while (frame !== undefined && i >= frame.after) {
        frames.pop();
        frame = frames.at(-1);
      }
      i = this.visit(i, frame);
    }
    addCut(this.cuts, this.text.length, this.lines.count - 1, 0, -1);
    return this.cuts;
  }

  /** Looks at a node whose parent is too large; returns the next node to look at. */
  private visit(i: number, frame: Frame | undefined): number {
    const { table } = this;
    const next = table.after[i] as number;
    const isError = table.kind[i] === ERROR_KIND;
    const bits = isError ? BIT.damage : (this.rules.bits[table.kind[i] as number] as number);
    if (frame === undefined) {
      this.open(i, bits, undefined);
      return i + 1;
    }
    const named = ((table.flags[i] as number) & NODE_NAMED) !== 0;
    if ((frame.bits & BIT.damage) !== 0) this.lineStart(i, frame);
    if (!named) {
      this.token(i, bits, frame);
      return next;
    }
    const start = table.start[i] as number;
    if ((bits & (BIT.comment | BIT.attached)) !== 0) {
      this.remark(start, bits, frame);
      return next;
    }
    if ((bits & BIT.closer) !== 0) {
      this.closer(start, frame);
      return next;
    }
    const end = this.inkEnd(start, table.end[i] as number);
    if (end <= start) return next;
    const inkStart = this.inkStart(start);
    const first = lineOf(this.lines, frame.attached >= 0 ? frame.attached : inkStart);
    const last = lineOf(this.lines, end - 1);
    const fits = this.fits(first, last, end - inkStart);
    const isItem = this.isItem(i, bits, frame);
    if (isItem) this.gap(i, bits, frame, inkStart, last, fits);
    frame.previousEnd = end;
    frame.previousBits = bits;
    frame.lead = -1;
    frame.attached = -1;
    frame.separated = false;
    if (isItem) frame.items++;
    if (!fits && (bits & BIT.lineLeaf) !== 0) this.lineCuts(first, last, frame);
    const staysWhole = fits && isItem && ((frame.bits & BIT.block) !== 0 || (bits & BIT.arm) !== 0);
    const isFlat = first === last && end - start <= LONG_LINE;
    if (staysWhole || isFlat || next === i + 1 || (bits & BIT.opaque) !== 0) return next;
    const isCallable = (bits & BIT.callable) !== 0;
    this.open(i, bits, frame, !fits ? 0 : isCallable ? PENALTY.wholeCallable : isItem ? PENALTY.whole : 0);
    return i + 1;
  }

  private open(i: number, bits: number, outer: Frame | undefined, extra = 0): void {
    const { start, after } = this.table;
    const callable = (bits & BIT.callable) !== 0 ? this.unitOf(i) : (outer?.callable ?? -1);
    const outerIsList = outer !== undefined && (outer.bits & LIST) !== 0 && outer.node !== 0;
    this.frames.push({
      node: i,
      after: after[i] as number,
      bits,
      depth: (outer?.depth ?? 0) + (outerIsList ? 1 : 0),
      callable,
      extra: (outer?.extra ?? 0) + extra,
      previousEnd: start[i] as number,
      previousBits: 0,
      lead: -1,
      attached: -1,
      items: 0,
      separated: false,
      overload: undefined,
    });
  }

  private unitOf(node: number): number {
    const { node: nodes } = this.survey.units;
    while (this.nextUnit < nodes.length && (nodes[this.nextUnit] as number) < node) this.nextUnit++;
    return nodes[this.nextUnit] === node ? this.nextUnit : -1;
  }

  /** Punctuation and keywords: separators allow the next cut; an operator at the start of a line goes with what follows it. */
  private token(i: number, bits: number, frame: Frame): void {
    const start = this.table.start[i] as number;
    if ((bits & BIT.armToken) !== 0 && (frame.bits & LIST) === 0) this.armToken(start, frame);
    else if (this.table.after[i] === frame.after) this.closer(start, frame);
    else if ((frame.bits & BIT.container) !== 0 && (bits & BIT.separator) !== 0) {
      frame.separated = true;
      frame.previousEnd = Math.max(frame.previousEnd, this.table.end[i] as number);
    } else if ((frame.bits & BIT.chain) !== 0 && (bits & BIT.chainOperator) !== 0) {
      frame.separated = true;
      const line = lineOf(this.lines, start);
      if ((this.lines.firstInk[line] as number) === start) frame.lead = frame.lead >= 0 ? frame.lead : start;
      else frame.previousEnd = this.table.end[i] as number;
    }
  }

  /** The cut before an arm that only a keyword begins: `} else {`. */
  private armToken(start: number, frame: Frame): void {
    const line = lineOf(this.lines, start);
    if (this.lines.firstInk[line] !== start && !this.onlyClosers(line, start)) return;
    const penalty = PENALTY.arm + frame.depth * PENALTY.perLevel + frame.extra;
    addCut(this.cuts, this.lines.start[line] as number, line, penalty, frame.callable);
  }

  /** Text of another kind inside: any line may begin an atom, best where it is indented least. */
  private lineCuts(first: number, last: number, frame: Frame): void {
    for (let line = first + 1; line <= last; line++) {
      const ink = this.lines.firstInk[line] as number;
      if (ink === this.lines.lastInk[line]) continue;
      const start = this.lines.start[line] as number;
      addCut(this.cuts, start, line, PENALTY.element + (ink - start) * PENALTY.perColumn, frame.callable);
    }
  }

  /** The cut before what ends a block, on a line of its own. */
  private closer(start: number, frame: Frame): void {
    if ((frame.bits & LIST) === 0 || frame.items === 0) return;
    const line = lineOf(this.lines, start);
    if (line <= lineOf(this.lines, Math.max(frame.previousEnd - 1, 0)) || this.lines.firstInk[line] !== start) return;
    if (this.lines.firstInk[line] === this.lines.lastInk[line]) return;
    const penalty = PENALTY.closer + frame.depth * PENALTY.perLevel + frame.extra;
    addCut(this.cuts, this.lines.start[line] as number, line, penalty, frame.callable);
  }

  /** In text that does not fit the grammar, any line that begins with a token may begin an atom, best where it is indented least. */
  private lineStart(i: number, frame: Frame): void {
    const start = this.table.start[i] as number;
    if (i === frame.node + 1) return;
    const line = lineOf(this.lines, start);
    if (this.lines.firstInk[line] !== start || '})]'.includes(this.text.charAt(start))) return;
    const column = start - (this.lines.start[line] as number);
    const penalty = PENALTY.damaged + column * PENALTY.perColumn;
    addCut(this.cuts, this.lines.start[line] as number, line, penalty, frame.callable);
  }

  private remark(start: number, bits: number, frame: Frame): void {
    const line = lineOf(this.lines, start);
    const ownLine = (this.lines.firstInk[line] as number) === start;
    if ((bits & BIT.attached) !== 0) {
      if (frame.attached < 0) frame.attached = start;
      if (frame.lead < 0) frame.lead = start;
    } else if (ownLine && frame.lead < 0) {
      frame.lead = start;
    }
  }

  private isItem(i: number, bits: number, frame: Frame): boolean {
    if ((bits & BIT.arm) !== 0) return true;
    if ((frame.bits & LIST) === 0 || (bits & BIT.head) !== 0) return false;
    const field = this.table.field[i] as number;
    return (frame.bits & (BIT.block | BIT.row)) === 0 || field === 0 || !this.rules.headFields.includes(field);
  }

  /** Adds the cut before item `i`, where there may be one. */
  private gap(i: number, bits: number, frame: Frame, start: number, last: number, fits: boolean): void {
    const isArm = (bits & BIT.arm) !== 0 && (frame.bits & BIT.block) === 0;
    const overload = this.overloadName(i, bits);
    const continues = overload !== undefined && overload === frame.overload;
    frame.overload = (bits & BIT.overload) !== 0 || continues ? overload : undefined;
    if (continues) return;
    if (!isArm && (frame.bits & (BIT.block | BIT.row)) === 0 && !frame.separated) return;
    const lead = frame.lead >= 0 ? frame.lead : start;
    const isFirst = frame.items === 0 && !isArm;
    if (isFirst && !(fits && this.headerOverflows(frame, last))) return;
    const line = lineOf(this.lines, lead);
    const before = lineOf(this.lines, Math.max(frame.previousEnd - 1, 0));
    const penalty = this.penaltyOf(bits, frame, line, isArm, isFirst);
    if (line > before || (isArm && this.onlyClosers(line, lead))) {
      if (!isFirst || line > before) addCut(this.cuts, this.lines.start[line] as number, line, penalty, frame.callable);
    } else if ((this.lines.start[line + 1] as number) - (this.lines.start[line] as number) > LONG_LINE) {
      addCut(this.cuts, lead, line, penalty + PENALTY.inline, frame.callable);
    }
  }

  /** True where a block's header and its first statement together are larger than an atom may be. */
  private headerOverflows(frame: Frame, last: number): boolean {
    if ((frame.bits & (BIT.block | BIT.row)) === 0 || frame.node === 0) return false;
    const header = this.table.parent[frame.node] as number;
    const first = lineOf(this.lines, this.table.start[header] as number);
    return locBetween(this.measure, first, last) > LIMITS.maxLoc;
  }

  private penaltyOf(bits: number, frame: Frame, line: number, isArm: boolean, isFirst: boolean): number {
    if (isFirst) return PENALTY.header;
    const nesting = frame.depth * PENALTY.perLevel + frame.extra;
    let penalty: number;
    if (isArm) penalty = PENALTY.arm + nesting;
    else if ((frame.bits & BIT.block) !== 0) {
      if (frame.node === 0) penalty = 0;
      else penalty = ((frame.bits & BIT.members) !== 0 ? PENALTY.member : PENALTY.statement) + nesting;
      if (((bits | frame.previousBits) & (BIT.callable | BIT.type)) !== 0) penalty -= PENALTY.declaration;
    } else penalty = ((frame.bits & BIT.chain) !== 0 ? PENALTY.chain : PENALTY.element) + nesting;
    const blankBefore =
      line > 0 && (this.lines.firstInk[line - 1] as number) === (this.lines.lastInk[line - 1] as number);
    return Math.max(0, blankBefore ? penalty * BLANK_LINE_FACTOR : penalty);
  }

  private fits(first: number, last: number, length: number): boolean {
    if (locBetween(this.measure, first, last) > LIMITS.maxLoc) return false;
    return length <= LIMITS.maxCode || codeBetween(this.measure, first, last) <= LIMITS.maxCode;
  }

  /** True where only closing brackets stand between the start of the line and `position`: `} else {`. */
  private onlyClosers(line: number, position: number): boolean {
    for (let i = this.lines.firstInk[line] as number; i < position; i++) {
      if (!' \t})]'.includes(this.text.charAt(i))) return false;
    }
    return true;
  }

  private overloadName(i: number, bits: number): string | undefined {
    const { after, field, start, end } = this.table;
    if (!this.rules.hasOverloads || (bits & (BIT.overload | BIT.callable | BIT.wrapper)) === 0) return undefined;
    // The name stands near the beginning, behind `export`, `async` and the like.
    const last = Math.min(after[i] as number, i + 12);
    for (let child = i + 1; child < last; child++) {
      if (this.rules.nameFields.includes(field[child] as number)) {
        return this.text.slice(start[child], end[child]);
      }
    }
    return undefined;
  }

  private inkStart(start: number): number {
    let i = start;
    while (this.text.charCodeAt(i) <= 32) i++;
    return i;
  }

  private inkEnd(start: number, end: number): number {
    let i = end;
    while (i > start && this.text.charCodeAt(i - 1) <= 32) i--;
    return i;
  }
}

export function treeCuts(
  text: string,
  table: SyntaxTable,
  lines: Lines,
  measure: Measure,
  rules: CompiledRules,
  survey: Survey,
): Cuts {
  return new CutFinder(text, table, lines, measure, rules, survey).run();
}
