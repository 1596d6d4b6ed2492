/** Describes the atoms of a file: their names, measures, contexts and verdicts. */
import type { SyntaxTable } from '../adapters/parser/index.ts';
import type { AtomContext, AtomRole } from '../domain/index.ts';
import { judgeAtomicity } from './atomicity.ts';
import type { AtomDraft } from './atomized-file.ts';
import {
  type BuiltContext,
  ContextBuilder,
  contextRulesFor,
  dataContext,
  observe,
  outlineContext,
  textContext,
} from './context/index.ts';
import type { CutFile } from './cut-file.ts';
import { LIMITS } from './cuts.ts';
import type { Damage } from './damage.ts';
import { lineOf, type Lines } from './lines.ts';
import { locBetween } from './measure.ts';
import { type AtomName, Namer } from './names.ts';
import { oversizeReason } from './oversize.ts';
import { choosePartition } from './partition.ts';
import { BIT, type CompiledRules } from './rules/index.ts';

/** The stretches between the chosen cuts, as positions. */
function stretches(cut: CutFile): { start: number; end: number }[] {
  const { cuts, measure, survey, lines } = cut;
  const { chosen } = choosePartition(cuts, measure, survey.units, survey.decisions, lines.start);
  const result: { start: number; end: number }[] = [];
  for (let i = 1; i < chosen.length; i++) {
    result.push({
      start: cuts.position[chosen[i - 1] as number] as number,
      end: cuts.position[chosen[i] as number] as number,
    });
  }
  // An empty file is one atom of nothing, so that every task has an atom.
  return result.length > 0 ? result : [{ start: 0, end: 0 }];
}

/** Modules named in the description of an atom of imports. */
const SHOWN_MODULES = 5;

function firstInk(text: string, from: number, to: number): number {
  let i = from;
  while (i < to && text.charCodeAt(i) <= 32) i++;
  return i;
}

/** Whether a damage goes on at or behind a position. */
const reaches = ({ start, end }: Damage, position: number): boolean =>
  end > position || (start === end && start >= position);

/** Walks through the atoms of one file in order; everything that is looked up moves along. */
class Describer {
  private readonly cut: CutFile;
  private readonly namer: Namer | null;
  private readonly contexts: ContextBuilder | null;
  private readonly byteOffsetOf: (index: number) => number;
  private readonly importRanges: readonly { start: number; end: number }[];
  private readonly atomOfUnit: Int32Array;
  /** By where they begin. */
  private readonly damages: readonly Damage[];
  private nextUnit = 0;
  private nextDecision = 0;
  private nextImport = 0;
  private nextDamage = 0;
  private line = 0;

  constructor(cut: CutFile, byteOffsetOf: (index: number) => number) {
    this.cut = cut;
    this.byteOffsetOf = byteOffsetOf;
    this.damages = [...cut.damages].sort((a, b) => a.start - b.start);
    this.atomOfUnit = new Int32Array(cut.survey.units.start.length).fill(-1);
    const { tree, text, lines, survey } = cut;
    this.namer = tree === null ? null : new Namer(text, tree.table, tree.rules, survey);
    this.importRanges = tree === null ? [] : topLevelImports(tree.table, tree.rules);
    const rules = tree === null ? undefined : contextRulesFor(cut.file.language, tree.table);
    this.contexts =
      tree === null || rules === undefined
        ? null
        : new ContextBuilder(
            text,
            tree.table,
            lines,
            tree.rules,
            rules,
            survey,
            observe(text, tree.table, tree.rules, rules, survey.units),
          );
  }

  run(): AtomDraft[] {
    return stretches(this.cut).map(({ start, end }, ordinal) => {
      this.claimUnits(start, end, ordinal);
      return this.draft(start, end, ordinal);
    });
  }

  private claimUnits(start: number, end: number, ordinal: number): void {
    const { units } = this.cut.survey;
    for (; this.nextUnit < units.start.length && (units.start[this.nextUnit] as number) < end; this.nextUnit++) {
      if ((units.start[this.nextUnit] as number) >= start) this.atomOfUnit[this.nextUnit] = ordinal;
    }
  }

