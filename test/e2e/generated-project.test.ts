/**
 * Generated projects do what they promise: their own tests pass, they type-check and build.
 * Python's packages are those of the system (Debian: python3-fastapi python3-flask python3-httpx python3-jwt python3-pytest
 * python3-sqlalchemy); the front end's are this repository's own, of the same versions.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { type Plan, tasksOf } from '../../src/domain/index.ts';
import { createBlueprintProvider } from '../../src/masterplan/index.ts';
import { FEATURE_IDS } from '../../src/masterplan/blueprints/model.ts';

const run = promisify(execFile);
const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const PYTHON = process.env['MGE_TEST_PYTHON'] ?? '/usr/bin/python3';

interface Project {
  readonly root: string;
  readonly plan: Plan;
}

const projects = new Map<string, Project>();

/** Every delete rule, a relation to itself and one of many with many, with every feature. */
const ZOO = {
  name: 'Zoo',
  stack: { frontend: 'none' },
  features: FEATURE_IDS,
  entities: [
    { name: 'keeper', fields: ['name: text(80) required unique'] },
    {
      name: 'animal',
      fields: ['name!', 'species: enum(mammal|bird) required', 'born_at: datetime', 'weight: decimal(0..500)'],
      relations: ['keeper required', 'deputy: keeper', 'mother: animal', 'helpers: many keeper'],
    },
    { name: 'feeding', fields: ['fed_on!: date'], relations: ['animal required cascade'] },
  ],
};

/** The same in Flask. */
const FLASK_ZOO = { ...ZOO, stack: { blueprint: 'flask', frontend: 'none' } };

const FASTIFY_ZOO = {
  ...ZOO,
  stack: { blueprint: 'fastify', frontend: 'none' },
  features: ['auth', 'roles', 'csv', 'soft_delete', 'rate_limit', 'seed'],
};

/** Every page and panel that a front end can have. */
const PAGES = { ...FLASK_ZOO, stack: { blueprint: 'flask', frontend: 'react' } };

async function generate(name: string, userRequest: string, spec: unknown = null): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), `mge-generated-${name}-`));
  const plan = await createBlueprintProvider().plan({ userRequest, spec, seed: 0 }, new AbortController().signal);
  for (const task of tasksOf(plan)) {
    const path = join(root, task.filePath);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, task.draft!);
  }
  for (const { directory, toolchain } of plan.checks)
    if (toolchain !== 'python') await symlink(join(REPOSITORY, 'node_modules'), join(root, directory, 'node_modules'));
  projects.set(name, { root, plan });
}

beforeAll(async () => {
  await generate('todo', 'Build a simple TODO app with FastAPI and React');
  await generate('library', 'Book library with authors and loans');
  await generate('zoo', 'A FastAPI back end', ZOO);
  await generate('Flask', 'A Flask back end', FLASK_ZOO);
  await generate('pages', 'A zoo', PAGES);
  await generate('command line', 'A Python command line tool for tasks and projects');
  await generate('Fastify zoo', 'Fastify', FASTIFY_ZOO);
  await generate('TypeScript library', 'A TypeScript library for a book library with loans');
});

afterAll(async () => {
  for (const { root } of projects.values()) await rm(root, { recursive: true, force: true });
});

/** Runs a program in a part of a project, without this test run's environment; fails with what it printed. */
async function runIn(project: Project, part: string, program: string, args: readonly string[]): Promise<void> {
  const env = { PATH: process.env['PATH'] ?? '', HOME: project.root, PYTHONDONTWRITEBYTECODE: '1' };
  try {
    await run(program, args, { cwd: join(project.root, part), env, timeout: 200_000, maxBuffer: 16 * 1024 * 1024 });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(
      `${program} ${args.join(' ')} failed in ${part}:\n${stdout.slice(-4_000)}\n${stderr.slice(-4_000)}`,
      {
        cause: error,
      },
    );
  }
}

async function skipWithoutPython(context: TestContext, modules = 'fastapi, httpx, pytest, sqlalchemy'): Promise<void> {
  const missing = await run(PYTHON, ['-c', `import ${modules}`]).then(
    () => null,
    (error: Error) => error.message.trim().split('\n').at(-1) ?? 'unknown reason',
  );
  context.skip(missing !== null, `${PYTHON} cannot run the generated back end: ${missing ?? ''}`);
}

function promisedTests(plan: Plan, part: 'tests/' | 'src/' | 'test/'): string[] {
  const named = tasksOf(plan).flatMap((task) => task.acceptance.map((criterion) => criterion.test!));
  return [...new Set(named)].filter((name) => name.startsWith(part)).sort();
}

