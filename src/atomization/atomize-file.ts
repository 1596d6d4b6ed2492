/** Cuts one file into atoms: the synchronous core that worker threads run. */
import {
  decodeSource,
  hasGrammar,
  type SourceParser,
  type SyntaxTable,
  tabulate,
  type Tree,
} from '../adapters/parser/index.ts';
import type { SourceFile } from '../domain/index.ts';
import type { AtomizedFile } from './atomized-file.ts';
import type { CutFile } from './cut-file.ts';
import { damagesOf, forceCutsAround, joinDamages } from './damage.ts';
import { describeAtoms } from './describe-atoms.ts';
import { extractFacts } from './facts/extract.ts';
import type { FileFacts } from './facts/types.ts';
import { linesOf } from './lines.ts';
import { measureLines } from './measure.ts';
import { outlineOf } from './outlines.ts';
import { type CompiledRules, hasRules, rulesFor } from './rules/index.ts';
import { acceptedByOwnParser, betterTree, withoutMisread } from './second-opinion.ts';
import { type Survey, surveyTree } from './survey.ts';
import { outlineCuts } from './text-cuts.ts';
import { treeCuts } from './tree-cuts.ts';

const DEFAULT_BUDGET_MS = 5_000;

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

function cutByText(file: SourceFile, text: string): CutFile {
  const lines = linesOf(text);
  const outline = outlineOf(file.language, text, lines);
  const measure = measureLines(lines);
  const cuts = outlineCuts(text, lines, measure, outline);
  return { file, text, lines, measure, cuts, survey: EMPTY_SURVEY, damages: [], tree: null };
}

function cutByTree(file: SourceFile, text: string, table: SyntaxTable, rules: CompiledRules, notes: string[]): CutFile {
  const lines = linesOf(text);
  const survey = surveyTree(table, lines, rules);
  const measure = measureLines(lines);
  const cuts = treeCuts(text, table, lines, measure, rules, survey);
  const verdict = survey.errors.length === 0 ? true : acceptedByOwnParser(file.language, text);
  let damages = damagesOf(table, lines, survey, verdict === false);
  if (damages.length > 0 && verdict === true) {
    notes.push("the grammar stumbles over this file, the language's own parser does not");
    damages = [];
  }
  forceCutsAround(cuts, damages);
  return { file, text, lines, measure, cuts, survey, damages, tree: { table, rules } };
}

/** The definitions and uses of a file; one that they cannot be read from still falls into atoms, and says so. */
function readFactsOf(table: SyntaxTable, text: string, language: string, notes: string[]): FileFacts | null {
  try {
    return extractFacts(table, text, language);
  } catch (error) {
    notes.push(`definitions and uses were not read: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

/** Parses a text; where the grammar stumbles over something that it is known to misread, once more without that. */
function parse(parser: SourceParser, language: string, text: string, budgetMs: number): Tree | null {
  const tree = parser.parse(language, text, { budgetMs });
  if (tree === null || !tree.rootNode.hasError) return tree;
  const readable = withoutMisread(language, text);
  return readable === undefined ? tree : betterTree(tree, parser.parse(language, readable, { budgetMs }));
}

/**
 * Cuts a file into atoms that tile it: joined in order they are the file, byte for byte. Never throws for what the file holds:
 * what cannot be parsed is cut by text rules and `notes` says why.
 */
export function atomizeInThread(parser: SourceParser, file: SourceFile, options: AtomizeOptions = {}): AtomizedFile {
  const source = decodeSource(file.bytes);
  const { text } = source;
  const budgetMs = options.budgetMs ?? DEFAULT_BUDGET_MS;
  const notes: string[] = [];
  const finish = (cut: CutFile, facts: FileFacts | null): AtomizedFile => ({
    path: file.path,
    language: file.language,
    encoding: source.encoding,
    bytes: file.bytes.length,
    lines: cut.lines.count,
    syntaxErrors: joinDamages(cut.damages, cut.lines),
    atoms: describeAtoms(cut, source.byteOffsetOf),
    facts,
    notes,
  });
  if (!hasGrammar(file.language) || !hasRules(file.language)) return finish(cutByText(file, text), null);
  if (text.length > MAX_PARSED) {
    notes.push(`cut by text rules: more than ${String(MAX_PARSED)} characters`);
    return finish(cutByText(file, text), null);
  }
  const tree = parse(parser, file.language, text, budgetMs);
  if (tree === null) {
    notes.push(`cut by text rules: parsing took longer than ${String(budgetMs)} ms`);
    return finish(cutByText(file, text), null);
  }
  try {
    const table = tabulate(tree);
    const rules = rulesFor(file.language, table);
    if (rules === undefined) return finish(cutByText(file, text), null);
    const facts = options.withFacts === true ? readFactsOf(table, text, file.language, notes) : null;
    return finish(cutByTree(file, text, table, rules, notes), facts);
  } finally {
    tree.delete();
  }
}