  private lineAt(position: number): number {
    const { start, count } = this.cut.lines;
    while (this.line + 1 < count && (start[this.line + 1] as number) <= position) this.line++;
    return this.line;
  }

  private draft(start: number, end: number, ordinal: number): AtomDraft {
    const { cut } = this;
    const first = this.lineAt(start);
    const last = this.lineAt(Math.max(end - 1, start));
    const loc = end > start ? locBetween(cut.measure, first, last) : 0;
    const damaged = this.isDamaged(start, end);
    const named = this.name(start, end, damaged);
    const complexity = 1 + this.decisionsUntil(end);
    const oversize = this.oversize(start, end, first, last, loc);
    const built = this.context(start, end, named, damaged);
    const verdict = judgeAtomicity({
      loc,
      size: end - start,
      complexity,
      oversize,
      ...this.boundaries(named, end, last),
      nesting: nestingOf(cut.lines, first, last),
      damaged,
      certainlyDamaged: damaged && this.cut.damages[0]?.certain === true,
      unresolved: built.unresolved,
      effects: built.effectKinds,
      completeness: built.context.completeness_score,
    });
    const parent = named.enclosing < 0 ? -1 : (this.atomOfUnit[named.enclosing] as number);
    const where = first === last ? `line ${String(first + 1)}` : `lines ${String(first + 1)}-${String(last + 1)}`;
    return {
      ordinal,
      parentOrdinal: parent < 0 || parent === ordinal ? null : parent,
      name: named.isSlice ? `${named.name} (${where})` : named.name,
      description: `${importedFrom(named, built.context) ?? named.description} (${where} of ${cut.file.path})`,
      role: named.role,
      symbolPath: named.symbolPath,
      startIndex: start,
      endIndex: end,
      range: {
        startByte: this.byteOffsetOf(start),
        endByte: end === cut.text.length ? cut.file.bytes.length : this.byteOffsetOf(end),
        startLine: first + 1,
        endLine: last + 1,
      },
      loc,
      complexity,
      violations: verdict.violations,
      atomicityScore: verdict.score,
      isAtomic: verdict.isAtomic,
      context: built.context,
      oversize,
    };
  }

  private oversize(start: number, end: number, first: number, last: number, loc: number): string | null {
    if (loc <= LIMITS.maxLoc && end - start <= LIMITS.noticedSize) return null;
    return oversizeReason(this.cut, start, end, first, last, loc);
  }

  private context(start: number, end: number, named: AtomName, damaged: boolean): BuiltContext {
    const { tree, file } = this.cut;
    if (this.contexts !== null) {
      const { role, begun, enclosing } = named;
      return this.contexts.build({ start, end, role, damaged, begun, enclosing });
    }
    const outlined =
      tree === null
        ? outlineContext(
            file.language,
            this.cut,
            this.cut.text,
            this.cut.text.slice(start, end),
            lineOf(this.cut.lines, start) + 1,
          )
        : undefined;
    const context = outlined ?? (tree === null ? textContext(file.language) : dataContext(file.language, damaged));
    return { context, unresolved: 0, effectKinds: 0 };
  }

  /** Whether the atom ends one callable and begins another. */
  private boundaries(
    named: AtomName,
    end: number,
    lastLine: number,
  ): { endsCallable: boolean; beginsCallable: boolean } {
    const { units } = this.cut.survey;
    const isCallable = (unit: number): boolean => ((units.bits[unit] as number) & BIT.callable) !== 0;
    let open = named.enclosing;
    while (open >= 0 && !isCallable(open)) open = units.parent[open] as number;
    const last = named.begun.at(-1) ?? -1;
    return {
      endsCallable:
        open >= 0 && (units.end[open] as number) < end && this.codeBehind(units.end[open] as number, lastLine),
      beginsCallable: last >= 0 && (units.end[last] as number) > end,
    };
  }

  private codeBehind(position: number, lastLine: number): boolean {
    const line = lineOf(this.cut.lines, position) + 1;
    return line <= lastLine && locBetween(this.cut.measure, line, lastLine) > 0;
  }

