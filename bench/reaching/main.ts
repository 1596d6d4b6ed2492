/**
 * Scores which assignments reach which uses of local names inside functions, against references that come from elsewhere: CPython's
 * bytecode for Python, runs by chance over the TypeScript syntax tree for TypeScript and JavaScript.
 *
 *   node --import tsx bench/reaching/main.ts [--python EXE] [--show N] [FOLDER…]
 *
 * Without folders: TypeScript that installed packages ship, this project's own sources, and packages of the interpreter's library.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openParser, tabulate, type SourceParser } from '../../src/adapters/parser/index.ts';
import {
  DEF,
  DEF_KIND,
  readSources,
  SYMBOL,
  USE,
  USE_FLAG,
  USE_KIND,
  type FileFacts,
} from '../../src/atomization/index.ts';
import { extractFacts } from '../../src/atomization/facts/extract.ts';
import { scriptReaching, type ReachedUse } from './script-truth.ts';

const here = dirname(fileURLToPath(import.meta.url));
const SCRIPT = /\.(ts|tsx|mts|js|jsx|mjs)$/;
const SEED = 20_261_121;

interface Counts {
  found: number;
  right: number;
  wanted: number;
  hit: number;
}

interface Project {
  /** All uses of local names. */
  readonly all: Counts;
  /** Uses of names with more than one definition: where there is something to find out. */
  readonly several: Counts;
  functions: number;
  readonly shown: string[];
}

/** What the facts of a file say reaches a use: pairs where there are several definitions, else the only one. */
class Predicted {
  private readonly facts: FileFacts;
  private readonly useAt = new Map<string, number>();
  private readonly pairs = new Map<number, number[]>();

  constructor(facts: FileFacts) {
    this.facts = facts;
    for (let row = 0; row < facts.uses.length / USE.width; row += 1) {
      if (this.use(row, USE.kind) !== USE_KIND.name) continue;
      const name = facts.names[this.use(row, USE.name)] ?? '';
      const key = `${String(this.use(row, USE.pos))} ${name}`;
      // `x += 1` reads and writes at one place.
      if ((this.use(row, USE.flags) & USE_FLAG.write) === 0 || !this.useAt.has(key)) this.useAt.set(key, row);
    }
    for (let i = 0; i < facts.reaching.length; i += 2) {
      const use = facts.reaching[i] ?? -1;
      const def = facts.reaching[i + 1] ?? -1;
      this.pairs.set(use, [...(this.pairs.get(use) ?? []), def]);
    }
  }

  private use(row: number, column: number): number {
    return this.facts.uses[row * USE.width + column] ?? -1;
  }

  def(row: number, column: number): number {
    return this.facts.defs[row * DEF.width + column] ?? -1;
  }

  /** All definitions of the name, and those that reach; undefined where the facts have no such use. */
  at(position: number, name: string): { all: number[]; reaching: number[] } | undefined {
    const row = this.useAt.get(`${String(position)} ${name}`);
    const symbol = row === undefined ? -1 : this.use(row, USE.target);
    if (row === undefined || symbol < 0) return undefined;
    const offset = this.facts.symbols[symbol * SYMBOL.width + SYMBOL.defs] ?? -1;
    const all =
      offset < 0 ? [] : [...this.facts.lists.subarray(offset + 1, offset + 1 + (this.facts.lists[offset] ?? 0))];
    return { all, reaching: all.length <= 1 ? all : (this.pairs.get(row) ?? []) };
  }
}

/** The definition that a place of the reference means: at it, or the first of the name inside of it. */
function matching(predicted: Predicted, all: readonly number[], place: ReachedUse['defs'][number]): number | undefined {
  if (place === 'parameter') return all.find((def) => predicted.def(def, DEF.kind) === DEF_KIND.parameter);
  const [start, end] = place;
  const inside = all.filter((def) => predicted.def(def, DEF.pos) >= start && predicted.def(def, DEF.pos) < end);
  return inside.sort((a, b) => predicted.def(a, DEF.pos) - predicted.def(b, DEF.pos))[0];
}

