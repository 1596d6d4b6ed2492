/** One pass over the syntax table: which lines hold code, where the decisions and damages are, which declarations there are. */
import { NODE_ERROR, NODE_MISSING, NODE_NAMED, type SyntaxTable } from '../adapters/parser/index.ts';
import { lineOf, markComment, type Lines } from './lines.ts';
import { BIT, type CompiledRules } from './rules/language-rules.ts';

/** Declarations in document order; a callable without a name is listed too. */
export interface Units {
  readonly node: number[];
  readonly start: number[];
  readonly end: number[];
  readonly bits: number[];
  /** Index of the enclosing unit; -1 at module level. */
  readonly parent: number[];
}

export interface Survey {
  readonly units: Units;
  /** Position of every decision, ascending. */
  readonly decisions: number[];
  /** Entries of error and missing nodes, outermost only, ascending. */
  readonly errors: number[];
  /** Positions [start, end) of comments and documentation strings, ascending. */
  readonly remarks: number[];
}

const UNIT = BIT.callable | BIT.type | BIT.declaration;

class Surveyor {
  readonly units: Units = { node: [], start: [], end: [], bits: [], parent: [] };
  readonly decisions: number[] = [];
  readonly errors: number[] = [];
  readonly remarks: number[] = [];
  private readonly table: SyntaxTable;
  private readonly lines: Lines;
  private readonly rules: CompiledRules;
  private open = -1;
  private errorsUntil = 0;
  private remarkLine = 0;

  constructor(table: SyntaxTable, lines: Lines, rules: CompiledRules) {
    this.table = table;
    this.lines = lines;
    this.rules = rules;
  }

  run(): void {
    const { count, kind, flags, start } = this.table;
    const { bits: bitsOf } = this.rules;
    for (let i = 0; i < count; i++) {
      const bits = bitsOf[kind[i] as number] as number;
      const flag = flags[i] as number;
      if ((flag & (NODE_ERROR | NODE_MISSING)) !== 0) this.error(i);
      if (bits === 0) continue;
      if ((bits & BIT.decision) !== 0) this.decisions.push(start[i] as number);
      if ((flag & NODE_NAMED) === 0) continue;
      if ((bits & BIT.comment) !== 0) this.remark(i);
      else if ((bits & BIT.docStatement) !== 0) this.docstring(i);
      if ((bits & UNIT) !== 0) this.unit(i, bits);
    }
  }

  private error(i: number): void {
    const { after } = this.table;
    if (i < this.errorsUntil) return;
    this.errors.push(i);
    this.errorsUntil = after[i] as number;
  }

  private remark(i: number): void {
    const start = this.table.start[i] as number;
    const end = this.table.end[i] as number;
    this.remarks.push(start, end);
    const { lines } = this;
    // Remarks come in order, mostly close to one another: walk on from the last one.
    let line = this.remarkLine;
    if (line + 64 < lines.count && (lines.start[line + 64] as number) < start) line = lineOf(lines, start);
    else while (line + 1 < lines.count && (lines.start[line + 1] as number) <= start) line++;
    this.remarkLine = markComment(lines, start, end, line);
  }

  /** A string that stands first in a module or body says what it is for. */
  private docstring(i: number): void {
    const { parent, kind, after } = this.table;
    const above = parent[i] as number;
    const bitsOf = this.rules.bits;
    if (above < 0 || ((bitsOf[kind[above] as number] as number) & BIT.docInside) === 0) return;
    const only = i + 1;
    if (((bitsOf[kind[only] as number] as number) & BIT.docString) === 0 || after[only] !== after[i]) return;
    for (let sibling = above + 1; sibling < i; sibling = after[sibling] as number) {
      if (((bitsOf[kind[sibling] as number] as number) & BIT.comment) === 0) return;
    }
    this.remark(i);
  }

  private unit(i: number, bits: number): void {
    const { start, end } = this.table;
    const from = start[i] as number;
    const { units } = this;
    while (this.open >= 0 && (units.end[this.open] as number) <= from) this.open = units.parent[this.open] as number;
    units.node.push(i);
    units.start.push(from);
    units.end.push(end[i] as number);
    units.bits.push(bits);
    units.parent.push(this.open);
    this.open = units.node.length - 1;
  }
}

/** Surveys a tree; marks in `lines` those that hold only comments or documentation. */
export function surveyTree(table: SyntaxTable, lines: Lines, rules: CompiledRules): Survey {
  const surveyor = new Surveyor(table, lines, rules);
  surveyor.run();
  return surveyor;
}