  private name(start: number, end: number, damaged: boolean): AtomName {
    const { cut, namer } = this;
    const ink = firstInk(cut.text, start, end);
    if (namer === null) return textName(cut.text.slice(ink, end), damaged);
    while (
      this.nextImport < this.importRanges.length &&
      (this.importRanges[this.nextImport] as { end: number }).end <= start
    )
      this.nextImport++;
    const import_ = this.importRanges[this.nextImport];
    const isImports = import_ !== undefined && import_.start < end && this.onlyImports(ink, end);
    return namer.describe(ink, end, isImports, damaged);
  }

  private onlyImports(start: number, end: number): boolean {
    let covered = start;
    for (let i = this.nextImport; i < this.importRanges.length; i++) {
      const range = this.importRanges[i] as { start: number; end: number };
      if (range.start >= end) break;
      if (this.holdsCode(covered, range.start)) return false;
      covered = range.end;
    }
    return !this.holdsCode(covered, end);
  }

  private holdsCode(from: number, to: number): boolean {
    const ink = firstInk(this.cut.text, from, to);
    if (ink >= to || this.cut.text[ink] === ';') return false;
    const { lines, measure } = this.cut;
    return locBetween(measure, lineOf(lines, ink), lineOf(lines, to - 1)) > 0;
  }

  private decisionsUntil(end: number): number {
    const { decisions } = this.cut.survey;
    const before = this.nextDecision;
    while (this.nextDecision < decisions.length && (decisions[this.nextDecision] as number) < end) this.nextDecision++;
    return this.nextDecision - before;
  }

  private isDamaged(start: number, end: number): boolean {
    const { damages } = this;
    // What ends before this atom lies before all that follow, too.
    while (this.nextDamage < damages.length && !reaches(damages[this.nextDamage] as Damage, start)) this.nextDamage++;
    for (let i = this.nextDamage; i < damages.length && (damages[i] as Damage).start < end; i++)
      if (reaches(damages[i] as Damage, start)) return true;
    return false;
  }
}

/** Deepest step of indentation on the lines of an atom, counted from its first line of code. */
function nestingOf(lines: Lines, first: number, last: number): number {
  const open: number[] = [];
  let deepest = 0;
  for (let line = first; line <= last; line++) {
    if (lines.code[line] === 0) continue;
    const column = (lines.firstInk[line] as number) - (lines.start[line] as number);
    while (open.length > 0 && (open.at(-1) as number) >= column) open.pop();
    open.push(column);
    deepest = Math.max(deepest, open.length - 1);
  }
  return deepest;
}

function textName(text: string, damaged: boolean): AtomName {
  const line = text
    .slice(0, text.search(/[\r\n]|$/))
    .trim()
    .slice(0, 80);
  const role: AtomRole = damaged ? 'damaged' : 'text';
  const name = line === '' ? 'empty text' : line;
  return {
    name,
    description: `text beginning with "${name}"`,
    role,
    symbolPath: '',
    enclosing: -1,
    begun: [],
    isSlice: false,
  };
}

function topLevelImports(table: SyntaxTable, rules: CompiledRules): { start: number; end: number }[] {
  const ranges: { start: number; end: number }[] = [];
  for (let child = 1; child < table.count; child = table.after[child] as number) {
    if (((rules.bits[table.kind[child] as number] as number) & BIT.import) === 0) continue;
    ranges.push({ start: table.start[child] as number, end: table.end[child] as number });
  }
  return ranges;
}

/** "imports from `os`, `sys`": what an atom of imports does. */
function importedFrom(named: AtomName, context: AtomContext): string | undefined {
  if (named.role !== 'import' || context.imports.length === 0) return undefined;
  const modules = [...new Set(context.imports.map((entry) => `\`${entry.module}\``))];
  const rest = modules.length - SHOWN_MODULES;
  return `imports from ${modules.slice(0, SHOWN_MODULES).join(', ')}${rest > 0 ? ` and ${String(rest)} more` : ''}`;
}

/** The atoms of a file that was cut. */
export function describeAtoms(cut: CutFile, byteOffsetOf: (index: number) => number): AtomDraft[] {
  return new Describer(cut, byteOffsetOf).run();
}
