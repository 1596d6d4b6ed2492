/** Plans of the blueprints that make TypeScript for Node. */
import { readFileSync } from 'node:fs';
import prettier from 'prettier';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Plan, type PlannedTask, tasksOf } from '../../../src/domain/index.ts';
import { BACKEND_VERSIONS, FEATURE_VERSIONS } from '../../../src/masterplan/blueprints/fastify/versions.ts';
import { understandRequest } from '../../../src/masterplan/blueprints/request/understand.ts';
import { createBlueprintProvider } from '../../../src/masterplan/index.ts';

const provider = createBlueprintProvider();

function planOf(userRequest: string, spec: unknown = null): Promise<Plan> {
  return provider.plan({ userRequest, spec, seed: 0 }, new AbortController().signal);
}

function textOf(task: PlannedTask): string {
  return Buffer.from(task.draft!).toString('utf8');
}

/** Every type of field and relation, names as long as they may be, and an entity without a text. */
const WIDE_SPEC = {
  name: "Workshop's visits",
  entities: [
    {
      name: 'Maintenance appointment',
      fields: [
        'very_long_title_of_reco: text required',
        'extraordinary_descripti: longtext',
        'participants_expected_o: integer(1..10) required',
        'kind_of_maintenance_pe: enum(long_value_1|long_value_2) required default long_value_1',
        'is_confirmed_by_somebod: boolean',
        'material_cost_expected_: decimal(0..)',
        'begins_at: datetime required',
        'finishes_at: datetime',
        'announced_to_everyone_o: date',
      ],
      rules: ['begins_at before finishes_at'],
    },
    {
      name: 'Technician',
      fields: ['full_name: text(30) required unique'],
      relations: [
        'Maintenance appointment required',
        'Technician',
        { name: 'skills', entity: 'Skill', many: true },
      ].map((relation) => (relation === 'Technician' ? { name: 'superior', entity: 'Technician' } : relation)),
    },
    { name: 'Skill', fields: ['name: text(5) required'] },
    { name: 'Toggle', fields: ['turned_on: boolean'], relations: ['Technician required cascade'] },
  ],
};

describe.each([
  ['todo', 'A TODO app with Fastify and React', null],
  [
    'wide',
    'A Node API with sign-in, roles, file upload, CSV import, a trash, an audit trail, background jobs, rate limits and seed data',
    WIDE_SPEC,
  ],
] as const)('the Fastify plan of the %s project', (_name, request, spec) => {
  let plan: Plan;
  let tasks: PlannedTask[];
  let byPath: Map<string, PlannedTask>;

  beforeAll(async () => {
    plan = await planOf(request, spec);
    tasks = tasksOf(plan);
    byPath = new Map(tasks.map((task) => [task.filePath, task]));
  });

  it('is checked as a service on Node', () => {
    expect(plan.checks[0]).toEqual({ name: 'backend', directory: 'backend', toolchain: 'node' });
  });

  it('is formatted, and leaves nothing of the templates behind', async () => {
    for (const task of tasks.filter(({ filePath }) => /^backend\/.*\.(ts|json)$/.test(filePath))) {
      const options = { filepath: task.filePath, printWidth: 100, singleQuote: true };
      expect(await prettier.format(textOf(task), options), task.filePath).toBe(textOf(task));
      expect(textOf(task), task.filePath).not.toMatch(/\[object Object\]|undefined_|\bNaN\b/);
    }
  });

  it('depends along its imports, which all exist, without circles', () => {
    const done = new Set<string>();
    const visit = (path: string, trail: readonly string[]): void => {
      expect(trail, `circle at ${path}`).not.toContain(path);
      if (done.has(path)) return;
      byPath.get(path)!.dependsOn.forEach((next) => visit(next, [...trail, path]));
      done.add(path);
    };
    for (const task of tasks.filter(({ filePath }) => /^backend\/.*\.ts$/.test(filePath))) {
      visit(task.filePath, []);
      const imported = [...textOf(task).matchAll(/from '(\.[^']*)'/g)];
      expect(task.dependsOn.length, task.filePath).toBe(new Set(imported.map(([, path]) => path)).size);
    }
  });

  it('proves its criteria by tests that are there', () => {
    const criteria = tasks.flatMap((task) => task.acceptance).filter(({ test }) => test!.startsWith('test/'));
    expect(criteria.length).toBeGreaterThan(50);
    for (const { test } of criteria) {
      const [file = '', ...names] = test!.split(' > ');
      for (const name of names) expect(textOf(byPath.get(`backend/${file}`)!)).toContain(`('${name}'`);
    }
  });
});

describe('words of a request', () => {
  it.each([
    ['A Node.js API for books', null],
    ['A typescript backend for books, no front end', null],
    ['Books with Fastify and React', 'react'],
    ['A TODO app in node', 'react'],
  ])('"%s" asks for Fastify', (request, frontend) => {
    const { project, leftOut } = understandRequest(request);
    expect(project.stack).toEqual({ blueprint: 'fastify', frontend });
    expect(leftOut).toEqual([]);
  });

  it('says that Express is served as Fastify', () => {
    const { assumed, project } = understandRequest('A REST API for books with Express');
    expect(assumed).toContain('Express is served as Fastify');
    expect(project.stack).toEqual({ blueprint: 'fastify', frontend: null });
  });

  it.each(['A TypeScript library for books', 'An npm package for todos', 'A library in TypeScript for todos'])(
    '"%s" asks for a library',
    (request) => {
      const { project, leftOut } = understandRequest(request);
      expect(project.stack).toEqual({ blueprint: 'typescript-library', frontend: null });
      expect(leftOut).toEqual([]);
    },
  );

  it.each(['A Python library for books', 'A TypeScript SDK for todos'])('"%s" is still refused', (request) => {
    expect(() => understandRequest(request)).toThrow('libraries');
  });

  it('leaves express deliveries alone', () => {
    const { project } = understandRequest('Orders and customers with express delivery');
    expect(project.stack.blueprint).toBe('fastapi');
  });
});

it('pins the packages that this service itself is tested with', () => {
  const own = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    dependencies: Record<string, string>;
    devDependencies: Record<string, string>;
  };
  const pinned: Record<string, string>[] = [
    BACKEND_VERSIONS.dependencies,
    BACKEND_VERSIONS.devDependencies,
    ...Object.values(FEATURE_VERSIONS),
  ];
  for (const [name, version] of pinned.flatMap((packages) => Object.entries(packages)))
    expect({ ...own.devDependencies, ...own.dependencies }[name], name).toBe(version);
});