function scoreFile(path: string, text: string, facts: FileFacts, truth: readonly ReachedUse[], project: Project): void {
  const predicted = new Predicted(facts);
  // Code that is compiled twice, as `finally` is, has one use with what reaches any of its copies.
  const joined = new Map<string, { use: ReachedUse; defs: Set<string>; allowed: Set<string> }>();
  for (const use of truth) {
    const key = `${String(use.use)} ${use.name}`;
    const known = joined.get(key) ?? { use, defs: new Set<string>(), allowed: new Set<string>() };
    use.defs.forEach((def) => known.defs.add(JSON.stringify(def)));
    use.allowed.forEach((def) => known.allowed.add(JSON.stringify(def)));
    joined.set(key, known);
  }
  for (const { use, defs, allowed } of joined.values()) {
    const found = predicted.at(use.use, use.name);
    const places = (set: ReadonlySet<string>) => [...set].map((def) => JSON.parse(def) as ReachedUse['defs'][number]);
    const wanted = places(defs).map((place) => matching(predicted, found?.all ?? [], place));
    const may = new Set(places(allowed).map((place) => matching(predicted, found?.all ?? [], place)));
    const reaching = new Set(found?.reaching ?? []);
    const hit = wanted.filter((def) => def !== undefined && reaching.has(def)).length;
    const wrong = [...reaching].filter((def) => !may.has(def) && !wanted.includes(def));
    const right = [...reaching].filter((def) => wanted.includes(def)).length;
    for (const counts of [project.all, ...((found?.all.length ?? 0) > 1 || defs.size > 1 ? [project.several] : [])]) {
      counts.found += right + wrong.length;
      counts.right += right;
      counts.wanted += wanted.length;
      counts.hit += hit;
    }
    if (hit < wanted.length || wrong.length > 0) {
      const line = (position: number) => text.slice(0, position).split('\n').length;
      const missed = places(defs).filter((_, i) => !reaching.has(wanted[i] ?? -1));
      project.shown.push(
        `${path}:${String(line(use.use))} ${use.name}: missed ${missed.map((p) => (p === 'parameter' ? p : line(p[0]))).join(', ') || '-'}; wrong ${wrong.map((def) => line(predicted.def(def, DEF.pos))).join(', ') || '-'}`,
      );
    }
  }
}

function pythonTruth(root: string, python: string): Record<string, ReachedUse[]> {
  const folder = mkdtempSync(join(tmpdir(), 'mge-bench-reaching-'));
  try {
    const out = join(folder, 'truth.json');
    execFileSync(python, [join(here, 'python_truth.py'), root, out], { stdio: 'inherit' });
    return JSON.parse(readFileSync(out, 'utf8')) as Record<string, ReachedUse[]>;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(root: string, parser: SourceParser, python: string): Promise<Project> {
  const counts = (): Counts => ({ found: 0, right: 0, wanted: 0, hit: 0 });
  const project: Project = { all: counts(), several: counts(), functions: 0, shown: [] };
  const files = (await readSources(root)).files;
  const fromPython = files.some((file) => file.language === 'python') ? pythonTruth(root, python) : {};
  for (const file of files) {
    const script = SCRIPT.test(file.path) && !file.path.endsWith('.d.ts');
    const truth = script ? scriptReaching(root, file.path, SEED) : fromPython[file.path];
    if (truth === undefined || truth.length === 0) continue;
    const text = Buffer.from(file.bytes).toString('utf8');
    const tree = parser.parse(file.language, text);
    if (tree === null) continue;
    const facts = extractFacts(tabulate(tree), text, file.language);
    tree.delete();
    if (facts !== null) scoreFile(file.path, text, facts, truth, project);
  }
  return project;
}

const percent = (part: number, whole: number): string =>
  whole === 0 ? '   -  ' : ((part / whole) * 100).toFixed(2).padStart(6);

function report(name: string, { all, several, shown }: Project, show: number): void {
  const line = (c: Counts): string =>
    `P ${percent(c.right, c.found)}  R ${percent(c.hit, c.wanted)}  (${String(c.found)} found, ${String(c.wanted)} wanted)`;
  console.log(`${name.padEnd(14)} ${line(all)}; names with several definitions: ${line(several)}`);
  for (const text of shown.slice(0, show)) console.log(`    ${text}`);
}

function libraryFolders(python: string): string[] {
  const code =
    'import json, email, asyncio, os; print(*[os.path.dirname(m.__file__) for m in (json, email, asyncio)], sep="\\n")';
  try {
    return execFileSync(python, ['-c', code], { encoding: 'utf8' }).trim().split('\n');
  } catch {
    return [];
  }
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const option = (name: string, fallback: string): string => {
    const at = args.indexOf(name);
    return at < 0 ? fallback : (args.splice(at, 2)[1] ?? fallback);
  };
  const python = option('--python', 'python3');
  const show = Number(option('--show', '0'));
  const packages = ['ajv/lib', 'zod/src', 'happy-dom/src'].map((path) => join(here, '../../node_modules', path));
  const folders = args.length > 0 ? args : [...packages, join(here, '../../src'), ...libraryFolders(python)];
  const parser = await openParser();
  try {
    for (const root of folders.map((path) => resolve(path))) {
      const name = ['src', 'lib'].includes(basename(root)) ? basename(dirname(root)) : basename(root);
      report(name, await measure(root, parser, python), show);
    }
  } finally {
    parser.close();
  }
}

await main();
