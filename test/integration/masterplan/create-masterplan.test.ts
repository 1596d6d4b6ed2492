import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/adapters/runtime.ts';
import { createLogger } from '../../../src/adapters/telemetry/logger.ts';
import { newId } from '../../../src/db/ids.ts';
import * as schema from '../../../src/db/schema/index.ts';
import { type MasterplanId, MgeError } from '../../../src/domain/index.ts';
import {
  createBlueprintProvider,
  createMasterplan,
  deleteMasterplan,
  getMasterplan,
  listMasterplans,
  listTasks,
  type CreateMasterplanInput,
  type PlanningDeps,
} from '../../../src/masterplan/index.ts';
import { MANIFEST_PATH } from '../../../src/execution/export-artifact.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
let deps: PlanningDeps;

beforeAll(async () => {
  database = await createTestDatabase();
  const blueprint = createBlueprintProvider();
  deps = {
    db: database.db,
    log: createLogger('silent'),
    clock: systemClock,
    providers: (name) => {
      if (name === 'blueprint') return blueprint;
      if (name === 'writer') return { ...blueprint, name: 'writer', model: 'some-model' };
      throw new MgeError('REQUEST_NOT_SERVED', `There is no provider "${name}".`);
    },
    defaults: { provider: 'blueprint', budgetUsd: 200, concurrency: 100 },
  };
});

afterAll(() => database.drop());

const REQUEST = 'Build a simple TODO app with FastAPI and React';

function input(values: Partial<CreateMasterplanInput> = {}): CreateMasterplanInput {
  return { userRequest: REQUEST, userId: 'alice', sessionId: 'session-1', ...values };
}

async function problemOf(values: Partial<CreateMasterplanInput>): Promise<MgeError> {
  return createMasterplan(deps, input(values)).then(
    () => Promise.reject(new Error('it should have been refused')),
    (error: MgeError) => error,
  );
}

async function countPlans(): Promise<number> {
  const result = await database.pool.query<{ n: number }>('select count(*)::int as n from discovery_documents');
  return result.rows[0]!.n;
}

