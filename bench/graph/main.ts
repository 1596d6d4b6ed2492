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
import { createAtomizer, readSources, type Atomizer } from '../../src/atomization/index.ts';
import type { SourceFile } from '../../src/domain/index.ts';
import { assembleGraph } from '../../src/graph/assemble.ts';
import { measureCpu } from './cpu.ts';
import { score, type Score } from './score.ts';
import { typescriptTruth, type Truth } from './typescript-truth.ts';

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, '../../node_modules');
const TYPESCRIPT = ['ajv/lib', 'happy-dom/src', 'chromadb/src', 'zod/src'].map((path) => join(packages, path));
const PYTHON = ['flask', 'click', 'jsonschema', 'requests'];
const SCRIPT = /\.(ts|tsx|mts|js|jsx|mjs)$/;

interface Project {
  readonly name: string;
  readonly language: 'Python' | 'TypeScript and JavaScript';
  readonly sources: readonly SourceFile[];
  /** What the edges are scored against. */
  readonly truth: () => Truth;
  readonly close: () => void;
}

async function scoreProject(project: Project, atomizer: Atomizer): Promise<void> {
  const { sources } = project;
  const files = await atomizer.atomize(sources, { withFacts: true });
  const texts = files.map((file, i) => ({ file, text: () => Buffer.from(sources[i]?.bytes ?? []).toString('utf8') }));
  report(project.name, score(files, assembleGraph(texts).edges, project.truth()));
}

const percent = (ratio: number): string => (ratio * 100).toFixed(2).padStart(6);

function report(name: string, s: Score): void {
  console.log(
    `${name.padEnd(14)} P ${percent(s.precision)}  R ${percent(s.recall)}  across files P ${percent(s.acrossPrecision)} R ${percent(s.acrossRecall)}` +
      `  pairs found ${String(s.found)}, wanted ${String(s.wanted)}`,
  );
  const kinds = Object.entries(s.recallByKind).map(([kind, n]) => `${kind} ${String(n.found)}/${String(n.wanted)}`);
  const types = Object.entries(s.precisionByType).map(([type, n]) => `${type} ${String(n.right)}/${String(n.found)}`);
  console.log(`    recall by kind: ${kinds.join(', ')}`);
  console.log(`    precision by type: ${types.join(', ')}`);
}

async function scriptProject(root: string): Promise<Project> {
  const all = (await readSources(root)).files;
  const sources = all.filter(
    (file) => (SCRIPT.test(file.path) && !file.path.endsWith('.d.ts')) || file.path.endsWith('.json'),
  );
  const paths = sources.filter((file) => SCRIPT.test(file.path)).map((file) => file.path);
  const name = basename(root) === 'src' || basename(root) === 'lib' ? basename(dirname(root)) : basename(root);
  const truth = (): Truth => typescriptTruth(root, paths);
  return { name, language: 'TypeScript and JavaScript', sources, truth, close: () => undefined };
}

async function pythonProject(root: string, python: string): Promise<Project> {
  // Alone in a folder of its own, so that nothing but its own files can be found.
  const folder = mkdtempSync(join(tmpdir(), 'mge-bench-graph-'));
  cpSync(root, join(folder, basename(root)), { recursive: true, filter: (path) => !path.includes('__pycache__') });
  const sources = (await readSources(folder)).files.filter((file) => file.path.endsWith('.py'));
  const truth = (): Truth => {
    const out = join(folder, 'truth.json');
    execFileSync(python, [join(here, 'python_truth.py'), folder, out], { stdio: 'inherit' });
    return JSON.parse(readFileSync(out, 'utf8')) as Truth;
  };
  const close = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  return { name: basename(root), language: 'Python', sources, truth, close };
}

/** Cost by language, over all projects of it: before the references are made, which take memory of their own. */
async function reportCpu(projects: readonly Project[]): Promise<void> {
  console.log('cpu: multiples of a bare parse of the same files; medians of 3');
  for (const language of new Set(projects.map((project) => project.language))) {
    const own = projects.filter((project) => project.language === language);
    const c = await measureCpu(own.map(({ sources }) => sources.filter((file) => !file.path.endsWith('.json'))));
    console.log(
      `  ${language}: ${String(c.files)} files, ${String(c.lines)} lines; parse ${String(c.parseMs)} ms; ` +
        `parse + atoms + context ${String(c.atoms)}, facts ${String(c.facts)}, edges ${String(c.edges)}, waves ${String(c.waves)}; ` +
        `all ${String(c.all)}, ${String(c.linesPerSecond)} lines/s; facts ${String(c.factsMb)} MB, peak of the process ${String(c.peakMb)} MB`,
    );
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
  const projects: Project[] = [];
  for (const root of [...chosen, ...beside]) {
    const files = (await readSources(root)).files;
    const pythons = files.filter((file) => file.language === 'python').length;
    if (pythons <= files.filter((file) => SCRIPT.test(file.path)).length) projects.push(await scriptProject(root));
    else if (jedi !== undefined) projects.push(await pythonProject(root, python));
  }
  try {
    await reportCpu(projects);
    const atomizer = createAtomizer();
    try {
      for (const project of projects) await scoreProject(project, atomizer);
    } finally {
      await atomizer.close();
    }
  } finally {
    for (const project of projects) project.close();
  }
}

await main();
