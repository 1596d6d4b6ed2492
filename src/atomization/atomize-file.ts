/** Cuts one file into atoms: the synchronous core that worker threads run. */
import {
  decodeSource,
  hasGrammar,
  NODE_ERROR,
  type SourceParser,
  type SyntaxTable,
  tabulate,
} from '../adapters/parser/index.ts';
import type { AtomRole, SourceFile } from '../domain/index.ts';
import { judgeAtomicity } from './atomicity.ts';
import type { AtomDraft, AtomizedFile, SyntaxProblem } from './atomized-file.ts';
import { textContext } from './context.ts';
import { type Cuts, LIMITS } from './cuts.ts';
import { extractFacts } from './facts/extract.ts';
import type { FileFacts } from './facts/types.ts';
import { lineOf, type Lines, linesOf } from './lines.ts';
import { locBetween, measureLines, type Measure } from './measure.ts';
import { type AtomName, Namer } from './names.ts';
import { outlineOf } from './outlines.ts';
import { choosePartition } from './partition.ts';
import { BIT, type CompiledRules, hasRules, rulesFor } from './rules/index.ts';
import { type Survey, surveyTree } from './survey.ts';
import { outlineCuts } from './text-cuts.ts';
import { treeCuts } from './tree-cuts.ts';

export interface AtomizeOptions {
  /** Also collect the facts that the dependency graph is built from. */
  readonly withFacts?: boolean;
  /** Milliseconds that parsing the file may take; default 5,000. */
  readonly budgetMs?: number;
}

/** Files larger than this are cut by text rules: their trees would take too much memory. Characters. */
const MAX_PARSED = 4 * 1024 * 1024;

const EMPTY_SURVEY: Survey = {
  units: { node: [], start: [], end: [], bits: [], parent: [] },
  decisions: [],
  errors: [],
  remarks: [],
};

/** A file with its cuts, before the atoms are described. */
interface CutFile {
  readonly file: SourceFile;
  readonly text: string;
  readonly lines: Lines;
  readonly measure: Measure;
  readonly cuts: Cuts;
  readonly survey: Survey;
  readonly tree: { readonly table: SyntaxTable; readonly rules: CompiledRules } | null;
}

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

function firstInk(text: string, from: number, to: number): number {
  let i = from;
  while (i < to && text.charCodeAt(i) <= 32) i++;
  return i;
}

function oversizeReason(loc: number, size: number): string | null {
  if (loc <= LIMITS.maxLoc && size <= LIMITS.maxCode * 1.5) return null;
  return 'nothing in it can be cut: a string, an expression, or a header with its first statement';
}

/** Describes the atoms of one file. */
class Describer {
  private readonly cut: CutFile;
  private readonly namer: Namer | null;
  private readonly byteOffsetOf: (index: number) => number;
  private readonly importRanges: readonly { start: number; end: number }[];
  private decision = 0;

  constructor(cut: CutFile, byteOffsetOf: (index: number) => number) {
    this.cut = cut;
    this.byteOffsetOf = byteOffsetOf;
    this.namer = cut.tree === null ? null : new Namer(cut.text, cut.tree.table, cut.tree.rules, cut.survey);
    this.importRanges = cut.tree === null ? [] : topLevelImports(cut.tree.table, cut.tree.rules);
  }

  run(): AtomDraft[] {
    const { units } = this.cut.survey;
    const atomOfUnit = new Int32Array(units.start.length).fill(-1);
    let nextUnit = 0;
    return stretches(this.cut).map(({ start, end }, ordinal) => {
      for (; nextUnit < units.start.length && (units.start[nextUnit] as number) < end; nextUnit++) {
        if ((units.start[nextUnit] as number) >= start) atomOfUnit[nextUnit] = ordinal;
      }
      return this.draft(start, end, ordinal, atomOfUnit);
    });
  }

  private draft(start: number, end: number, ordinal: number, atomOfUnit: Int32Array): AtomDraft {
    const { cut } = this;
    const first = lineOf(cut.lines, start);
    const last = lineOf(cut.lines, Math.max(end - 1, start));
    const loc = end > start ? locBetween(cut.measure, first, last) : 0;
    const damaged = this.isDamaged(start, end);
    const named = this.name(start, end, damaged);
    const complexity = 1 + this.decisionsUntil(end);
    const oversize = oversizeReason(loc, end - start);
    const context = textContext('not analysed');
    const verdict = judgeAtomicity({
      loc,
      size: end - start,
      complexity,
      role: named.role,
      oversize,
      declarations: named.begun.length,
      owners: 1,
      startsInsideCallable: false,
      endsInsideCallable: false,
      nesting: 0,
      damaged,
      unresolved: 0,
      effects: context.side_effects.length,
      completeness: context.completeness_score,
    });
    const parent = named.enclosing < 0 ? -1 : (atomOfUnit[named.enclosing] as number);
    const where = first === last ? `line ${String(first + 1)}` : `lines ${String(first + 1)}-${String(last + 1)}`;
    return {
      ordinal,
      parentOrdinal: parent < 0 || parent === ordinal ? null : parent,
      name: named.name,
      description: `${named.description} (${where} of ${cut.file.path})`,
      role: named.role,
      symbolPath: named.symbolPath,
      startIndex: start,
      endIndex: end,
      range: {
        startByte: this.byteOffsetOf(start),
        endByte: this.byteOffsetOf(end),
        startLine: first + 1,
        endLine: last + 1,
      },
      loc,
      complexity,
      violations: verdict.violations,
      atomicityScore: verdict.score,
      isAtomic: verdict.isAtomic,
      context,
      oversize,
    };
  }