describe('createMasterplan', () => {
  it('stores a planned project as a whole', async () => {
    const view = await createMasterplan(deps, input());
    const tasks = await listTasks(deps, view.masterplanId);

    expect(view).toMatchObject({
      projectName: 'Todo app',
      userRequest: REQUEST,
      userId: 'alice',
      provider: 'blueprint',
      planningStatus: 'ready',
      totalPhases: 3,
      totalTasks: tasks.length,
      config: { provider: 'blueprint', budget_usd: 200, concurrency: 100, max_attempts: 4, seed: 0 },
    });
    expect(view.checks.map((check) => check.toolchain)).toEqual(['python', 'react-vite']);
    expect(view.understood).toContain('Todo: title, description, priority, due date, done');
    expect(tasks.map((task) => task.taskNumber)).toEqual(tasks.map((_, index) => index + 1));
    expect(tasks.every((task) => task.hasDraft && task.draftBytes > 0)).toBe(true);
    expect(await getMasterplan(deps, view.masterplanId)).toEqual(view);
  });

  it('stores dependencies as ids in both directions, each pointing at a task of the plan', async () => {
    const view = await createMasterplan(deps, input());
    const tasks = await listTasks(deps, view.masterplanId);
    const byPath = new Map(tasks.map((task) => [task.filePath, task]));

    expect(byPath.get('backend/app/routers/todo.py')!.dependsOn).toContain(
      byPath.get('backend/app/services/todo.py')!.taskId,
    );
    const { rows } = await database.pool.query<{ n: number }>(
      `select count(*)::int as n from masterplan_tasks t, jsonb_array_elements_text(t.depends_on_tasks) d
         join masterplan_tasks o on o.task_id = d::uuid
        where t.masterplan_id = $1 and o.masterplan_id = $1 and o.blocks_tasks ? t.task_id::text`,
      [view.masterplanId],
    );
    expect(rows[0]!.n).toBe(tasks.reduce((sum, task) => sum + task.dependsOn.length, 0));
    expect(rows[0]!.n).toBeGreaterThan(100);
  });

  it('stores own tasks and files beside each other, byte for byte', async () => {
    const latin = Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x0a]);
    const view = await createMasterplan(
      deps,
      input({
        userRequest: 'Count words',
        tasks: [
          {
            name: 'Counter',
            description: 'Counts',
            file_path: 'src/count.py',
            code: 'def count(text):\n    return len(text.split())\n',
          },
          {
            name: 'Tests',
            description: 'Proves it',
            file_path: 'tests/test_count.py',
            code: 'from src.count import count\n\n\ndef test_count():\n    assert count("a b") == 2\n',
            tests: ['tests/test_count.py::test_count'],
            depends_on: ['Counter'],
          },
        ],
        files: [
          { path: 'docs/café.txt', content: latin.toString('base64'), encoding: 'base64' },
          { path: 'docs/bom.md', content: '\uFEFF# Title\r\n' },
          { path: 'docs/nul.bin', content: 'a\0b' },
        ],
      }),
    );
    const { rows } = await database.pool.query<{ file_path: string; bytes: Buffer }>(
      `select file_path, coalesce(draft_bytes, convert_to(llm_response, 'UTF8')) as bytes
         from masterplan_tasks where masterplan_id = $1 order by task_number`,
      [view.masterplanId],
    );
    const stored = new Map(rows.map((row) => [row.file_path, row.bytes]));
    const tasks = await listTasks(deps, view.masterplanId);

    expect(stored.get('docs/café.txt')).toEqual(latin);
    expect(stored.get('docs/bom.md')!.toString('utf8')).toBe('\uFEFF# Title\r\n');
    expect(stored.get('docs/nul.bin')!.toString('utf8')).toBe('a\0b');
    expect(tasks.find((task) => task.name === 'Tests')).toMatchObject({
      language: 'python',
      dependsOn: [tasks.find((task) => task.name === 'Counter')!.taskId],
      acceptance: [{ test: 'tests/test_count.py::test_count', priority: 'must' }],
    });
    expect(view.checks).toEqual([{ name: 'python:.', directory: '.', toolchain: 'python' }]);
  });

  it('leaves nothing behind when storing fails midway', async () => {
    const before = await countPlans();
    const broken = { ...deps, db: failingAfter(database.db, 4) };

    await expect(createMasterplan(broken, input())).rejects.toThrow('broken on purpose');

    expect(await countPlans()).toBe(before);
  });

  it('refuses what it cannot build and stores nothing', async () => {
    const before = await countPlans();

    const error = await problemOf({ userRequest: 'A Rust game engine' });

    expect(error.code).toBe('REQUEST_NOT_SERVED');
    expect(error.details).toHaveProperty('can.entities');
    expect(await countPlans()).toBe(before);
  });

  it.each([
    [{ userRequest: '   ' }, '/user_request'],
    [{ userRequest: 'a todo app\0' }, '/user_request'],
    [{ userId: '' }, '/user_id'],
    [{ sessionId: 'x'.repeat(101) }, '/session_id'],
    [{ config: { max_attempts: 0 } }, '/config/max_attempts'],
    [{ config: { budget_usd: Number.NaN } }, '/config/budget_usd'],
    [{ config: { review_fraction: 1.1 } }, '/config/review_fraction'],
    [{ config: { color: 'red' } as never }, '/config/color'],
    [{ spec: { entities: [{ name: 'Animal', fields: ['name: string'] }] } }, '/spec/entities/0/fields/0'],
    [{ files: [{ path: '../up.py', content: '' }] }, '/files/0/path'],
    [{ files: [{ path: 'a.py', content: '@@', encoding: 'base64' as const }] }, '/files/0/content'],
    [
      {
        files: [
          { path: 'a.py', content: '' },
          { path: 'A.py', content: '' },
        ],
      },
      '/files/1/path',
    ],
    [
      {
        files: [
          { path: 'a/b.py', content: '' },
          { path: 'a', content: '' },
        ],
      },
      '/files/1/path',
    ],
  ])('points at what is wrong: %j', async (values, pointer) => {
    const error = await problemOf(values);

    expect(error.code).toBe('VALIDATION_FAILED');
    expect(error.fields.map((field) => field.pointer)).toEqual([pointer]);
  });

  it('keeps the name of the manifest free at the root of the project, and only there', async () => {
    const file = (path: string) => ({ path, content: '{}' });
    for (const path of [MANIFEST_PATH, MANIFEST_PATH.toUpperCase()]) {
      const error = await problemOf({ files: [file('a.py'), file(path)] });
      expect(error.fields).toEqual([
        { pointer: '/files/1/path', detail: expect.stringContaining('manifest') as string },
      ]);
    }
    const view = await createMasterplan(deps, input({ files: [file(`docs/${MANIFEST_PATH}`)] }));
    expect(view.totalTasks).toBe(1);
  });

  it('refuses dependencies that are unknown, ambiguous or circular', async () => {
    const task = (name: string, depends_on: string[] = [], file_path = `${name}.py`) => ({
      name,
      description: '',
      file_path,
      code: '',
      depends_on,
    });

    expect((await problemOf({ tasks: [task('a', ['nobody'])] })).fields[0]!.pointer).toBe('/tasks/0/depends_on/0');
    expect((await problemOf({ tasks: [task('a'), task('b'), task('a', [], 'other.py')] })).fields).toEqual([
      { pointer: '/tasks/2/name', detail: expect.stringContaining('/tasks/0') as string },
    ]);
    const circle = await problemOf({ tasks: [task('a', ['b']), task('b', ['c']), task('c', ['a'])] });
    expect(circle.fields[0]).toMatchObject({
      pointer: '/tasks/0/depends_on',
      detail: expect.stringContaining('a.py -> b.py -> c.py -> a.py') as string,
    });
  });

  it('refuses tasks without code under the blueprint provider only', async () => {
    const tasks = [{ name: 'Parser', description: 'Parses', file_path: 'parser.py' }];

    const error = await problemOf({ tasks });
    expect(error.code).toBe('REQUEST_NOT_SERVED');
    expect(error.message).toContain('"Parser" (parser.py)');

    const view = await createMasterplan(deps, input({ tasks, config: { provider: 'writer' } }));
    expect(view).toMatchObject({ provider: 'writer', model: 'some-model', totalTasks: 1 });
  });

  it('refuses requests that are too long', async () => {
    expect((await problemOf({ userRequest: 'todo '.repeat(5_000) })).code).toBe('LIMIT_EXCEEDED');
  });
});