describe('the generated back end', () => {
  it.for(['todo', 'library', 'zoo', 'Flask'])(
    'passes its own tests, among them all that the %s plan promises',
    async (name, context) => {
      await skipWithoutPython(context, name === 'Flask' ? 'flask, jwt, pytest, sqlalchemy' : undefined);
      const project = projects.get(name)!;

      await runIn(project, 'backend', PYTHON, [
        '-m',
        'pytest',
        '-q',
        '-p',
        'no:cacheprovider',
        '--junitxml=report.xml',
      ]);

      const report = await readFile(join(project.root, 'backend/report.xml'), 'utf8');
      const cases = [...report.matchAll(/<testcase classname="([\w.]+)" name="([^"]+)"[^>]*?\/>/g)];
      const passed = new Set(cases.map(([, module = '', test = '']) => `${module.replaceAll('.', '/')}.py::${test}`));
      const promised = promisedTests(project.plan, 'tests/');
      expect(promised.length).toBeGreaterThan(20);
      expect(promised.filter((test) => !passed.has(test))).toEqual([]);
    },
  );
});

describe('the generated command-line tool', () => {
  it('passes its own tests, among them all that the plan promises', async (context) => {
    await skipWithoutPython(context);
    const project = projects.get('command line')!;

    await runIn(project, '.', PYTHON, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--junitxml=report.xml']);

    const report = await readFile(join(project.root, 'report.xml'), 'utf8');
    const cases = [...report.matchAll(/<testcase classname="([\w.]+)" name="([^"]+)"[^>]*?\/>/g)];
    const passed = new Set(cases.map(([, module = '', test = '']) => `${module.replaceAll('.', '/')}.py::${test}`));
    const promised = promisedTests(project.plan, 'tests/');
    expect(promised.length).toBeGreaterThan(15);
    expect(promised.filter((test) => !passed.has(test))).toEqual([]);
  });
});

interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

/** Runs the tests of a part; all that the plan promises of its folder must be among those that pass. */
async function runVitest(project: Project, part: string, tests: 'src/' | 'test/'): Promise<void> {
  const vitest = join(REPOSITORY, 'node_modules/.bin/vitest');
  await runIn(project, part, vitest, ['run', '--pool=threads', '--reporter=json', '--outputFile=report.json']);
  const folder = join(project.root, part);
  const report = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as VitestReport;
  const passed = report.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter((result) => result.status === 'passed')
      .map((result) => [relative(folder, name), ...result.ancestorTitles, result.title].join(' > ')),
  );
  const promised = promisedTests(project.plan, tests);
  expect(promised.length).toBeGreaterThan(20);
  expect(promised.filter((test) => !passed.includes(test))).toEqual([]);
}

describe('the generated front end', () => {
  it('type-checks and builds', async () => {
    const project = projects.get('library')!;

    await runIn(project, 'frontend', join(REPOSITORY, 'node_modules/.bin/tsc'), ['--noEmit']);
    await runIn(project, 'frontend', join(REPOSITORY, 'node_modules/.bin/vite'), ['build']);

    expect(await readFile(join(project.root, 'frontend/dist/index.html'), 'utf8')).toContain(
      '<title>Book library</title>',
    );
  });

  it('passes its own tests, among them all that the plan promises', async () => {
    await runVitest(projects.get('library')!, 'frontend', 'src/');
  });

  it('does all of that with the pages of all features', async () => {
    const project = projects.get('pages')!;

    await runIn(project, 'frontend', join(REPOSITORY, 'node_modules/.bin/tsc'), ['--noEmit']);
    await runVitest(project, 'frontend', 'src/');
  });

  it.for(['library', 'pages'])('%s: is as its linter and its formatter want it', async (name) => {
    const project = projects.get(name)!;

    await runIn(project, 'frontend', join(REPOSITORY, 'node_modules/.bin/eslint'), ['.', '--max-warnings', '0']);
    await runIn(project, 'frontend', join(REPOSITORY, 'node_modules/.bin/prettier'), ['--check', '.', '!report.json']);
  });
});

describe('generated TypeScript for Node', () => {
  it.for([
    ['Fastify zoo', 'backend'],
    ['TypeScript library', '.'],
  ] as const)('%s: type-checks, builds and passes its own tests', async ([name, part]) => {
    const project = projects.get(name)!;
    const compiler = join(REPOSITORY, 'node_modules/.bin/tsc');

    await runIn(project, part, compiler, ['--noEmit']);
    await runIn(project, part, compiler, ['-p', 'tsconfig.build.json']);
    await runVitest(project, part, 'test/');
  });
});
