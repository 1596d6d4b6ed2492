/**
 * Scores the dependency graph against independent resolvers, and measures what it costs.
 *
 *   node --import tsx bench/graph/main.ts [--python EXE] [FOLDER…]
 *
 * Without folders: the TypeScript that installed packages ship, this project's own sources, and the Python packages that lie beside
 * jedi. Python needs an interpreter with jedi (Debian: python3-jedi); without one those projects are left out, which is said.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openParser, tabulate, type SourceParser } from '../../src/adapters/parser/index.ts';
import { createAtomizer, readSources, type AtomizedFile, type Atomizer } from '../../src/atomization/index.ts';
import { extractFacts } from '../../src/atomization/facts/extract.ts';
import type { SourceFile } from '../../src/domain/index.ts';
import { assembleGraph } from '../../src/graph/assemble.ts';
import { planWaves } from '../../src/graph/index.ts';
import { score, type Score } from './score.ts';
import { typescriptTruth, type Truth } from './typescript-truth.ts';

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, '../../node_modules');
const TYPESCRIPT = ['ajv/lib', 'happy-dom/src', 'chromadb/src', 'zod/src'].map((path) => join(packages, path));
const PYTHON = ['flask', 'click', 'jsonschema', 'requests'];
const SCRIPT = /\.(ts|tsx|mts|js|jsx|mjs)$/;

interface Costs {
  readonly lines: number;
  /** CPU milliseconds. */
  readonly parse: number;
  readonly facts: number;
  readonly graph: number;
  readonly waves: number;
}

function cpuOf<T>(work: () => T): { result: T; ms: number } {
  const before = process.cpuUsage();
  const result = work();
  return { result, ms: process.cpuUsage(before).user / 1_000 };
}

/** Parses and extracts three times; the last round is what a warm process takes. */
function factsCost(
  parser: SourceParser,
  sources: readonly SourceFile[],
): { parse: number; facts: number; lines: number } {
  let costs = { parse: 0, facts: 0, lines: 0 };
  for (let round = 0; round < 3; round += 1) {
    costs = { parse: 0, facts: 0, lines: 0 };
    for (const source of sources) {
      const text = Buffer.from(source.bytes).toString('utf8');
      const parsed = cpuOf(() => parser.parse(source.language, text));
      const tree = parsed.result;
      if (tree === null) continue;
      costs.parse += parsed.ms;
      costs.facts += cpuOf(() => extractFacts(tabulate(tree), text, source.language)).ms;
      costs.lines += text.split('\n').length;
      tree.delete();
    }
  }
  return costs;
}

async function measure(
  name: string,
  sources: readonly SourceFile[],
  atomizer: Atomizer,
  truthOf: (files: readonly AtomizedFile[]) => Truth,
): Promise<void> {
  const files = await atomizer.atomize(sources, { withFacts: true });
  const parser = await openParser();
  const costs = factsCost(parser, sources);
  parser.close();
  const texts = files.map((file, i) => ({ file, text: () => Buffer.from(sources[i]?.bytes ?? []).toString('utf8') }));
  for (let round = 0; round < 3; round += 1) planWaves(...planned(assembleGraph(texts)));
  const graph = cpuOf(() => assembleGraph(texts));
  const plan = cpuOf(() => planWaves(graph.result.atomCount, graph.result.edges));
  report(name, score(files, graph.result.edges, truthOf(files)), { ...costs, graph: graph.ms, waves: plan.ms });
}

function planned(graph: ReturnType<typeof assembleGraph>): [number, typeof graph.edges] {
  return [graph.atomCount, graph.edges];
}

const percent = (ratio: number): string => (ratio * 100).toFixed(2).padStart(6);

function report(name: string, s: Score, costs: Costs): void {
  console.log(
    `${name.padEnd(14)} P ${percent(s.precision)}  R ${percent(s.recall)}  across files P ${percent(s.acrossPrecision)} R ${percent(s.acrossRecall)}` +
      `  pairs found ${String(s.found)}, wanted ${String(s.wanted)}`,
  );
  const kinds = Object.entries(s.recallByKind).map(([kind, n]) => `${kind} ${String(n.found)}/${String(n.wanted)}`);
  const types = Object.entries(s.precisionByType).map(([type, n]) => `${type} ${String(n.right)}/${String(n.found)}`);
  console.log(`    recall by kind: ${kinds.join(', ')}`);
  console.log(`    precision by type: ${types.join(', ')}`);
  const ratio = (costs.parse + costs.facts + costs.graph + costs.waves) / costs.parse;
  console.log(
    `    CPU ms: parse ${costs.parse.toFixed(0)}, facts ${costs.facts.toFixed(0)}, edges ${costs.graph.toFixed(0)}, waves ${costs.waves.toFixed(1)};` +
      ` parse + facts + graph = ${ratio.toFixed(2)} x a bare parse of ${String(costs.lines)} lines`,
  );
}

async function scriptProject(root: string, atomizer: Atomizer): Promise<void> {
  const all = (await readSources(root)).files;
  const sources = all.filter(
    (file) => (SCRIPT.test(file.path) && !file.path.endsWith('.d.ts')) || file.path.endsWith('.json'),
  );
  const paths = sources.filter((file) => SCRIPT.test(file.path)).map((file) => file.path);
  const name = basename(root) === 'src' || basename(root) === 'lib' ? basename(dirname(root)) : basename(root);
  await measure(name, sources, atomizer, () => typescriptTruth(root, paths));
}

async function pythonProject(root: string, python: string, atomizer: Atomizer): Promise<void> {
  // Alone in a folder of its own, so that nothing but its own files can be found.
  const folder = mkdtempSync(join(tmpdir(), 'mge-bench-graph-'));
  try {
    cpSync(root, join(folder, basename(root)), { recursive: true, filter: (path) => !path.includes('__pycache__') });
    const sources = (await readSources(folder)).files.filter((file) => file.path.endsWith('.py'));
    await measure(basename(root), sources, atomizer, () => {
      const out = join(folder, 'truth.json');
      execFileSync(python, [join(here, 'python_truth.py'), folder, out], { stdio: 'inherit' });
      return JSON.parse(readFileSync(out, 'utf8')) as Truth;
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Folder of the packages beside jedi; undefined where the interpreter has none. */
function besideJedi(python: string): string | undefined {
  try {
    const path = execFileSync(
      python,
      ['-c', 'import jedi, os; print(os.path.dirname(os.path.dirname(jedi.__file__)))'],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    return path.trim();
  } catch {
    return undefined;
  }
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const at = args.indexOf('--python');
  const [, python = 'python3'] = at >= 0 ? args.splice(at, 2) : [];
  const jedi = besideJedi(python);
  const chosen = args.length > 0 ? args.map((path) => resolve(path)) : [...TYPESCRIPT, join(here, '../../src')];
  const beside =
    args.length > 0 || jedi === undefined
      ? []
      : PYTHON.map((name) => join(jedi, name)).filter((path) => existsSync(path));
  if (jedi === undefined) console.log(`${python} has no jedi: Python projects are left out`);
  const atomizer = createAtomizer();
  try {
    for (const root of [...chosen, ...beside]) {
      const files = (await readSources(root)).files;
      const isPython =
        files.filter((file) => file.language === 'python').length >
        files.filter((file) => SCRIPT.test(file.path)).length;
      if (!isPython) await scriptProject(root, atomizer);
      else if (jedi !== undefined) await pythonProject(root, python, atomizer);
    }
  } finally {
    await atomizer.close();
  }
}

await main();
