/**
 * Measures the atomizer: quality of the cuts by an independent checker, CPU time against bare parsing, scaling over threads, memory;
 * a peer from npm beside it. Usage: tsx bench/atomize/main.ts [--limit N] [--json FILE] [--peer FOLDER_WITH_ITS_PACKAGES]
 * [--project FOLDER_OF_A_PROJECT_WITH_ITS_TESTS]… [FOLDER…]
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Language, Parser } from 'web-tree-sitter';
import { decodeSource, languageOf, openParser, type SourceParser } from '../../src/adapters/parser/index.ts';
import { atomizeInThread, isLossless, reportOn } from '../../src/atomization/index.ts';
import type { SourceFile } from '../../src/domain/index.ts';
import { type Divisible, divisibleOf, judge, type Judgement, readStructure } from './checker.ts';
import { measureProjects } from './projects.ts';
import { type Corpus, defaultRoots, listCorpus, readCorpus } from './corpus.ts';
import { loadPeer } from './peer.ts';
import { measureScaling } from './scaling.ts';

const { values, positionals } = parseArgs({
  options: {
    limit: { type: 'string', default: '1000' },
    json: { type: 'string' },
    project: { type: 'string', multiple: true },
    peer: { type: 'string', default: process.cwd() },
    stream: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const splitter = await loadPeer(values.peer);
const ROUNDS = 4;
const GRAMMARS: Readonly<Record<string, string>> = {
  py: 'tree-sitter-python/tree-sitter-python.wasm',
  ts: 'tree-sitter-typescript/tree-sitter-typescript.wasm',
  tsx: 'tree-sitter-typescript/tree-sitter-tsx.wasm',
};

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};
const percent = (part: number, whole: number): number => (whole === 0 ? 0 : Math.round((10_000 * part) / whole) / 100);

/** Adds up what the checker says about the files of a corpus. */
class Tally {
  atoms = 0;
  within = 0;
  over = 0;
  needless = 0;
  callables = 0;
  whole = 0;
  mixes = 0;
  lossy = 0;
  over2k = 0;
  readonly loc: number[] = [];

  add(result: Judgement, lossless: boolean): void {
    if (!lossless) this.lossy++;
    if (result.loc.reduce((sum, loc) => sum + loc, 0) < 5) return;
    this.atoms += result.loc.length;
    this.within += result.loc.filter((loc) => loc >= 5 && loc <= 15).length;
    this.over += result.loc.filter((loc) => loc > 15).length;
    this.over2k += result.bytes.filter((bytes) => bytes > 2560).length;
    this.needless += result.needless;
    this.callables += result.callables;
    this.whole += result.whole;
    this.mixes += result.mixes;
    for (const loc of result.loc) this.loc.push(loc);
  }

  summary() {
    const sorted = this.loc.sort((a, b) => a - b);
    return {
      atoms: this.atoms,
      within5to15Percent: percent(this.within, this.atoms),
      over15Percent: percent(this.over, this.atoms),
      over2560BytesPercent: percent(this.over2k, this.atoms),
      medianLoc: sorted[sorted.length >> 1] ?? 0,
      maxLoc: sorted.at(-1) ?? 0,
      needlessCutsPercent: percent(this.needless, this.atoms),
      callablesWholePercent: percent(this.whole, this.callables),
      tailAndHeadPercent: percent(this.mixes, this.atoms),
      filesNotLossless: this.lossy,
    };
  }
}

