import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import prettier from 'prettier';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Plan, type PlannedTask, tasksOf } from '../../../src/domain/index.ts';
import type { GenerationRequest } from '../../../src/adapters/llm/provider.ts';
import { FRONTEND_VERSIONS } from '../../../src/masterplan/blueprints/react/versions.ts';
import { createBlueprintProvider } from '../../../src/masterplan/index.ts';

const provider = createBlueprintProvider();

function planOf(userRequest: string, spec: unknown = null): Promise<Plan> {
  return provider.plan({ userRequest, spec, seed: 0 }, new AbortController().signal);
}

function textOf(task: PlannedTask): string {
  return Buffer.from(task.draft!).toString('utf8');
}

function hashOf(plan: Plan): string {
  const hash = createHash('sha256');
  for (const task of tasksOf(plan)) hash.update(`${task.filePath}\0`).update(task.draft!);
  return hash.digest('hex');
}

/** Names as long as they may be, every field type, two relations to one entity, one to itself. */
const WIDE_SPEC = {
  name: 'Long names',
  features: ['csv', 'soft_delete'],
  entities: [
    {
      name: 'Maintenance appointment',
      fields: [
        'very_long_title_of_reco: text required',
        'extraordinary_descripti: longtext',
        'participants_expected_o: integer(1..10) required',
        'kind_of_maintenance_pe: enum(long_value_1|long_value_2|long_value_3) required default long_value_1',
        'is_confirmed_by_somebod: boolean',
        'material_cost_expected_: decimal(0..)',
        'begins_at_the_latest_by: datetime required',
        'finishes_at_latest_by_d: datetime',
        'announced_to_everyone_o: date',
      ],
      rules: ['begins_at_the_latest_by before finishes_at_latest_by_d'],
    },
    {
      name: 'Responsible technician',
      fields: ['full_name_of_the_person: text(30) required unique'],
      relations: [
        'appointment_of_technici: Maintenance appointment required',
        'second_appointment_of_t: Maintenance appointment',
        'superior: Responsible technician',
        'appointments_of_helpers: many Maintenance appointment',
      ],
    },
    { name: 'Switch', fields: ['turned_on: boolean'] },
  ].map((entity) => (entity.name === 'Switch' ? { ...entity, name: 'Toggle' } : entity)),
};

const PLANS = [
  ['todo', 'Build a simple TODO app with FastAPI and React', null],
  ['library', 'Book library with authors and loans', null],
  ['wide', 'Something', WIDE_SPEC],
  ['Flask', 'A blog with Flask and React', null],
] as const;

