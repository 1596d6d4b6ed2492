/**
 * Scores the edges from requests to routes on generated projects against what happens when they run: the project's own tests ask the
 * application, which says what handler it took; each client object of the front end is called, and what it requests is looked up in
 * the application's own OpenAPI.
 *
 *   node --import tsx bench/graph/cross.ts [--python EXE] [REQUEST…]
 *
 * Python needs fastapi, sqlalchemy, httpx and pytest. What only a line that never ran would ask counts against precision.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createAtomizer, type Atomizer } from '../../src/atomization/index.ts';
import { tasksOf, type SourceFile } from '../../src/domain/index.ts';
import { graphFiles, type GraphedFolder } from '../../src/graph/index.ts';
import { createBlueprintProvider } from '../../src/masterplan/index.ts';

const here = dirname(fileURLToPath(import.meta.url));
const REQUESTS = ['Build a simple TODO app with FastAPI and React', 'Book library with authors and loans'];

/** A line that asks and the line of the handler that serves it, as `file:line`. */
type Pair = readonly [asks: string, serves: string];

interface Observed {
  readonly asked: readonly (readonly [string, number, string, number, string])[];
  readonly routes: readonly (readonly [string, string, string, number])[];
}

async function generate(userRequest: string): Promise<SourceFile[]> {
  const plan = await createBlueprintProvider().plan({ userRequest, spec: null, seed: 0 }, new AbortController().signal);
  return tasksOf(plan).map(({ filePath, language, draft }) => ({
    path: filePath,
    language,
    bytes: draft ?? new Uint8Array(),
  }));
}

function observe(folder: string, python: string): Observed {
  const out = join(folder, 'truth.json');
  execFileSync(python, ['-m', 'pytest', '-q', '-p', 'http_truth', '-p', 'no:cacheprovider'], {
    cwd: join(folder, 'backend'),
    env: { ...process.env, PYTHONPATH: here, PYTHONDONTWRITEBYTECODE: '1', MGE_HTTP_TRUTH: out },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return JSON.parse(readFileSync(out, 'utf8')) as Observed;
}

/** What the operations of every client object request, by the line that makes the object. */
async function clientRequests(folder: string, files: readonly SourceFile[]): Promise<[string, string, string][]> {
  const found: [string, string, string][] = [];
  const paths = files.map((file) => file.path).filter((path) => /^frontend\/src\/api\/[\w-]+\.ts$/.test(path));
  for (const path of paths.filter((name) => !name.endsWith('.test.ts'))) {
    const text = readFileSync(join(folder, path), 'utf8');
    const module = (await import(pathToFileURL(join(folder, path)).href)) as Record<string, unknown>;
    for (const [name, value] of Object.entries(module)) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) continue;
      const line = text.slice(0, text.indexOf(`export const ${name}`)).split('\n').length;
      for (const operation of Object.values(value)) {
        if (typeof operation !== 'function') continue;
        for (const [method, asked] of await requestsOf(operation as (...values: unknown[]) => unknown))
          found.push([`${path}:${String(line)}`, method, asked]);
      }
    }
  }
  return found;
}

async function requestsOf(operation: (...values: unknown[]) => unknown): Promise<[string, string][]> {
  const asked: [string, string][] = [];
  const real = globalThis.fetch;
  globalThis.fetch = (path, options) => {
    const url = typeof path === 'string' ? path : path instanceof URL ? path.href : path.url;
    asked.push([options?.method ?? 'GET', url.split('?')[0] ?? '']);
    return Promise.resolve(new Response('{}', { status: 200 }));
  };
  try {
    await operation(operation.length === 1 ? {} : 1, {});
  } finally {
    globalThis.fetch = real;
  }
  return asked;
}

function truthOf({ asked, routes }: Observed, client: readonly [string, string, string][]): Pair[] {
  const inTests = asked.map(([file, line, served, at]): Pair => [
    `backend/${file}:${String(line)}`,
    `backend/${served}:${String(at)}`,
  ]);
  const inClient = client.flatMap(([asks, method, path]): Pair[] => {
    const fitting = routes.filter(([m, pattern]) => m === method && fits(pattern, path));
    return fitting.map(([, , file, line]) => [asks, `backend/${file}:${String(line)}`]);
  });
  return [...inTests, ...inClient];
}

const fits = (pattern: string, path: string): boolean =>
  new RegExp(`^${pattern.replace(/\{\w+\}/g, '[^/]+')}$`).test(path);

function score(graph: GraphedFolder, truth: readonly Pair[]): void {
  const atomAt = (place: string): string => {
    const [file = '', line = ''] = place.split(':');
    const atom = graph.atoms.find((a) => a.file === file && a.startLine <= Number(line) && Number(line) <= a.endLine);
    return atom?.id ?? place;
  };
  const id = (index: number): string => graph.atoms[index]?.id ?? '';
  const wanted = new Set(truth.map(([asks, serves]) => `${atomAt(asks)} -> ${atomAt(serves)}`));
  const found = new Set(
    graph.edges.filter((e) => e.reason.startsWith('requests ')).map((e) => `${id(e.from)} -> ${id(e.to)}`),
  );
  const right = [...found].filter((pair) => wanted.has(pair)).length;
  const wrong = [...found].filter((pair) => !wanted.has(pair));
  const missing = [...wanted].filter((pair) => !found.has(pair));
  const { size } = found;
  const percent = (part: number, whole: number): number => Math.round((10_000 * part) / Math.max(1, whole)) / 100;
  console.log(
    JSON.stringify({
      precision: percent(right, size),
      recall: percent(right, wanted.size),
      found: size,
      wanted: wanted.size,
      wrong,
      missing,
    }),
  );
}

async function scoreProject(request: string, python: string, atomizer: Atomizer): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mge-bench-cross-'));
  try {
    const files = await generate(request);
    for (const { path, bytes } of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    }
    const [observed, client] = [observe(folder, python), await clientRequests(folder, files)];
    const truth = truthOf(observed, client);
    console.log(
      `${request}: ${String(observed.asked.length)} places of tests, ${String(client.length)} requests of clients`,
    );
    score(await graphFiles(atomizer, files), truth);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const args = process.argv.slice(2);
const at = args.indexOf('--python');
const [, python = '/usr/bin/python3'] = at >= 0 ? args.splice(at, 2) : [];
const atomizer = createAtomizer({ threads: 1 });
try {
  for (const request of args.length > 0 ? args : REQUESTS) await scoreProject(request, python, atomizer);
} finally {
  await atomizer.close();
}