  private name(start: number, end: number, damaged: boolean): AtomName {
    const { cut, namer } = this;
    const ink = firstInk(cut.text, start, end);
    if (namer === null) return textName(cut.text.slice(ink, end), damaged);
    const imports = this.importRanges.some((range) => range.start >= start && range.end <= end);
    return namer.describe(ink, end, imports && this.onlyImports(ink, end), damaged, false);
  }

  private onlyImports(start: number, end: number): boolean {
    let covered = start;
    for (const range of this.importRanges) {
      if (range.end <= start || range.start >= end) continue;
      if (this.holdsCode(covered, range.start)) return false;
      covered = range.end;
    }
    return !this.holdsCode(covered, end);
  }

  private holdsCode(from: number, to: number): boolean {
    const ink = firstInk(this.cut.text, from, to);
    if (ink >= to || this.cut.text[ink] === ';') return false;
    const first = lineOf(this.cut.lines, ink);
    return locBetween(this.cut.measure, first, lineOf(this.cut.lines, to - 1)) > 0;
  }

  private decisionsUntil(end: number): number {
    const { decisions } = this.cut.survey;
    const before = this.decision;
    while (this.decision < decisions.length && (decisions[this.decision] as number) < end) this.decision++;
    return this.decision - before;
  }

  private isDamaged(start: number, end: number): boolean {
    const { tree, survey } = this.cut;
    return (
      tree !== null &&
      survey.errors.some(
        (node) => (tree.table.start[node] as number) < end && (tree.table.end[node] as number) >= start,
      )
    );
  }
}

function textName(text: string, damaged: boolean): AtomName {
  const line = text
    .slice(0, text.search(/[\r\n]|$/))
    .trim()
    .slice(0, 80);
  const role: AtomRole = damaged ? 'damaged' : 'text';
  const name = line === '' ? 'empty text' : line;
  return { name, description: `text beginning with "${name}"`, role, symbolPath: '', enclosing: -1, begun: [] };
}

function topLevelImports(table: SyntaxTable, rules: CompiledRules): { start: number; end: number }[] {
  const ranges: { start: number; end: number }[] = [];
  for (let child = 1; child < table.count; child = table.after[child] as number) {
    if (((rules.bits[table.kind[child] as number] as number) & BIT.import) === 0) continue;
    ranges.push({ start: table.start[child] as number, end: table.end[child] as number });
  }
  return ranges;
}

function problemsOf(cut: CutFile): SyntaxProblem[] {
  if (cut.tree === null) return [];
  const { table } = cut.tree;
  return cut.survey.errors.map((node) => {
    const start = table.start[node] as number;
    const end = Math.max(start, (table.end[node] as number) - 1);
    const what = table.types[table.kind[node] as number] ?? 'something';
    const message =
      ((table.flags[node] as number) & NODE_ERROR) !== 0
        ? 'This text does not fit the grammar.'
        : `"${what}" is missing.`;
    return { startLine: lineOf(cut.lines, start) + 1, endLine: lineOf(cut.lines, end) + 1, message };
  });
}

function cutByText(file: SourceFile, text: string): CutFile {
  const lines = linesOf(text);
  const outline = outlineOf(file.language, text, lines);
  const measure = measureLines(lines);
  return {
    file,
    text,
    lines,
    measure,
    cuts: outlineCuts(text, lines, measure, outline),
    survey: EMPTY_SURVEY,
    tree: null,
  };
}

function cutByTree(file: SourceFile, text: string, table: SyntaxTable, rules: CompiledRules): CutFile {
  const lines = linesOf(text);
  const survey = surveyTree(table, lines, rules);
  const measure = measureLines(lines);
  return {
    file,
    text,
    lines,
    measure,
    cuts: treeCuts(text, table, lines, measure, rules, survey),
    survey,
    tree: { table, rules },
  };
}

/**
 * Cuts a file into atoms that tile it: joined in order they are the file, byte for byte. Never throws for what the file holds:
 * what cannot be parsed is cut by text rules and `notes` says why.
 */
export function atomizeInThread(parser: SourceParser, file: SourceFile, options: AtomizeOptions = {}): AtomizedFile {
  const source = decodeSource(file.bytes);
  const { text } = source;
  const notes: string[] = [];
  const finish = (cut: CutFile, facts: FileFacts | null): AtomizedFile => ({
    path: file.path,
    language: file.language,
    encoding: source.encoding,
    bytes: file.bytes.length,
    lines: cut.lines.count,
    syntaxErrors: problemsOf(cut),
    atoms: new Describer(cut, source.byteOffsetOf).run(),
    facts,
    notes,
  });
  if (!hasGrammar(file.language) || !hasRules(file.language)) return finish(cutByText(file, text), null);
  if (text.length > MAX_PARSED) {
    notes.push(`cut by text rules: more than ${String(MAX_PARSED)} characters`);
    return finish(cutByText(file, text), null);
  }
  const tree = parser.parse(file.language, text, { budgetMs: options.budgetMs ?? 5_000 });
  if (tree === null) {
    notes.push(`cut by text rules: parsing took longer than ${String(options.budgetMs ?? 5_000)} ms`);
    return finish(cutByText(file, text), null);
  }
  try {
    const table = tabulate(tree);
    const rules = rulesFor(file.language, table);
    if (rules === undefined) return finish(cutByText(file, text), null);
    const facts = options.withFacts === true ? extractFacts(table, text, file.language) : null;
    return finish(cutByTree(file, text, table, rules), facts);
  } finally {
    tree.delete();
  }
}