describe('listing and deleting', () => {
  it('pages through the masterplans of a user, newest first, each once', async () => {
    const created: MasterplanId[] = [];
    for (let index = 0; index < 5; index += 1) {
      const view = await createMasterplan(
        deps,
        input({ userId: 'pager', files: [{ path: 'a.txt', content: `${index}\n` }] }),
      );
      created.unshift(view.masterplanId);
    }
    // Rows of one instant must not be lost or doubled between pages.
    await database.db.execute(sql`update masterplans set created_at = '2024-01-01' where user_id = 'pager'`);

    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await listMasterplans(deps, { userId: 'pager', limit: 2, ...(cursor === null ? {} : { cursor }) });
      seen.push(...page.items.map((item) => item.masterplanId));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(created);
  });

  it('hides a deleted masterplan and keeps its rows', async () => {
    const { masterplanId } = await createMasterplan(
      deps,
      input({ userId: 'deleter', files: [{ path: 'a.txt', content: 'a\n' }] }),
    );

    await deleteMasterplan(deps, masterplanId);

    expect(await getMasterplan(deps, masterplanId)).toBeNull();
    expect((await listMasterplans(deps, { userId: 'deleter', limit: 10 })).items).toEqual([]);
    expect(await database.db.$count(schema.masterplanTasks, sql`masterplan_id = ${masterplanId}`)).toBe(1);
    await expect(deleteMasterplan(deps, masterplanId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('does not delete while an execution is active', async () => {
    const { masterplanId } = await createMasterplan(deps, input({ files: [{ path: 'a.txt', content: 'a\n' }] }));
    await startFakeExecution(masterplanId);

    await expect(deleteMasterplan(deps, masterplanId)).rejects.toMatchObject({ code: 'EXECUTION_RUNNING' });
    expect(await getMasterplan(deps, masterplanId)).not.toBeNull();
  });
});

async function startFakeExecution(masterplanId: MasterplanId): Promise<void> {
  const graphId = newId<string>();
  await database.db.insert(schema.dependencyGraphs).values({
    graphId,
    masterplanId,
    graphData: {},
    sourceSha256: '',
    totalAtoms: 0,
    totalEdges: 0,
    totalWaves: 0,
    maxParallelism: 0,
    hasCycles: false,
    topologicalOrder: [],
  });
  await database.db.insert(schema.executions).values({
    executionId: newId<string>(),
    masterplanId,
    graphId,
    status: 'running',
    provider: 'blueprint',
    concurrency: 1,
    maxAttempts: 1,
    startedBy: 'test',
  });
}

/** The database with a transaction whose statements fail after the first `allowed` inserts. */
function failingAfter(db: PlanningDeps['db'], allowed: number): PlanningDeps['db'] {
  const transaction: PlanningDeps['db']['transaction'] = (run) =>
    db.transaction((tx) => {
      let inserts = 0;
      const insert: typeof tx.insert = (table) => {
        inserts += 1;
        if (inserts > allowed) throw new Error('broken on purpose');
        return tx.insert(table);
      };
      return run(Object.assign(Object.create(tx) as typeof tx, { insert }));
    });
  return Object.assign(Object.create(db) as PlanningDeps['db'], { transaction });
}