describe.each(PLANS)('the plan of the %s project', (_name, request, spec) => {
  let plan: Plan;
  let tasks: PlannedTask[];
  let byPath: Map<string, PlannedTask>;

  beforeAll(async () => {
    plan = await planOf(request, spec);
    tasks = tasksOf(plan);
    byPath = new Map(tasks.map((task) => [task.filePath, task]));
  });

  it('has three phases, checks for both parts, and a draft for every task', () => {
    expect(plan.phases.map((phase) => phase.name)).toEqual(['setup', 'core', 'polish']);
    expect(plan.checks).toEqual([
      { name: 'backend', directory: 'backend', toolchain: 'python' },
      { name: 'frontend', directory: 'frontend', toolchain: 'react-vite' },
    ]);
    expect(tasks.filter((task) => task.draft === null || task.draft.length === 0)).toEqual([]);
    expect(
      plan.phases.flatMap((phase) => phase.milestones).filter((milestone) => milestone.tasks.length === 0),
    ).toEqual([]);
  });

  it('gives the same bytes again', async () => {
    expect(hashOf(await planOf(request, spec))).toBe(hashOf(plan));
  });

  it('is formatted as prettier leaves it', async () => {
    for (const task of tasks.filter((candidate) => /\.([jt]sx?|css|json|md|ya?ml|html)$/.test(candidate.filePath))) {
      const options = { filepath: task.filePath, printWidth: 100, singleQuote: true };
      expect(await prettier.format(textOf(task), options), task.filePath).toBe(textOf(task));
    }
  });

  it('keeps Python lines within 100 columns, without blanks at their ends or tabs', () => {
    for (const task of tasks.filter((candidate) => candidate.filePath.endsWith('.py'))) {
      const bad = textOf(task)
        .split('\n')
        .filter((line) => line.length > 100 || /\s$|\t/.test(line));
      expect(bad, task.filePath).toEqual([]);
      expect(textOf(task)).toMatch(/^"""[^\n]+\n/);
      expect(textOf(task).endsWith('\n') && !textOf(task).endsWith('\n\n')).toBe(true);
      expect(textOf(task)).not.toMatch(/\n{4,}/);
    }
  });

  it('leaves nothing of the templates behind', () => {
    for (const task of tasks) {
      if (/\.tsx?$/.test(task.filePath)) expect(textOf(task)).not.toMatch(/\bundefined_|\[object Object\]/);
      else expect(textOf(task), task.filePath).not.toMatch(/\$\{|undefined|\[object Object\]|NaN/);
    }
  });

  it('depends along the imports, all of which exist, without circles', () => {
    const done = new Set<string>();
    const visit = (path: string, trail: readonly string[]): void => {
      expect(trail, `circle at ${path}`).not.toContain(path);
      if (done.has(path)) return;
      for (const next of byPath.get(path)!.dependsOn) {
        expect(byPath.has(next), `${path} depends on ${next}`).toBe(true);
        visit(next, [...trail, path]);
      }
      done.add(path);
    };
    tasks.forEach((task) => visit(task.filePath, []));
    const specifiers = tasks
      .filter((task) => /^frontend\/src.*\.tsx?$/.test(task.filePath))
      .flatMap((task) => [...textOf(task).matchAll(/(?:from|import) '(\.[^']*)'/g)].map(() => task.filePath));
    const withImports = tasks.filter((task) => specifiers.includes(task.filePath));
    expect(withImports.every((task) => task.dependsOn.length > 0)).toBe(true);
  });

  it('proves its criteria by tests that are there', () => {
    const criteria = tasks.flatMap((task) => task.acceptance);
    expect(criteria.length).toBeGreaterThan(100);
    for (const { test, text, priority } of criteria) {
      expect(text.startsWith(`${priority.toUpperCase()}: `)).toBe(true);
      const [file = '', ...rest] = test!.split(/ > |::/);
      const source = textOf(byPath.get(file.startsWith('tests/') ? `backend/${file}` : `frontend/${file}`)!);
      for (const name of rest) expect(source).toContain(file.endsWith('.py') ? `def ${name}(` : `('${name}'`);
    }
  });
});

describe('the blueprint provider', () => {
  it('gives different projects to different requests', async () => {
    const [todo, library] = await Promise.all([planOf(PLANS[0][1]), planOf(PLANS[1][1])]);

    const paths = (plan: Plan) => new Set(tasksOf(plan).map((task) => task.filePath));
    expect(paths(todo).has('backend/app/models/todo.py')).toBe(true);
    expect(paths(todo).has('backend/app/models/book.py')).toBe(false);
    expect(paths(library).has('backend/app/models/book.py')).toBe(true);
    expect(paths(library).has('backend/app/models/todo.py')).toBe(false);
  });

  it('pins the packages that this service itself is tested with', () => {
    const own = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
      dependencies: Record<string, string>;
      devDependencies: Record<string, string>;
    };
    const installed = { ...own.devDependencies, ...own.dependencies };

    for (const [name, version] of Object.entries({
      ...FRONTEND_VERSIONS.dependencies,
      ...FRONTEND_VERSIONS.devDependencies,
    })) {
      expect(installed[name], name).toBe(version);
    }
  });

  it('hands out its own draft, at no cost and under no model', async () => {
    const draft = Buffer.from('x = 1\n');
    const request = { atom: { draft } } as unknown as GenerationRequest;

    expect(provider.reserveUsd(request)).toBe(0);
    expect(await provider.generate(request, new AbortController().signal)).toEqual({
      code: draft,
      model: null,
      tokensIn: 0,
      tokensOut: 0,
      costUsd: 0,
    });
  });

  it('stops planning when it is told to', async () => {
    await expect(provider.plan({ userRequest: 'todo', spec: null, seed: 0 }, AbortSignal.abort())).rejects.toThrow();
  });
});