async function quality(parser: SourceParser, extension: string, files: readonly SourceFile[]) {
  const mine = new Tally();
  const peer = new Tally();
  const unexplained: string[] = [];
  const complex: Record<Divisible, number> = { not: 0, small: 0, freely: 0 };
  const atomized = files.map((file) => atomizeInThread(parser, file));
  for (const [i, source] of files.entries()) {
    const file = atomized[i];
    const { text } = decodeSource(source.bytes);
    const tree = parser.parse(source.language, text, { budgetMs: 60_000 });
    if (file === undefined || tree === null) continue;
    const structure = readStructure(tree, text);
    tree.delete();
    const cuts = file.atoms.slice(1).map((atom) => atom.startIndex);
    mine.add(judge(structure, text, cuts), isLossless(source, file));
    const divisible = divisibleOf(structure, [0, ...cuts, text.length]);
    for (const atom of file.atoms) if (atom.complexity >= 3) complex[divisible[atom.ordinal] ?? 'not']++;
    for (const atom of file.atoms) {
      if (atom.loc > 15 && atom.oversize === null) unexplained.push(`${source.path}:${String(atom.range.startLine)}`);
    }
    if (splitter === undefined) continue;
    const other = await splitter.cuts(extension, text);
    peer.add(judge(structure, text, other.cuts), other.lossless);
  }
  const report = reportOn(atomized, 0);
  return {
    atomizer: { ...mine.summary(), oversizeReasons: report.oversize, oversizeWithoutReason: unexplained.length },
    peer: splitter === undefined ? 'not installed' : peer.summary(),
    complexity: {
      average: report.avgComplexity,
      from3Percent: percent(complex.not + complex.small + complex.freely, report.atoms),
      // Of all atoms: what a needless cut, a piece of under 5 lines, or nothing stands against.
      notDividedWithoutNeedlessCutPercent: percent(complex.not, report.atoms),
      dividedOnlyIntoSmallPercent: percent(complex.small, report.atoms),
      dividedFreelyPercent: percent(complex.freely, report.atoms),
    },
    completenessOfLooseFiles: report.avgCompleteness,
    filesWithSyntaxErrors: new Set(report.syntaxErrors.map((error) => error.file)).size,
  };
}

/** CPU of bare parsing through web-tree-sitter's own interface, and of everything that the atomizer does; medians of the rounds after the first. */
async function speed(parser: SourceParser, extension: string, files: readonly SourceFile[]) {
  const grammar = createRequire(import.meta.url).resolve(GRAMMARS[extension] ?? '');
  const bare = new Parser();
  bare.setLanguage(await Language.load(readFileSync(grammar)));
  const texts = files.map((file) => decodeSource(file.bytes).text);
  const lines = texts.reduce((sum, text) => sum + text.split('\n').length, 0);
  const parses: number[] = [];
  const alls: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const start = cpuMs();
    for (const text of texts) bare.parse(text)?.delete();
    const middle = cpuMs();
    for (const file of files) atomizeInThread(parser, file);
    if (round > 0) parses.push(middle - start);
    if (round > 0) alls.push(cpuMs() - middle);
  }
  bare.delete();
  const median = (list: number[]): number => list.sort((a, b) => a - b)[list.length >> 1] ?? 0;
  const [parse, all] = [median(parses), median(alls)];
  return {
    lines,
    parseLinesPerSecond: Math.round((1000 * lines) / parse),
    atomizeLinesPerSecond: Math.round((1000 * lines) / all),
    ratio: Math.round((100 * all) / parse) / 100,
  };
}

/** Largest resident memory of a process that atomizes the whole corpus, file by file. */
function memory(): { maxRssMb: number } {
  const self = fileURLToPath(import.meta.url);
  const argv = ['--import', 'tsx', self, '--stream', '--limit', values.limit, ...positionals];
  return { maxRssMb: Number(execFileSync(process.execPath, argv, { encoding: 'utf8' })) };
}

/** Reads and atomizes one file after the other and keeps nothing. */
async function stream(): Promise<void> {
  const only = await openParser();
  for (const path of listCorpus(roots, Object.keys(GRAMMARS), Number(values.limit))) {
    const bytes = readFileSync(path);
    atomizeInThread(only, { path, language: languageOf(path), bytes });
  }
  process.stdout.write(String(Math.round(process.resourceUsage().maxRSS / 1024)));
}

const roots = positionals.length > 0 ? positionals : defaultRoots();
if (values.stream) {
  await stream();
  process.exit(0);
}
const corpus: Corpus = readCorpus(roots, Object.keys(GRAMMARS), Number(values.limit));
const parser = await openParser();
const results: Record<string, unknown> = { roots, node: process.version, date: new Date().toISOString() };
for (const extension of Object.keys(GRAMMARS)) {
  const files = corpus.files.filter((file) => file.path.endsWith(`.${extension}`));
  if (files.length === 0) {
    console.log(`${extension}: no files under ${roots.join(', ')}`);
    continue;
  }
  const measured = {
    files: files.length,
    ...(await speed(parser, extension, files)),
    ...(await quality(parser, extension, files)),
  };
  results[extension] = measured;
  console.log(extension, JSON.stringify(measured, null, 2));
}
if (values.project !== undefined) {
  results['projects'] = await measureProjects(values.project);
  console.log(JSON.stringify(results['projects'], null, 2));
}
results['memory'] = memory();
results['threads'] = await measureScaling(corpus.files);
console.log(JSON.stringify({ memory: results['memory'], threads: results['threads'] }));
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
